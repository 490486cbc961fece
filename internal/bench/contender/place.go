package contender

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/driver"
)

// Transport is how a server is reached.
type Transport string

// The transports.
const (
	TCP  Transport = "tcp"
	Unix Transport = "unix"
	TLS  Transport = "tls"
)

// place is where one server listens, and the files it needs there. Paths are as the server sees them, below its root.
type place struct {
	transport Transport
	port      int
	directory string // outside, for the files; empty when there are none
	root      string
	inside    string
	client    *tls.Config
}

// newPlace finds a place for one start of a contender.
func (c *Contender) newPlace(t Transport) (*place, error) {
	p := &place{transport: t, root: c.Root}
	var err error
	if t != Unix {
		if p.port, err = freePort(); err != nil {
			return nil, err
		}
	}
	if t == TCP || t == "" {
		return p, nil
	}
	if p.directory, err = os.MkdirTemp(filepath.Join(c.Root, "tmp"), "crucible-benchmark-"); err != nil {
		return nil, err
	}
	p.inside = filepath.Join("/tmp", filepath.Base(p.directory))
	if t == TLS {
		if err := errors.Join(p.certify(), c.writeTLSProfile(p)); err != nil {
			p.remove()
			return nil, err
		}
	}
	return p, nil
}

func (p *place) remove() {
	if p.directory != "" {
		os.RemoveAll(p.directory)
	}
}

// endpoint is where the load finds the server.
func (p *place) endpoint() driver.Endpoint {
	if p.transport == Unix {
		return driver.Endpoint{Network: "unix", Address: filepath.Join(p.directory, "socket")}
	}
	return driver.Endpoint{Network: "tcp", Address: p.address()}
}

func (p *place) address() string { return fmt.Sprintf("127.0.0.1:%d", p.port) }
func (p *place) socket() string  { return filepath.Join(p.inside, "socket") }
func (p *place) cert() string    { return filepath.Join(p.inside, "cert.pem") }
func (p *place) key() string     { return filepath.Join(p.inside, "key.pem") }
func (p *place) profile() string { return filepath.Join(p.inside, "profile.toml") }

// certify makes a certificate for 127.0.0.1 that lives a day, the server's files and the client's trust.
func (p *place) certify() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(public)
	p.client = &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
	return errors.Join(
		os.WriteFile(filepath.Join(p.directory, "cert.pem"), public, 0o600),
		os.WriteFile(filepath.Join(p.directory, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600),
	)
}

// writeTLSProfile writes the profile that makes ours encrypt: certificates have no flag.
func (c *Contender) writeTLSProfile(p *place) error {
	if c.Family != Crucible {
		return nil
	}
	text := fmt.Sprintf("[[listener]]\nprotocol = %q\naddress = %q\ntls = { cert = %q, key = %q }\n", c.Protocol, p.address(), p.cert(), p.key())
	return os.WriteFile(filepath.Join(p.directory, "profile.toml"), []byte(text), 0o600)
}
