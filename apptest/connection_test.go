package apptest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/resp"
)

// Clients that vanish in the middle of a request leave nothing behind, and the
// others notice nothing.
func TestConnectionsKilledMidCommand(t *testing.T) {
	needProc(t)
	partial := []string{
		"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000\r\n" + strings.Repeat("x", 50000),
		"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100",
		"*2\r\n$4\r\nPING\r\n*1\r\n$4\r\nPI",
		"SET k v",
	}
	partialText := []string{"set k 0 0 100000\r\n" + strings.Repeat("x", 50000), "set k 0 0 1000000\r", "get k", "set k 0 0 9999999\r\nabc"}
	eachEngine(t, func(t *testing.T, engine string) {
		s := start(t, options{engine: engine})
		other := s.redis()
		other.want("OK", "SET", "stays", "here")
		before := s.files()
		for i := range 400 {
			address, data := s.resp, partial[i/2%len(partial)]
			if i%2 == 1 {
				address, data = s.memcache, partialText[i/2%len(partialText)]
			}
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = c.Write([]byte(data))
			if i%3 == 0 {
				_ = c.(*net.TCPConn).SetLinger(0) // a reset in place of an end
			}
			if i%10 == 0 {
				other.want("here", "GET", "stays")
			}
			c.Close()
		}
		info := other.info()
		until(t, patience, "the connections are gone", func() bool {
			info = other.info()
			return info["connected_clients"] == "1" && s.files() <= before
		})
		if t.Failed() {
			t.Errorf("%s clients, %d files, before %d", info["connected_clients"], s.files(), before)
		}
		until(t, patience, "no input is held", func() bool { return other.info()["mapped_input"] == "0" })
		text := s.memcached()
		until(t, patience, "memcached counts one connection", func() bool { return text.stats()["curr_connections"] == "1" })
		other.want("(nil)", "GET", "k")
		s.stop()
	})
}

// idleClients is how many connections the idle test asks for.
const idleClients = 10_000

