package load

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/driver"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// fake is a slow, correct server of both protocols for GET and SET, with the faults a test asks for.
type fake struct {
	protocol wire.Protocol
	mu       sync.Mutex
	data     map[string]string
	conns    map[net.Conn]bool
	listener net.Listener
	// before, when set, runs before the n-th reply (from 1) and may sleep, or return a reply to send instead, or false to
	// end the connection.
	before func(n int) (instead string, goOn bool)
	served int
}

func startFake(t *testing.T, p wire.Protocol) *fake {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{protocol: p, data: map[string]string{}, conns: map[net.Conn]bool{}, listener: l}
	t.Cleanup(f.kill)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			f.mu.Lock()
			f.conns[c] = true
			f.mu.Unlock()
			go f.serve(c)
		}
	}()
	return f
}

// misbehave sets before. The lock is also what orders it for the race detector, which sees no order in sockets.
func (f *fake) misbehave(before func(n int) (string, bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before = before
}

// stored returns a copy of the data, and how many requests were answered.
func (f *fake) stored() (map[string]string, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.data), f.served
}

func (f *fake) endpoint() driver.Endpoint {
	return driver.Endpoint{Network: "tcp", Address: f.listener.Addr().String()}
}

// kill does what a kill -9 does to a server: nothing listens, every connection ends.
func (f *fake) kill() {
	f.listener.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.conns {
		c.Close()
	}
}

func (f *fake) serve(c net.Conn) {
	defer c.Close()
	in, out := bufio.NewReader(c), bufio.NewWriter(c)
	for {
		words, err := f.read(in)
		if err != nil {
			return
		}
		reply, goOn := f.answer(words)
		if !goOn {
			return
		}
		out.WriteString(reply)
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
	}
}

func (f *fake) read(in *bufio.Reader) ([]string, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	line = strings.TrimSuffix(line, "\r\n")
	if f.protocol == wire.Memcache {
		words := strings.Fields(line)
		if words[0] == "set" {
			size, _ := strconv.Atoi(words[4])
			body := make([]byte, size+2)
			if _, err := io.ReadFull(in, body); err != nil {
				return nil, err
			}
			words = []string{"set", words[1], string(body[:size])}
		}
		return words, nil
	}
	count, err := strconv.Atoi(line[1:])
	if err != nil {
		return nil, err
	}
	words := make([]string, count)
	for i := range words {
		head, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		size, _ := strconv.Atoi(strings.TrimSpace(head[1:]))
		body := make([]byte, size+2)
		if _, err := io.ReadFull(in, body); err != nil {
			return nil, err
		}
		words[i] = string(body[:size])
	}
	return words, nil
}

func (f *fake) answer(words []string) (reply string, goOn bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.served++
	if f.before != nil {
		if instead, goOn := f.before(f.served); instead != "" || !goOn {
			return instead, goOn
		}
	}
	switch strings.ToLower(words[0]) {
	case "set":
		f.data[words[1]] = words[2]
		if f.protocol == wire.Memcache {
			return "STORED\r\n", true
		}
		return "+OK\r\n", true
	case "get":
		v, found := f.data[words[1]]
		if f.protocol == wire.Memcache {
			if !found {
				return "END\r\n", true
			}
			return fmt.Sprintf("VALUE %s 0 %d\r\n%s\r\nEND\r\n", words[1], len(v), v), true
		}
		if !found {
			return "$-1\r\n", true
		}
		return fmt.Sprintf("$%d\r\n%s\r\n", len(v), v), true
	}
	return "-ERR unknown command\r\n", true
}

// stall makes the server answer nothing for a time, once, from its n-th reply on.
func stall(at int, length time.Duration) func(int) (string, bool) {
	return func(n int) (string, bool) {
		if n == at {
			time.Sleep(length)
		}
		return "", true
	}
}
