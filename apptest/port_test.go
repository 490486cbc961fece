package apptest

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// refused reports whether nobody listens there.
func refused(address string) bool {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err == nil {
		c.Close()
	}
	return err != nil
}

// CONFIG SET port and bind move the listening socket; clients stay where they are.
func TestPortIsChangedLive(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine string) {
		s := start(t, options{engine: engine})
		old := s.redis()
		free := freePort(t)
		_, port, _ := net.SplitHostPort(free)
		old.want("OK", "CONFIG", "SET", "port", port)
		if !refused(s.resp) {
			t.Errorf("%s still takes connections", s.resp)
		}
		c := dial(t, free)
		c.want("OK", "SET", "k", "v")
		old.want("v", "GET", "k")
		if got := c.info(); got["tcp_port"] != port || !strings.HasSuffix(got["listener0"], "port="+port) {
			t.Errorf("INFO: tcp_port %s, listener0 %s", got["tcp_port"], got["listener0"])
		}

		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		_, other, _ := net.SplitHostPort(taken.Addr().String())
		c.want("-ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.", "CONFIG", "SET", "port", other)
		c.want("port "+port, "CONFIG", "GET", "port")
		dial(t, free).want("v", "GET", "k")

		c.want("OK", "CONFIG", "SET", "bind", "*")
		dial(t, free).want("v", "GET", "k")
		c.want("OK", "CONFIG", "SET", "bind", "127.0.0.1", "port", "0")
		if !refused(free) {
			t.Errorf("%s still takes connections", free)
		}
		for range 20 { // places and addresses are used again
			c.want("OK", "CONFIG", "SET", "port", port)
			dial(t, free).want("v", "GET", "k")
			c.want("OK", "CONFIG", "SET", "port", "0")
		}
		before := s.files()
		for range 20 {
			c.want("OK", "CONFIG", "SET", "port", port, "bind", "127.0.0.1 -192.0.2.1")
			c.want("OK", "CONFIG", "SET", "port", "0")
		}
		until(t, patience, "descriptors are closed", func() bool { return s.files() <= before })
		c.want("OK", "CONFIG", "SET", "port", port)
	})
}

// tls-port too, once there is a listener with TLS; a certificate that is set
// later is that of the new socket.
func TestTLSPortIsChangedLive(t *testing.T) {
	cert, key, pool := certificate(t)
	again, againKey, newPool := certificate(t)
	s := start(t, options{listeners: "[[listener]]\nprotocol = \"resp\"\naddress = \"127.0.0.1:0\"\n" +
		fmt.Sprintf("[[listener]]\nprotocol = \"resp\"\naddress = \"127.0.0.1:0\"\n[listener.tls]\ncert = %q\nkey = %q\n", cert, key)})
	c := s.redis()
	free := freePort(t)
	_, port, _ := net.SplitHostPort(free)
	c.want("OK", "CONFIG", "SET", "tls-port", port)
	first, err := tls.Dial("tcp", free, &tls.Config{RootCAs: pool})
	if err != nil {
		t.Fatal(err)
	}
	newClient(t, first).want("OK", "SET", "k", "v")
	c.want("OK", "CONFIG", "SET", "tls-port", "0")
	if !refused(free) {
		t.Errorf("%s still takes connections", free)
	}
	c.want("OK", "CONFIG", "SET", "tls-cert-file", again, "tls-key-file", againKey)
	c.want("OK", "CONFIG", "SET", "tls-port", port)
	second, err := tls.Dial("tcp", free, &tls.Config{RootCAs: newPool})
	if err != nil {
		t.Fatal(err)
	}
	newClient(t, second).want("v", "GET", "k")
}

// A server that began without TLS speaks it once there is a tls-port and what it takes, on loops that
// begin then and hear from the others.
func TestTLSBeginsLive(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine string) {
		cert, key, pool := certificate(t)
		s := start(t, options{engine: engine})
		c := s.redis()
		free := freePort(t)
		_, port, _ := net.SplitHostPort(free)
		const refused = "-ERR CONFIG SET failed (possibly related to argument 'tls-port') - Unable to update TLS configuration. Check server logs."
		c.want(refused, "CONFIG", "SET", "tls-port", port)
		c.want("tls-port 0", "CONFIG", "GET", "tls-port")
		c.want("OK", "CONFIG", "SET", "tls-cert-file", "/nosuch", "tls-auth-clients", "no")
		c.want(refused, "CONFIG", "SET", "tls-port", port, "tls-key-file", key)
		c.want("OK", "CONFIG", "SET", "tls-cert-file", cert)
		old := s.redis() // subscribes to a topic that is older than the new loops
		old.want("subscribe ch 1", "SUBSCRIBE", "ch")
		c.want("OK", "CONFIG", "SET", "tls-port", port, "tls-key-file", key)
		for range 3 {
			conn, err := tls.Dial("tcp", free, &tls.Config{RootCAs: pool})
			if err != nil {
				t.Fatal(err)
			}
			secure := newClient(t, conn)
			secure.want("subscribe ch 1", "SUBSCRIBE", "ch")
			c.want("2", "PUBLISH", "ch", "hi")
			for _, subscriber := range []*client{secure, old} {
				if got := subscriber.reply(); got != "message ch hi" {
					t.Errorf("a subscriber heard %q", got)
				}
			}
			secure.want("unsubscribe ch 0", "UNSUBSCRIBE", "ch")
			secure.want("OK", "SET", "k", "v")
			secure.want("v", "GET", "k")
			c.want("OK", "CONFIG", "SET", "tls-port", "0")
			c.want("OK", "CONFIG", "SET", "tls-port", port)
			secure.want("v", "GET", "k")
		}
		s.stop()
	})
}