func TestIdleConnections(t *testing.T) {
	needProc(t)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	want := idleClients
	if limit.Max < idleClients+200 {
		want = int(limit.Max) - 200
		t.Logf("*** ONLY %d IDLE CONNECTIONS: the hard limit of open files is %d", want, limit.Max)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	eachEngine(t, func(t *testing.T, engine string) {
		s := start(t, options{engine: engine, maxmemory: "256mb", profile: fmt.Sprintf("[redis]\nmaxclients = %d\n", want+50)})
		before := s.rollup()
		conns := make([]net.Conn, want)
		defer func() {
			for _, c := range conns {
				if c != nil {
					c.Close()
				}
			}
		}()
		for i := range conns {
			c, err := net.Dial("tcp", s.resp)
			if err != nil {
				t.Fatalf("connection %d: %v", i, err)
			}
			conns[i] = c
			if _, err := c.Write([]byte("PING\r\n")); err != nil {
				t.Fatal(err)
			}
		}
		pong := make([]byte, len("+PONG\r\n"))
		for i, c := range conns {
			_ = c.SetDeadline(time.Now().Add(patience))
			if _, err := c.Read(pong); err != nil || string(pong) != "+PONG\r\n" {
				t.Fatalf("connection %d: %q, %v", i, pong, err)
			}
		}
		after := s.rollup()
		each := (after - before) / int64(want)
		t.Logf("%d idle connections: %d bytes resident before, %d after, %d a connection", want, before, after, each)
		most := int64(4 << 10)
		if engine == "goroutine" {
			most = 40 << 10 // a stack and a buffer each
		}
		if each > most {
			t.Errorf("%d bytes a connection, at most %d are expected", each, most)
		}
		c := s.redis()
		if got := c.info()["connected_clients"]; got != fmt.Sprint(want+1) {
			t.Errorf("connected_clients: %s, want %d", got, want+1)
		}
		c.want("OK", "SET", "k", "v")
		if _, err := conns[want/2].Write([]byte("GET k\r\n")); err != nil {
			t.Error(err)
		}
		if n, _ := conns[want/2].Read(pong); string(pong[:n]) != "$1\r\nv\r\n" {
			t.Errorf("an idle client got %q", pong[:n])
		}
		s.stop()
	})
}

// Large values go through whole, in pipelines, in both protocols.
func TestLargeValues(t *testing.T) {
	const size, count = 1_000_000, 40
	value := func(i int) string { return strings.Repeat(string(rune('a'+i%26)), size-1) + "." }
	eachEngine(t, func(t *testing.T, engine string) {
		s := start(t, options{engine: engine, maxmemory: "256mb"})
		redis, text := s.redis(), s.memcached()
		go func() {
			for i := range count {
				_, _ = redis.Write(resp.Command("SET", fmt.Sprint("r", i), value(i)))
				_, _ = text.Write([]byte(setText(fmt.Sprint("m", i), value(i))))
			}
			for i := range count {
				_, _ = redis.Write(resp.Command("GET", fmt.Sprint("r", i)))
				_, _ = text.Write(fmt.Appendf(nil, "get m%d\r\n", i))
			}
		}()
		for i := range count {
			if got := redis.reply(); got != "OK" {
				t.Fatalf("SET %d: %s", i, got)
			}
			if got := text.answer(); got != "STORED\r\n" {
				t.Fatalf("set %d: %s", i, got)
			}
		}
		for i := range count {
			if got := redis.reply(); got != value(i) {
				t.Errorf("GET %d: %d bytes, %.20q", i, len(got), got)
			}
			if got := text.answer(); got != fmt.Sprintf("VALUE m%d 0 %d\r\n%s\r\nEND\r\n", i, size, value(i)) {
				t.Errorf("get %d: %d bytes, %.20q", i, len(got), got)
			}
		}
		s.stop()
	})
}

// A client asks for gigabytes and reads nothing. The server keeps a bounded
// part of the replies, goes on with everybody else, and when the client starts to
// read it gets every reply in order.
func TestClientThatNeverReads(t *testing.T) {
	needProc(t)
	const size, keys, asked = 1_000_000, 16, 2000
	eachEngine(t, func(t *testing.T, engine string) {
		s := start(t, options{engine: engine})
		other := s.redis()
		for i := range keys {
			other.want("OK", "SET", fmt.Sprint("k", i), strings.Repeat(string(rune('a'+i)), size))
		}
		peak := s.watch()
		greedy := s.redis()
		var request []byte
		for i := range asked {
			request = append(request, resp.Command("GET", fmt.Sprint("k", i%keys))...)
		}
		sent := make(chan error, 1)
		go func() {
			_, err := greedy.Write(request)
			sent <- err
		}()
		for begin := time.Now(); time.Since(begin) < time.Second; {
			other.want("OK", "SET", "small", "value") // though nobody takes the replies of the other
		}
		if n := number(t, other.info(), "mapped_output"); n > 16*mb {
			t.Errorf("%d bytes of replies wait", n)
		}
		if most := peak(); most > 128*mb*105/100 {
			t.Errorf("%d bytes were resident", most)
		}
		head := fmt.Sprintf("$%d\r\n", size)
		got := make([]byte, len(head)+size+len("\r\n"))
		for i := range asked {
			_ = greedy.SetDeadline(time.Now().Add(patience))
			if _, err := io.ReadFull(greedy, got); err != nil {
				t.Fatalf("reply %d: %v", i, err)
			}
			value := got[len(head) : len(head)+size]
			if string(got[:len(head)]) != head || value[0] != byte('a'+i%keys) || value[size-1] != value[0] {
				t.Fatalf("reply %d: %.20q", i, got)
			}
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
		greedy.want("PONG", "PING")
		s.stop()
	})
}

// Nonsense over real sockets: nobody else notices.
func TestNonsense(t *testing.T) {
	seeds := []string{
		string(resp.Command("SET", "k", "value")), string(resp.Command("MULTI")), string(resp.Command("EXEC")), "GET k\r\n",
		"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$-5\r\n", "*1048577\r\n", "set k 0 0 5\r\nvalue\r\n", "get k\r\n", "gets k k k\r\n",
		"cas k 0 0 1 1\r\nx\r\n", "incr k 99999999999999999999\r\n", "\x80\x00\x00\x01", "POST / HTTP/1.1\r\n", strings.Repeat("a", 3000),
	}
	eachEngine(t, func(t *testing.T, engine string) {
		s := start(t, options{engine: engine})
		other := s.redis()
		other.want("OK", "SET", "stays", "here")
		var all sync.WaitGroup
		for worker := range 4 {
			address := s.resp
			if worker%2 == 1 {
				address = s.memcache
			}
			all.Go(func() { talkNonsense(address, seeds, uint64(worker), 2*time.Second) })
		}
		all.Wait()
		if !s.running() {
			t.Fatal("the server died")
		}
		until(t, patience, "the connections are gone", func() bool { return other.info()["connected_clients"] == "1" })
		if log := s.log.String(); strings.Contains(log, "panic") {
			t.Error("the server panicked")
		}
		s.stop()
	})
}

// talkNonsense sends mutated requests on one connection after another.
func talkNonsense(address string, seeds []string, seed uint64, d time.Duration) {
	dice := rand.New(rand.NewPCG(seed, 0))
	for end := time.Now().Add(d); time.Now().Before(end); {
		c, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		_ = c.SetDeadline(time.Now().Add(50 * time.Millisecond))
		for range 1 + dice.IntN(20) {
			b := []byte(seeds[dice.IntN(len(seeds))])
			for range dice.IntN(3) {
				switch at := dice.IntN(len(b)); dice.IntN(3) {
				case 0:
					b[at] = byte(dice.IntN(256))
				case 1:
					b = append(b[:at], b[min(at+1+dice.IntN(4), len(b)):]...)
				default:
					b = bytes.Join([][]byte{b[:at], b}, nil)
				}
				if len(b) == 0 {
					b = []byte("\n")
				}
			}
			if _, err := c.Write(b); err != nil {
				break
			}
		}
		if dice.IntN(2) == 0 {
			_, _ = c.Read(make([]byte, 64))
		}
		c.Close()
	}
}
