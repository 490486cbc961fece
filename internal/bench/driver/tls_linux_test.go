package driver

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// certificate makes a self-signed one for 127.0.0.1, and the pool that trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestTLSEcho(t *testing.T) {
	own, pool := certificate(t)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		server := &tls.Config{Certificates: []tls.Certificate{own}, MaxVersion: version}
		to := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) { s := tls.Server(c, server); io.Copy(s, s) })
		d, r := openTLS(t, to, 3, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}), newRecorder()
		data := make([]byte, 3<<20)
		for i := range data {
			data[i] = byte(i * 5 >> 2)
		}
		for slot := range 3 {
			d.Send(slot, data[:1000]) // before the handshake is done
		}
		until(t, d, r, "handshakes", func() bool { return len(r.connected) == 3 })
		for slot := range 3 {
			d.Send(slot, data[1000:])
		}
		until(t, d, r, "echo", func() bool {
			return len(r.received[0]) >= len(data) && len(r.received[1]) >= len(data) && len(r.received[2]) >= len(data)
		})
		for slot := range 3 {
			if !bytes.Equal(r.received[slot], data) {
				t.Errorf("version %x, slot %d: what came back differs", version, slot)
			}
		}
		// Closed and dialled again, the slot must be a new connection.
		d.Close(1)
		if err := d.Dial(1); err != nil {
			t.Fatal(err)
		}
		d.Send(1, []byte("again"))
		r.received[1] = nil
		until(t, d, r, "second life", func() bool { return string(r.received[1]) == "again" })
	}
}

func TestTLSFailures(t *testing.T) {
	own, _ := certificate(t)
	to := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
		tls.Server(c, &tls.Config{Certificates: []tls.Certificate{own}}).Handshake()
	})
	d, r := openTLS(t, to, 1, &tls.Config{ServerName: "127.0.0.1"}), newRecorder()
	until(t, d, r, "distrust", func() bool { return r.ended[0] != nil })
	if !strings.Contains(r.ended[0].Error(), "TLS handshake") {
		t.Errorf("got %v", r.ended[0])
	}
	// A server that ends the connection, with and without saying so.
	for _, orderly := range []bool{true, false} {
		to := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
			s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{own}})
			io.ReadFull(s, make([]byte, 1))
			if orderly {
				s.Close()
			}
		})
		d, r := openTLS(t, to, 1, &tls.Config{InsecureSkipVerify: true}), newRecorder()
		until(t, d, r, "handshake", func() bool { return r.connected[0] == 1 })
		d.Send(0, []byte("x"))
		until(t, d, r, "end", func() bool { return r.ended[0] != nil })
		if r.ended[0] != io.EOF {
			t.Errorf("orderly %v: ended with %v", orderly, r.ended[0])
		}
	}
	// Shutdown in the middle of a handshake must not hang.
	mute := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) { io.Copy(io.Discard, c) })
	openTLS(t, mute, 2, &tls.Config{InsecureSkipVerify: true})
}
