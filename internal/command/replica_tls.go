package command

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
)

// secured returns the connection to speak to the master on: with TLS, if tls-replication says so.
func (l *link) secured(ctx context.Context, conn net.Conn) (net.Conn, error) {
	p := l.server.Params
	if p.value("tls-replication") != "yes" {
		return conn, nil
	}
	cfg, err := p.clientTLS()
	if err != nil {
		return nil, err
	}
	secure := tls.Client(conn, cfg)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("TLS with the master: %w", err)
	}
	return secure, nil
}

// clientTLS is how the server speaks TLS to another. It shows the certificate for that, or the one that it serves with, and asks for
// one that an authority of tls-ca-cert-file has signed, in whatever name, as Redis does.
func (p *Params) clientTLS() (*tls.Config, error) {
	set := p.TLS()
	certificate, key := p.value("tls-client-cert-file"), p.value("tls-client-key-file")
	if certificate == "" {
		certificate, key = set.CertFile, set.KeyFile
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if set.Protocols != "" && !strings.Contains(set.Protocols, "TLSv1.2") {
		cfg.MinVersion = tls.VersionTLS13
	}
	if set.Protocols != "" && !strings.Contains(set.Protocols, "TLSv1.3") {
		cfg.MaxVersion = tls.VersionTLS12
	}
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			return nil, err
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	text, err := os.ReadFile(set.CAFile)
	if err != nil {
		return nil, fmt.Errorf("tls-ca-cert-file: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("tls-ca-cert-file: %s holds no PEM certificate", set.CAFile)
	}
	cfg.InsecureSkipVerify = true // of the name alone: the rest is what VerifyConnection does
	cfg.VerifyConnection = func(s tls.ConnectionState) error {
		between := x509.NewCertPool()
		for _, c := range s.PeerCertificates[1:] {
			between.AddCert(c)
		}
		_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
		return err
	}
	return cfg, nil
}

// secureParam is tls-replication, which can't be set before the files are there.
type secureParam struct {
	*notedParam
	all *Params
}

// settle implements settler.
func (s *secureParam) settle() error {
	if s.get() != "yes" {
		return nil
	}
	if _, err := s.all.clientTLS(); err != nil {
		slog.Error("tls-replication refused", "error", err)
		return errors.New("Unable to update TLS configuration. Check server logs.") //nolint:revive,staticcheck // Redis' text
	}
	return nil
}
