package apptest

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/memtext"
	"github.com/crucible-cache/crucible/internal/compat/resp"
)

// patience is how long a client waits for anything.
const patience = time.Minute

// client is a connection that fails its test when something is not as it should be.
type client struct {
	net.Conn
	t    *testing.T
	resp *resp.Reader
	text *bufio.Reader
}

func dial(t *testing.T, address string) *client {
	t.Helper()
	network := "tcp"
	if strings.HasPrefix(address, "/") {
		network = "unix"
	}
	c, err := net.DialTimeout(network, address, patience)
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, c)
}

func newClient(t *testing.T, c net.Conn) *client {
	t.Helper()
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return &client{Conn: c, t: t, resp: resp.NewReader(c), text: bufio.NewReader(c)}
}

// redis and memcached connect to the server.
func (s *server) redis() *client     { s.t.Helper(); return dial(s.t, s.resp) }
func (s *server) memcached() *client { s.t.Helper(); return dial(s.t, s.memcache) }

func (c *client) send(data []byte) {
	c.t.Helper()
	_ = c.SetDeadline(time.Now().Add(patience))
	if _, err := c.Write(data); err != nil {
		c.t.Fatal(err)
	}
}

// reply reads a RESP reply and returns its text; an error has its dash, nil is "(nil)".
func (c *client) reply() string {
	c.t.Helper()
	v, err := c.resp.ReadValue()
	if err != nil {
		c.t.Fatalf("reply: %v", err)
	}
	return show(v)
}

func show(v resp.Value) string {
	switch {
	case v.Nil:
		return "(nil)"
	case v.Kind == resp.Error:
		return "-" + string(v.Text)
	case v.Kind == resp.Array || v.Kind == resp.Map:
		var parts []string
		for _, e := range v.Elems {
			parts = append(parts, show(e))
		}
		return strings.Join(parts, " ")
	}
	return string(v.Text)
}

// do sends a RESP request and returns the reply.
func (c *client) do(words ...string) string {
	c.t.Helper()
	c.send(resp.Command(words...))
	return c.reply()
}

// want does and compares.
func (c *client) want(reply string, words ...string) {
	c.t.Helper()
	if got := c.do(words...); got != reply {
		c.t.Errorf("%.100q: got %.100q, want %.100q", words, got, reply)
	}
}

// ask sends a request of the text protocol and returns the reply.
func (c *client) ask(request string) string {
	c.t.Helper()
	c.send([]byte(request))
	return c.answer()
}

func (c *client) answer() string {
	c.t.Helper()
	reply, err := memtext.ReadReply(c.text)
	if err != nil {
		c.t.Fatalf("reply: %v after %.100q", err, reply)
	}
	return string(reply)
}

// wantText asks and compares.
func (c *client) wantText(reply, request string) {
	c.t.Helper()
	if got := c.ask(request); got != reply {
		c.t.Errorf("%.100q: got %.100q, want %.100q", request, got, reply)
	}
}

// info returns the fields of INFO.
func (c *client) info() map[string]string {
	c.t.Helper()
	fields := map[string]string{}
	for line := range strings.Lines(c.do("INFO", "everything")) {
		if name, value, found := strings.Cut(strings.TrimSpace(line), ":"); found {
			fields[name] = value
		}
	}
	return fields
}

// stats returns memcached's general statistics.
func (c *client) stats() map[string]string {
	c.t.Helper()
	fields := map[string]string{}
	for line := range strings.Lines(c.ask("stats\r\n")) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "STAT" {
			fields[f[1]] = f[2]
		}
	}
	return fields
}

// number reads a field that must be a number.
func number(t *testing.T, fields map[string]string, name string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(fields[name], 10, 64)
	if err != nil {
		t.Errorf("%s: %q is not a number", name, fields[name])
	}
	return n
}

// until waits for a condition.
func until(t *testing.T, timeout time.Duration, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(timeout); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("not within %v: %s", timeout, what)
			return
		}
	}
}

func setText(key, value string) string {
	return fmt.Sprintf("set %s 0 0 %d\r\n%s\r\n", key, len(value), value)
}
