// Package fake is a server for the tests of the benchmark: correct and unhurried, with the faults a test asks for. It
// speaks enough of both protocols for a plain load: GET and SET, PING, version, PUBLISH and SUBSCRIBE.
//
// One goroutine per connection; one lock around everything, so that a test may look and change at any time.
package fake

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// Server is a running fake.
type Server struct {
	protocol wire.Protocol
	listener net.Listener

	mu     sync.Mutex
	data   map[string]string
	conns  map[net.Conn]bool
	served int
	before Fault
	forget bool
	delay  time.Duration
	heard  map[string][]net.Conn // subscribers by channel
}

// Fault is asked before the n-th reply, counted from 1. It may sleep; it may return a reply to send instead of the right
// one; and false ends the connection.
type Fault func(n int) (instead string, goOn bool)

// Stall is the Fault of a server that answers nothing for a time, once, at its n-th reply.
func Stall(at int, length time.Duration) Fault {
	return func(n int) (string, bool) {
		if n == at {
			time.Sleep(length)
		}
		return "", true
	}
}

// Start serves on an address.
func Start(p wire.Protocol, network, address string) (*Server, error) {
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	s := &Server{protocol: p, data: map[string]string{}, conns: map[net.Conn]bool{}, heard: map[string][]net.Conn{}, listener: l}
	go s.accept()
	return s, nil
}

// Address is where the server listens.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Kill does what kill -9 does to a server: nothing listens any more, every connection ends.
func (s *Server) Kill() {
	s.listener.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.Close()
	}
}

// Misbehave sets the fault.
func (s *Server) Misbehave(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = f
}

// Forget makes the server acknowledge writes without storing them.
func (s *Server) Forget(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget = on
}

// Delay makes every reply take that long, each connection's for itself.
func (s *Server) Delay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = d
}

func (s *Server) wait() {
	s.mu.Lock()
	d := s.delay
	s.mu.Unlock()
	time.Sleep(d)
}

func (s *Server) store(key, value string) {
	if !s.forget {
		s.data[key] = value
	}
}

// Stored returns a copy of the data, and how many requests were answered.
func (s *Server) Stored() (data map[string]string, served int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.data), s.served
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[c] = true
		s.mu.Unlock()
		go s.serve(c)
	}
}

func (s *Server) serve(c net.Conn) {
	defer c.Close()
	in, out := bufio.NewReader(c), bufio.NewWriter(c)
	for {
		words, err := s.read(in)
		if err != nil {
			return
		}
		s.wait()
		reply, goOn := s.answer(words, c)
		if !goOn {
			return
		}
		_, _ = out.WriteString(reply) // Flush tells
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
	}
}

// read returns the words of one request: of a Memcached set just the command, the key and the value.
func (s *Server) read(in *bufio.Reader) ([]string, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	line = strings.TrimSuffix(line, "\r\n")
	if count, found := strings.CutPrefix(line, "*"); found {
		return readRESP(in, count)
	}
	words := strings.Fields(line)
	if len(words) == 5 && words[0] == "set" {
		body, err := readBody(in, words[4])
		return []string{"set", words[1], body}, err
	}
	return words, nil
}

func readRESP(in *bufio.Reader, countText string) ([]string, error) {
	count, err := strconv.Atoi(countText)
	if err != nil {
		return nil, err
	}
	words := make([]string, count)
	for i := range words {
		head, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		if words[i], err = readBody(in, strings.TrimSpace(head[1:])); err != nil {
			return nil, err
		}
	}
	return words, nil
}

func readBody(in *bufio.Reader, sizeText string) (string, error) {
	size, err := strconv.Atoi(sizeText)
	if err != nil {
		return "", err
	}
	body := make([]byte, size+2)
	_, err = io.ReadFull(in, body)
	return string(body[:size]), err
}

func (s *Server) answer(words []string, from net.Conn) (reply string, goOn bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served++
	if s.before != nil {
		if instead, goOn := s.before(s.served); instead != "" || !goOn {
			return instead, goOn
		}
	}
	if s.protocol == wire.Memcache {
		return s.answerMemcache(words), true
	}
	if len(words) > 1 && words[0] == "SUBSCRIBE" {
		s.heard[words[1]] = append(s.heard[words[1]], from)
		return fmt.Sprintf("*3\r\n$9\r\nsubscribe\r\n$%d\r\n%s\r\n:1\r\n", len(words[1]), words[1]), true
	}
	return s.answerRESP(words), true
}

// publish sends a message to the subscribers of a channel and returns how many there are. One that forgets sends nothing.
func (s *Server) publish(channel, message string) int {
	for _, c := range s.heard[channel] {
		if !s.forget {
			fmt.Fprintf(c, "*3\r\n$7\r\nmessage\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n", len(channel), channel, len(message), message)
		}
	}
	return len(s.heard[channel])
}

func (s *Server) answerRESP(words []string) string {
	switch strings.ToUpper(strings.Join(words[:min(1, len(words))], "")) {
	case "PING":
		return "+PONG\r\n"
	case "DBSIZE":
		return fmt.Sprintf(":%d\r\n", len(s.data))
	case "SET":
		s.store(words[1], words[2])
		return "+OK\r\n"
	case "PUBLISH":
		return fmt.Sprintf(":%d\r\n", s.publish(words[1], words[2]))
	case "GET":
		return bulk(s.data, words[1])
	case "MGET":
		out := fmt.Sprintf("*%d\r\n", len(words)-1)
		for _, key := range words[1:] {
			out += bulk(s.data, key)
		}
		return out
	}
	return "-ERR unknown command\r\n"
}

func bulk(data map[string]string, key string) string {
	v, found := data[key]
	if !found {
		return "$-1\r\n"
	}
	return fmt.Sprintf("$%d\r\n%s\r\n", len(v), v)
}

func (s *Server) answerMemcache(words []string) string {
	switch strings.Join(words[:min(1, len(words))], "") {
	case "version":
		return "VERSION 0\r\n"
	case "stats":
		return fmt.Sprintf("STAT pid 1\r\nSTAT curr_items %d\r\nEND\r\n", len(s.data))
	case "set":
		s.store(words[1], words[2])
		return "STORED\r\n"
	case "get":
		var out string
		for _, key := range words[1:] {
			if v, found := s.data[key]; found {
				out += fmt.Sprintf("VALUE %s 0 %d\r\n%s\r\n", key, len(v), v)
			}
		}
		return out + "END\r\n"
	}
	return "ERROR\r\n"
}
