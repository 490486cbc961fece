package netloop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/retry"
)

func selfSigned(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// TLS beside a native engine in one process.
func TestTLS(t *testing.T) {
	plain := startFixture(t, Config{})
	defer plain.stop(t)
	f := &fixture{echoTest: newEchoTest(256 << 10)}
	fd, addr := listenTCP(t, new(net.ListenConfig))
	var err error
	f.Engine, err = Start(Config{Engine: Goroutine, Loops: 2}, []Listener{{FD: fd, ID: 5, Loop: Anywhere, TLS: selfSigned(t)}}, f.worker)
	if err != nil {
		t.Fatal(err)
	}
	defer f.stop(t)

	nc, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(time.Minute))
	send(t, nc, "one\nBIG 1000000\nOFFLOOP two\nth")
	expect(t, nc, "one\n"+strings.Repeat("x", 1000000)+"\ntwo\n")
	send(t, nc, "ree\n")
	expect(t, nc, "three\n")
	send(t, nc, strings.Repeat("BIG 9999\n", 100))
	if err := nc.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(nc)
	if err != nil || len(got) != 100*10000 {
		t.Fatalf("%d bytes, %v", len(got), err)
	}

	// What does not speak TLS gets no session.
	bad, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer bad.Close()
	_ = bad.SetDeadline(time.Now().Add(time.Minute))
	send(t, bad, "GET / HTTP/1.0\n\n")
	_, _ = io.ReadAll(bad)
	eventually(t, "no sessions", func() bool { return len(f.live()) == 0 })
	if n := len(f.closedErrors()); n != 1 {
		t.Errorf("%d sessions were closed, want 1", n)
	}
}

// Clients that connect and say nothing hold nobody up for long, and are more
// than are let in at a time.
func TestHalfOpenHandshakes(t *testing.T) {
	f := &fixture{echoTest: newEchoTest(256 << 10)}
	fd, addr := listenTCP(t, new(net.ListenConfig))
	var err error
	f.Engine, err = Start(Config{Engine: Goroutine}, []Listener{{FD: fd, Loop: Anywhere, TLS: selfSigned(t)}}, f.worker)
	if err != nil {
		t.Fatal(err)
	}
	defer f.stop(t)
	h := f.group.shaking
	h.mu.Lock()
	h.max, h.patience = 4, 50*time.Millisecond
	h.mu.Unlock()

	var silent []net.Conn
	for range 12 {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = nc.Close() })
		silent = append(silent, nc)
	}
	begun := time.Now()
	var nc net.Conn
	retry.Undisturbed(t, func() error { // it may be too slow for the patience itself
		var err error
		nc, err = tls.DialWithDialer(&net.Dialer{Timeout: time.Minute}, "tcp", addr, &tls.Config{InsecureSkipVerify: true})
		return err
	})
	if t.Failed() {
		return
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(time.Minute))
	send(t, nc, "hello\n")
	expect(t, nc, "hello\n")
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("served after %v", took)
	}
	h.mu.Lock()
	open := h.list.Len()
	h.mu.Unlock()
	if open > 4 {
		t.Errorf("%d handshakes go on", open)
	}
	_ = silent[0].SetDeadline(time.Now().Add(time.Minute))
	if _, err := silent[0].Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the first silent one was not given up: %v", err)
	}
	eventually(t, "handshakes counted as failed", func() bool { return f.Loops()[0].Stats().Unsecured.Load() >= 8 })
}

// A drain does not wait for who has not agreed on TLS yet.
func TestDrainDuringHandshake(t *testing.T) {
	f := &fixture{echoTest: newEchoTest(256 << 10)}
	fd, addr := listenTCP(t, new(net.ListenConfig))
	var err error
	f.Engine, err = Start(Config{Engine: Goroutine}, []Listener{{FD: fd, Loop: Anywhere, TLS: selfSigned(t)}}, f.worker)
	if err != nil {
		t.Fatal(err)
	}
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	h := f.group.shaking
	eventually(t, "a handshake", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.list.Len() == 1
	})
	begun := time.Now()
	f.stop(t)
	if took := time.Since(begun); took >= handshakeTimeout {
		t.Errorf("stopped after %v", took)
	}
}
