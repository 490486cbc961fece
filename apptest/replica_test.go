package apptest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/resp"
)

// master speaks for a master of which a server is to be a replica.
type master struct {
	net.Listener
	t *testing.T
}

func newMaster(t *testing.T) *master {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &master{l, t}
}

// words are the arguments of REPLICAOF.
func (m *master) words() []string {
	host, port, _ := net.SplitHostPort(m.Addr().String())
	return []string{"REPLICAOF", host, port}
}

// masterLink is a replica's connection.
type masterLink struct {
	net.Conn
	t  *testing.T
	in *bufio.Reader
}

// request reads a request of the replica.
func (l *masterLink) request() string {
	l.t.Helper()
	_ = l.SetReadDeadline(time.Now().Add(patience))
	line := func() string {
		text, err := l.in.ReadString('\n')
		if err != nil {
			l.t.Fatalf("the replica says nothing more: %v", err)
		}
		return strings.TrimRight(text, "\r\n")
	}
	n, err := strconv.Atoi(strings.TrimPrefix(line(), "*"))
	if err != nil {
		l.t.Fatal(err)
	}
	words := make([]string, n)
	for i := range words {
		line()
		words[i] = line()
	}
	return strings.Join(words, " ")
}

// acknowledged waits until the replica says that it has come to an offset.
func (l *masterLink) acknowledged(offset int) {
	l.t.Helper()
	want := fmt.Sprintf("REPLCONF ACK %d", offset)
	until(l.t, patience, want, func() bool { return l.request() == want })
}

// accept takes a connection of the replica up to its PSYNC, which it returns.
func (m *master) accept(password string) (*masterLink, string) {
	m.t.Helper()
	_ = m.Listener.(*net.TCPListener).SetDeadline(time.Now().Add(patience))
	conn, err := m.Accept()
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { conn.Close() })
	l := &masterLink{conn, m.t, bufio.NewReader(conn)}
	for {
		switch said := l.request(); {
		case said == "PING" && password != "":
			l.say("-NOAUTH Authentication required.\r\n")
		case said == "PING":
			l.say("+PONG\r\n")
		case strings.HasPrefix(said, "AUTH "):
			if said != "AUTH "+password {
				m.t.Errorf("the replica said %q", said)
			}
			l.say("+OK\r\n")
		case strings.HasPrefix(said, "REPLCONF "):
			l.say("+OK\r\n")
		default:
			return l, said
		}
	}
}

func (l *masterLink) say(text string) {
	l.t.Helper()
	if _, err := io.WriteString(l, text); err != nil {
		l.t.Fatal(err)
	}
}

// requests are some as they are sent.
func requests(all ...[]string) string {
	var b strings.Builder
	for _, words := range all {
		b.Write(resp.Command(words...))
	}
	return b.String()
}

// data is what a server sends of its data to one who wants it once.
func (s *server) data() string {
	s.t.Helper()
	c := s.redis()
	c.want("OK", "REPLCONF", "rdb-only", "1")
	c.send(resp.Command("SYNC"))
	in := bufio.NewReader(c)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			s.t.Fatal(err)
		}
		if line == "\n" {
			continue
		}
		size, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, "$")))
		if err != nil {
			s.t.Fatalf("%q: %v", line, err)
		}
		b := make([]byte, size)
		if _, err := io.ReadFull(in, b); err != nil {
			s.t.Fatal(err)
		}
		return string(b)
	}
}

const (
	masterID  = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	nextID    = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	transfers = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
)

