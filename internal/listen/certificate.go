package listen

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/config"
)

// Certificates are the key, the certificate and the client authorities of a
// listener. They can be replaced while handshakes go on: each handshake takes
// the set that is current when it starts. Any goroutine may call the methods.
type Certificates struct {
	current atomic.Pointer[tls.Config]
}

// LoadCertificates reads the files of a listener.
func LoadCertificates(c config.TLS) (*Certificates, error) {
	var s Certificates
	if err := s.Reload(c); err != nil {
		return nil, err
	}
	return &s, nil
}

// Reload reads the files again, which may be others than before. On an error
// the certificates in use stay.
func (s *Certificates) Reload(c config.TLS) error {
	pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
	if err != nil {
		return fmt.Errorf("tls: %w: cert and key must be PEM files that belong together and that the server may read", err)
	}
	next := &tls.Config{
		Certificates: []tls.Certificate{pair},
		MinVersion:   tls.VersionTLS12,
	}
	if c.MinVersion == "1.3" {
		next.MinVersion = tls.VersionTLS13
	}
	switch c.MaxVersion {
	case "1.2":
		next.MaxVersion = tls.VersionTLS12
	case "1.3":
		next.MaxVersion = tls.VersionTLS13
	}
	if next.CipherSuites, err = c.CipherSuites(); err != nil {
		return fmt.Errorf("tls: ciphers: %w", err)
	}
	if c.ClientCA != "" {
		if next.ClientCAs, err = readAuthorities(c.ClientCA); err != nil {
			return err
		}
	}
	switch c.ClientAuth {
	case "required":
		next.ClientAuth = tls.RequireAndVerifyClientCert
	case "optional":
		next.ClientAuth = tls.VerifyClientCertIfGiven
	}
	s.current.Store(next)
	return nil
}

func readAuthorities(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("tls: client_ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("tls: client_ca: %s holds no PEM certificate", file)
	}
	return pool, nil
}

// Config returns the configuration to serve with. It stays valid over reloads.
func (s *Certificates) Config() *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return s.current.Load(), nil },
	}
}
