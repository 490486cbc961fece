package netloop

import (
	"net"
	"testing"
	"time"
)

// Sockets come and go while the engine runs; connections that came by one that is gone stay.
func TestListenAndUnlisten(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		type name string
		var last net.Conn
		var lastAddr string
		for i := range 5 { // places are used again
			fd, addr := listenTCP(t, new(net.ListenConfig))
			if err := f.Engine.Listen([]Listener{{FD: fd, ID: 1, Loop: Anywhere, Name: name(addr), KeepAlive: time.Minute}}); err != nil {
				t.Fatal(err)
			}
			f.tcp = addr
			nc := f.dial(t, "tcp")
			send(t, nc, "a\n")
			expect(t, nc, "a\n")
			if last != nil {
				f.Unlisten(name(lastAddr))
				if refused, err := net.DialTimeout("tcp", lastAddr, time.Second); err == nil {
					refused.Close()
					t.Errorf("round %d: %s still takes connections", i, lastAddr)
				}
				send(t, last, "b\n")
				expect(t, last, "b\n")
			}
			last, lastAddr = nc, addr
		}
		f.Unlisten(name("nobody"))
	})
}

// The place of a socket that is gone is free at once, for a socket of the same address too.
func TestUnlistenFreesTheAddress(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		fd, addr := listenTCP(t, new(net.ListenConfig))
		for i := range 4 {
			if err := f.Engine.Listen([]Listener{{FD: fd, ID: 1, Loop: Anywhere, Name: i}}); err != nil {
				t.Fatal(err)
			}
			f.tcp = addr
			nc := f.dial(t, "tcp")
			send(t, nc, "a\n")
			expect(t, nc, "a\n")
			f.Unlisten(i)
			fd, _ = listenOn(t, new(net.ListenConfig), addr)
		}
		if err := f.Engine.Listen([]Listener{{FD: fd, ID: 1, Loop: Anywhere}}); err != nil {
			t.Fatal(err)
		}
	})
}

// A socket that comes when the engine stops is closed with it.
func TestListenWhileStopping(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		files := openFiles(t)
		fd, _ := listenTCP(t, new(net.ListenConfig))
		f.drain(time.Now().Add(time.Minute))
		if err := f.Engine.Listen([]Listener{{FD: fd, ID: 1, Loop: Anywhere}}); err != nil {
			t.Fatal(err)
		}
		f.stop(t)
		eventually(t, "the socket is closed", func() bool { return openFiles(t) <= files })
	})
}