// A server that is a replica has what its master has, is written to by nobody else, goes on where a link broke
// off, and keeps what it has when it is a replica no more.
func TestReplica(t *testing.T) {
	source := start(t, options{})
	source.redis().want("3", "RPUSH", "list", "a", "b", "c")
	data := source.data()
	s, m := start(t, options{}), newMaster(t)
	c := s.redis()
	c.want("OK", "SET", "own", "goes")
	c.want("OK", "CONFIG", "SET", "masterauth", "pw")
	c.want("OK", m.words()...)
	c.want("OK Already connected to specified master", m.words()...)
	l, psync := m.accept("pw")
	if want := "PSYNC " + c.info()["master_replid"] + " 1"; psync != want {
		t.Errorf("the replica said %q, want %q: the master might have been its replica", psync, want)
	}
	c.want("-READONLY You can't write against a read only replica.", "SET", "own", "x")
	c.want("goes", "GET", "own")
	l.say("\n+FULLRESYNC " + masterID + " 100\r\n\n\n$EOF:" + transfers + "\r\n" + data + transfers)
	l.acknowledged(100)
	c.want("a b c", "LRANGE", "list", "0", "-1")
	c.want("(nil)", "GET", "own")
	reader := s.redis()
	reader.want("subscribe ch 1", "SUBSCRIBE", "ch")

	// What has expired stays until the master says so, and the master's clock may be another.
	past := strconv.FormatInt(time.Now().Add(-time.Minute).UnixMilli(), 10)
	stream := requests([]string{"SELECT", "1"}, []string{"SET", "k", "v"}, []string{"PEXPIREAT", "k", past},
		[]string{"MULTI"}, []string{"INCR", "n"}, []string{"INCR", "n"}, []string{"EXEC"}, []string{"PUBLISH", "ch", "hi"})
	l.say(stream[:50])
	l.say(stream[50:])
	offset := 100 + len(stream)
	l.acknowledged(offset)
	if got := reader.reply(); got != "message ch hi" {
		t.Errorf("a subscriber heard %q", got)
	}
	c.want("OK", "SELECT", "1")
	c.want("(nil)", "GET", "k")
	c.want("2", "GET", "n")
	persist := requests([]string{"PERSIST", "k"}, []string{"REPLCONF", "GETACK", "*"})
	l.say(persist)
	offset += len(persist)
	l.acknowledged(offset)
	c.want("v", "GET", "k")

	// A transaction that the link breaks off in is sent again.
	l.say(requests([]string{"MULTI"}, []string{"SET", "half", "x"}))
	time.Sleep(50 * time.Millisecond)
	l.Close()
	l, psync = m.accept("pw")
	if want := fmt.Sprintf("PSYNC %s %d", masterID, offset+1); psync != want {
		t.Fatalf("the replica said %q, want %q", psync, want)
	}
	l.say("+CONTINUE " + nextID + "\r\n")
	more := requests([]string{"INCR", "n"})
	l.say(more)
	offset += len(more)
	l.acknowledged(offset)
	c.want("3", "GET", "n")
	c.want("(nil)", "GET", "half")
	if facts := c.info(); facts["role"] != "slave" || facts["master_link_status"] != "up" ||
		facts["master_replid"] != nextID || facts["master_replid2"] != masterID ||
		facts["slave_repl_offset"] != strconv.Itoa(offset) {
		t.Errorf("%v", facts)
	}

	c.want("1", "CLIENT", "KILL", "TYPE", "master")
	l, psync = m.accept("pw")
	if want := fmt.Sprintf("PSYNC %s %d", nextID, offset+1); psync != want {
		t.Errorf("the replica said %q, want %q", psync, want)
	}
	// Data that is not whole is asked for again, and nothing is served of it in the end.
	l.say("+FULLRESYNC " + masterID + " 7\r\n$" + strconv.Itoa(len(data)) + "\r\n" + data[:len(data)/2])
	l.Close()
	l, _ = m.accept("pw")
	c.want("3", "GET", "n")
	l.say("+FULLRESYNC " + masterID + " 7\r\n$" + strconv.Itoa(len(data)) + "\r\n" + data)
	l.acknowledged(7)
	c.want("(nil)", "GET", "n")
	c.want("OK", "REPLICAOF", "NO", "ONE")
	c.want("OK", "SET", "own", "x")
	c.want("OK", "SELECT", "0")
	c.want("3", "LLEN", "list")
	if _, err := io.ReadAll(l.in); err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("the link is still there: %v", err)
	}
	c.want("OK", m.words()...)
	m.accept("pw")
	s.stop()
}
