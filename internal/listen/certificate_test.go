//go:build unix

package listen

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/config"
)

// authority signs certificates for a test.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir(), pool: x509.NewCertPool()}
	a.cert, a.key = a.sign(t, "ca", true)
	a.pool.AddCert(a.cert)
	return a
}

// sign writes NAME.pem and NAME.key and returns what is in them.
func (a *authority) sign(t *testing.T, name string, isCA bool) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<60))
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: isCA, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	a.write(t, name+".pem", "CERTIFICATE", der)
	a.write(t, name+".key", "PRIVATE KEY", private)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func (a *authority) write(t *testing.T, name, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(a.path(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (a *authority) path(name string) string { return filepath.Join(a.dir, name) }

// config is the TLS of a listener that uses the certificate of that name.
func (a *authority) config(name string) config.TLS {
	return config.TLS{Cert: a.path(name + ".pem"), Key: a.path(name + ".key"), ClientAuth: "off", MinVersion: "1.2"}
}

// handshake connects to the listener and returns the server's common name and
// the version, or the error of either side.
func handshake(t *testing.T, l *Listener, client *tls.Config) (name string, version uint16, err error) {
	t.Helper()
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	server := tls.Server(there, l.TLS())
	served := make(chan error, 1)
	go func() {
		err := server.Handshake()
		if err == nil {
			_, err = server.Write([]byte("x"))
		}
		there.Close()
		served <- err
	}()
	client.ServerName = "127.0.0.1"
	conn := tls.Client(here, client)
	err = conn.Handshake()
	if err == nil {
		// With TLS 1.3 the client learns only now that it was refused.
		_, err = conn.Read(make([]byte, 1))
	}
	here.Close()
	<-served
	state := conn.ConnectionState()
	if err == nil {
		name = state.PeerCertificates[0].Subject.CommonName
	}
	return name, state.Version, err
}

func TestTLSServesAndReloads(t *testing.T) {
	a := newAuthority(t)
	a.sign(t, "one", false)
	a.sign(t, "two", false)
	c := tcp("127.0.0.1:0")
	c.TLS = a.config("one")
	l := open(t, Options{}, c)[0]
	expect := func(want string) {
		t.Helper()
		if name, _, err := handshake(t, l, &tls.Config{RootCAs: a.pool}); err != nil || name != want {
			t.Errorf("served by %q, %v; want %q", name, err, want)
		}
	}
	expect("one")
	if err := l.Certificates.Reload(a.config("two")); err != nil {
		t.Fatal(err)
	}
	expect("two")
	if err := l.Certificates.Reload(a.config("absent")); err == nil {
		t.Error("a missing certificate was accepted")
	}
	expect("two")
	if !strings.HasSuffix(l.String(), " with TLS") {
		t.Errorf("described as %q", l)
	}
}

func TestTLSVersion(t *testing.T) {
	a := newAuthority(t)
	a.sign(t, "s", false)
	c := tcp("127.0.0.1:0")
	c.TLS = a.config("s")
	c.TLS.MinVersion = "1.3"
	l := open(t, Options{}, c)[0]
	if _, _, err := handshake(t, l, &tls.Config{RootCAs: a.pool, MaxVersion: tls.VersionTLS12}); err == nil {
		t.Error("TLS 1.2 was accepted")
	}
	if _, version, err := handshake(t, l, &tls.Config{RootCAs: a.pool}); err != nil || version != tls.VersionTLS13 {
		t.Errorf("version %x, %v", version, err)
	}
}

func TestTLSClientCertificates(t *testing.T) {
	a, stranger := newAuthority(t), newAuthority(t)
	a.sign(t, "s", false)
	a.sign(t, "client", false)
	stranger.sign(t, "client", false)
	with := func(a *authority) *tls.Config {
		pair, err := tls.LoadX509KeyPair(a.path("client.pem"), a.path("client.key"))
		if err != nil {
			t.Fatal(err)
		}
		// The callback makes the client send it even when the server asks for another authority.
		return &tls.Config{GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }}
	}
	for _, c := range []struct {
		auth    string
		client  *tls.Config
		allowed bool
	}{
		{"required", &tls.Config{}, false},
		{"required", with(a), true},
		{"required", with(stranger), false},
		{"optional", &tls.Config{}, true},
		{"optional", with(a), true},
		{"optional", with(stranger), false},
		{"off", &tls.Config{}, true},
		{"off", with(stranger), true},
	} {
		l := tcp("127.0.0.1:0")
		l.TLS = a.config("s")
		l.TLS.ClientCA, l.TLS.ClientAuth = a.path("ca.pem"), c.auth
		c.client.RootCAs = a.pool
		if _, _, err := handshake(t, open(t, Options{}, l)[0], c.client); (err == nil) != c.allowed {
			t.Errorf("client_auth %s: %v, want allowed %t", c.auth, err, c.allowed)
		}
	}
}

func TestTLSErrors(t *testing.T) {
	a := newAuthority(t)
	a.sign(t, "s", false)
	a.sign(t, "other", false)
	missing, mixed, noCA := a.config("absent"), a.config("s"), a.config("s")
	mixed.Key = a.path("other.key")
	noCA.ClientCA = a.path("s.key")
	for want, tlsConfig := range map[string]config.TLS{"no such file": missing, "belong together": mixed, "holds no PEM certificate": noCA} {
		c := tcp("127.0.0.1:0")
		c.TLS = tlsConfig
		if _, err := Open([]config.Listener{c}, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error: %v, want %s", err, want)
		}
	}
}

func TestTLSMaxVersionAndCiphers(t *testing.T) {
	a := newAuthority(t)
	a.sign(t, "s", false)
	c := tcp("127.0.0.1:0")
	c.TLS = a.config("s")
	c.TLS.MaxVersion, c.TLS.Ciphers = "1.2", "ECDHE-ECDSA-AES256-GCM-SHA384:ecdhe-ecdsa-chacha20-poly1305"
	l := open(t, Options{}, c)[0]
	if _, version, err := handshake(t, l, &tls.Config{RootCAs: a.pool}); err != nil || version != tls.VersionTLS12 {
		t.Errorf("version %x, %v", version, err)
	}
	other := &tls.Config{RootCAs: a.pool, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}
	if _, _, err := handshake(t, l, other); err == nil {
		t.Error("a cipher that was not named was agreed on")
	}
	c.TLS.Ciphers = "DEFAULT:!MEDIUM"
	if err := l.Certificates.Reload(c.TLS); err == nil || !strings.Contains(err.Error(), "DEFAULT") {
		t.Errorf("an expression of OpenSSL: %v", err)
	}
	if _, _, err := handshake(t, l, &tls.Config{RootCAs: a.pool}); err != nil {
		t.Errorf("after a reload that failed: %v", err)
	}
}
