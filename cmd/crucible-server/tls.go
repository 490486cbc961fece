package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crucible-cache/crucible/internal/command"
	"github.com/crucible-cache/crucible/internal/config"
	"github.com/crucible-cache/crucible/internal/listen"
)

// clientAuth is what Redis and the profile call the same.
var clientAuth = map[string]string{"no": "off", "yes": "required", "optional": "optional"}

// tlsSettings are a listener's as CONFIG GET shows them.
func tlsSettings(t config.TLS) command.TLSSettings {
	s := command.TLSSettings{CertFile: t.Cert, KeyFile: t.Key, CAFile: t.ClientCA, Ciphers: t.Ciphers}
	for redis, ours := range clientAuth {
		if ours == t.ClientAuth {
			s.AuthClients = redis
		}
	}
	switch {
	case t.MinVersion == "1.3":
		s.Protocols = "TLSv1.3"
	case t.MaxVersion == "1.2":
		s.Protocols = "TLSv1.2"
	}
	return s
}

// setTLS makes what CONFIG SET says hold for all Redis listeners that speak TLS,
// or for none. Connections that are open stay as they are. Where nobody speaks TLS anything may
// be set, as in Redis, and is looked at when somebody is to.
func (a *appliance) setTLS(s command.TLSSettings) error {
	var certificates []*listen.Certificates
	for _, l := range a.sockets.all() {
		if l.Certificates != nil && l.Config.Protocol != "memcache" && !slices.Contains(certificates, l.Certificates) {
			certificates = append(certificates, l.Certificates)
		}
	}
	if len(certificates) == 0 {
		return nil
	}
	t, err := listenerTLS(s)
	if err != nil {
		return err
	}
	if _, err := listen.LoadCertificates(t); err != nil {
		return err
	}
	for _, c := range certificates {
		if err := c.Reload(t); err != nil {
			return err // cannot be: the files have just been read
		}
	}
	return nil
}

// listenerTLS is the way back from tlsSettings.
func listenerTLS(s command.TLSSettings) (config.TLS, error) {
	t := config.TLS{
		Cert: s.CertFile, Key: s.KeyFile, ClientCA: s.CAFile, ClientAuth: clientAuth[s.AuthClients],
		MinVersion: "1.2", Ciphers: s.Ciphers,
	}
	switch words := strings.Fields(s.Protocols); {
	case len(words) == 0:
	case len(words) == 1 && strings.EqualFold(words[0], "TLSv1.2"):
		t.MaxVersion = "1.2"
	case len(words) == 1 && strings.EqualFold(words[0], "TLSv1.3"):
		t.MinVersion = "1.3"
	case len(words) != 2 || !strings.EqualFold(strings.Join(words, " "), "TLSv1.2 TLSv1.3") && !strings.EqualFold(strings.Join(words, " "), "TLSv1.3 TLSv1.2"):
		return t, fmt.Errorf("tls-protocols %q: TLSv1.2 and TLSv1.3 are available", s.Protocols)
	}
	if t.ClientCA == "" && t.ClientAuth != "off" {
		return t, fmt.Errorf("tls-auth-clients %s needs tls-ca-cert-file", s.AuthClients)
	}
	return t, nil
}

// secureModel makes what a new listener with TLS is like of the parameters as they are now,
// unless one is open that has followed them.
func (a *appliance) secureModel() error {
	m := &a.sockets.models[secure]
	if slices.ContainsFunc(a.sockets.open, func(l *listen.Listener) bool { return l.Certificates == m.certificates && m.certificates != nil }) {
		return nil
	}
	t, err := listenerTLS(a.server.Params.TLS())
	if err == nil {
		m.certificates, err = listen.LoadCertificates(t)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", command.ErrTLS, err)
	}
	return nil
}
