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
