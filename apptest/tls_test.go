package apptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate writes a self-made certificate for 127.0.0.1 and its key, and
// returns their files and a pool that trusts it.
func certificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "apptest"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:        true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key, pool = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), x509.NewCertPool()
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return cert, key, pool
}

// Both protocols over TLS, beside a plain listener on the same items.
func TestTLS(t *testing.T) {
	cert, key, pool := certificate(t)
	listener := func(protocol, more string) string {
		return fmt.Sprintf("[[listener]]\nprotocol = %q\naddress = \"127.0.0.1:0\"\n%s", protocol, more)
	}
	files := fmt.Sprintf("[listener.tls]\ncert = %q\nkey = %q\n", cert, key)
	eachEngine(t, func(t *testing.T, engine string) {
		s := start(t, options{engine: engine, listeners: listener("resp", files) + listener("memcache", files) + listener("auto", "")})
		secure := func(address string) *client {
			c, err := tls.Dial("tcp", address, &tls.Config{RootCAs: pool})
			if err != nil {
				t.Fatal(err)
			}
			return newClient(t, c)
		}
		big := strings.Repeat("x", 1_000_000)
		redis := secure(s.resp)
		redis.want("OK", "SET", "k", big)
		redis.want(big, "GET", "k")
		text := secure(s.memcache)
		text.wantText("STORED\r\n", setText("m", "v"))
		text.wantText(fmt.Sprintf("VALUE k 0 %d\r\n%s\r\nEND\r\n", len(big), big), "get k\r\n")
		if log := s.log.String(); strings.Count(log, "engine started") != 2 && engine != "goroutine" {
			t.Error("the plain listener is not served by the native engine")
		}
		// A client that does not speak TLS gets nowhere and harms nobody.
		plain := dial(t, s.resp)
		plain.send([]byte("PING\r\n"))
		answer, _ := io.ReadAll(plain)
		if strings.Contains(string(answer), "PONG") {
			t.Errorf("a plain client was answered: %q", answer)
		}
		redis.want("v", "GET", "m")
		s.stop()
	})
}

// CONFIG SET changes the certificate and what is asked of clients, for those
// that come from then on, and refuses files that are wrong.
func TestTLSParameters(t *testing.T) {
	cert, key, pool := certificate(t)
	cert2, key2, pool2 := certificate(t)
	own, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, options{listeners: fmt.Sprintf("[[listener]]\naddress = \"127.0.0.1:0\"\n[listener.tls]\ncert = %q\nkey = %q\n", cert, key)})
	ping := func(trust *x509.CertPool, show ...tls.Certificate) error {
		c, err := tls.Dial("tcp", s.resp, &tls.Config{RootCAs: trust, Certificates: show})
		if err != nil {
			return err
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(startTimeout))
		if _, err := c.Write([]byte("PING\r\n")); err != nil {
			return err
		}
		var answer [7]byte
		_, err = io.ReadFull(c, answer[:])
		return err
	}
	c, err := tls.Dial("tcp", s.resp, &tls.Config{RootCAs: pool})
	if err != nil {
		t.Fatal(err)
	}
	first := newClient(t, c)
	first.want("OK", "CONFIG", "SET", "tls-cert-file", cert2, "tls-key-file", key2)
	if err := ping(pool); err == nil {
		t.Error("the old certificate is still shown")
	}
	if err := ping(pool2); err != nil {
		t.Errorf("the new certificate: %v", err)
	}
	const refused = "- Unable to update TLS configuration. Check server logs."
	if got := first.do("CONFIG", "SET", "tls-cert-file", cert+".nosuch"); !strings.HasSuffix(got, refused) {
		t.Errorf("a file that is not there: %s", got)
	}
	if got := first.do("CONFIG", "SET", "tls-auth-clients", "yes"); !strings.HasSuffix(got, refused) {
		t.Errorf("clients without an authority: %s", got)
	}
	if err := ping(pool2); err != nil {
		t.Errorf("after what was refused: %v", err)
	}
	first.want("OK", "CONFIG", "SET", "tls-auth-clients", "yes", "tls-ca-cert-file", cert)
	if err := ping(pool2); err == nil {
		t.Error("a client without a certificate was served")
	}
	if err := ping(pool2, own); err != nil {
		t.Errorf("a client with its certificate: %v", err)
	}
	first.want("OK", "CONFIG", "SET", "tls-auth-clients", "optional")
	if err := ping(pool2); err != nil {
		t.Errorf("optional: %v", err)
	}
	first.want("OK", "CONFIG", "SET", "tls-protocols", "TLSv1.2")
	if got := first.do("CONFIG", "SET", "tls-protocols", "SSLv3"); !strings.HasSuffix(got, refused) {
		t.Errorf("a protocol that there is not: %s", got)
	}
	s.stop()
}
