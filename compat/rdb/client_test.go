package rdb

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/launch"
	"github.com/crucible-cache/crucible/internal/compat/resp"
	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

func TestMain(m *testing.M) { os.Exit(servertest.Main(m)) }

// server is one side and a connection to it.
type server struct {
	*launch.Server
	name string
	conn net.Conn
	in   *resp.Reader
}

func connect(t *testing.T, name string, s *launch.Server) *server {
	t.Helper()
	conn, err := net.DialTimeout("tcp", s.Address, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &server{s, name, conn, resp.NewReader(conn)}
}

// ask sends a command and returns its reply.
func (s *server) ask(t *testing.T, args ...string) resp.Value {
	t.Helper()
	_ = s.conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := s.conn.Write(resp.Command(args...)); err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	v, err := s.in.ReadValue()
	if err != nil {
		t.Fatalf("%s: %q: %v", s.name, args[0], err)
	}
	return v
}

// do is ask for a command that must not fail.
func (s *server) do(t *testing.T, args ...string) resp.Value {
	t.Helper()
	v := s.ask(t, args...)
	if v.Kind == resp.Error {
		t.Fatalf("%s: %.200q: %s", s.name, args, v.Text)
	}
	return v
}

func show(v resp.Value) string {
	switch {
	case v.Nil:
		return "nil"
	case v.Kind == resp.Array:
		parts := make([]string, len(v.Elems))
		for i, e := range v.Elems {
			parts[i] = show(e)
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return fmt.Sprintf("%q", v.Text)
}

// pairs shows an array of pairs in the order of the first of each.
func pairs(v resp.Value, n int) string {
	var all []string
	for i := 0; i+n <= len(v.Elems); i += n {
		part := ""
		for _, e := range v.Elems[i : i+n] {
			part += show(e) + " "
		}
		all = append(all, part)
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// scores shows members with their scores, which servers write out with more or
// fewer digits.
func scores(v resp.Value) (text string) {
	for i := 0; i+1 < len(v.Elems); i += 2 {
		score, _ := strconv.ParseFloat(string(v.Elems[i+1].Text), 64)
		text += fmt.Sprintf("%q %v\n", v.Elems[i].Text, score)
	}
	return text
}

// describe shows all of a key that a copy of it should have: type, elements,
// expiry. Times of fields are shown if the server knows them.
func (s *server) describe(t *testing.T, key string) string {
	t.Helper()
	kind := string(s.do(t, "TYPE", key).Text)
	text := kind + " expires " + show(s.do(t, "PEXPIRETIME", key)) + "\n"
	switch kind {
	case "string":
		return text + show(s.do(t, "GET", key))
	case "list":
		return text + show(s.do(t, "LRANGE", key, "0", "-1"))
	case "set":
		return text + pairs(s.do(t, "SMEMBERS", key), 1)
	case "zset":
		return text + scores(s.do(t, "ZRANGE", key, "0", "-1", "WITHSCORES"))
	case "hash":
		return text + pairs(s.do(t, "HGETALL", key), 2) + s.fieldTimes(t, key)
	case "stream":
		return text + s.describeStream(t, key)
	}
	return text
}

func (s *server) fieldTimes(t *testing.T, key string) string {
	fields := s.do(t, "HKEYS", key)
	names := make([]string, 0, len(fields.Elems))
	for _, f := range fields.Elems {
		names = append(names, string(f.Text))
	}
	slices.Sort(names)
	args := append([]string{"HPEXPIRETIME", key, "FIELDS", fmt.Sprint(len(names))}, names...)
	v := s.ask(t, args...)
	if v.Kind == resp.Error { // a server that knows none
		return ""
	}
	text := show(v)
	if !strings.ContainsAny(strings.ReplaceAll(text, "\"-1\"", ""), "0123456789") {
		return ""
	}
	return "\n" + text
}

// describeStream leaves out of XINFO what says how the stream lies in memory, and
// the times that version 10 does not keep.
func (s *server) describeStream(t *testing.T, key string) string {
	text := show(s.do(t, "XRANGE", key, "-", "+")) + "\n"
	info := s.do(t, "XINFO", "STREAM", key, "FULL", "COUNT", "0")
	for i := 0; i+1 < len(info.Elems); i += 2 {
		switch name := string(info.Elems[i].Text); name {
		case "radix-tree-keys", "radix-tree-nodes", "entries":
		case "groups":
			for _, g := range info.Elems[i+1].Elems {
				text += describeGroup(g)
			}
		default:
			text += name + " " + show(info.Elems[i+1]) + "\n"
		}
	}
	return text
}

func describeGroup(g resp.Value) (text string) {
	for i := 0; i+1 < len(g.Elems); i += 2 {
		if name := string(g.Elems[i].Text); name != "consumers" {
			text += name + " " + show(g.Elems[i+1]) + "\n"
			continue
		}
		for _, c := range g.Elems[i+1].Elems {
			for k := 0; k+1 < len(c.Elems); k += 2 {
				if name := string(c.Elems[k].Text); name != "active-time" {
					text += "  " + name + " " + show(c.Elems[k+1]) + "\n"
				}
			}
		}
	}
	return text
}
