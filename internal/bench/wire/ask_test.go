package wire

import (
	"bufio"
	"net"
	"strings"
	"testing"
)

// scripted answers each line it reads with the next of the replies.
func scripted(t *testing.T, replies ...string) net.Conn {
	t.Helper()
	ours, theirs := net.Pipe()
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	go func() {
		in := bufio.NewReader(theirs)
		for _, reply := range replies {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			if count, ok := strings.CutPrefix(line, "*"); ok { // the rest of a RESP command
				n, _ := parseLength([]byte(strings.TrimSpace(count)))
				for range 2 * n {
					in.ReadString('\n')
				}
			}
			theirs.Write([]byte(reply))
		}
		theirs.Close()
	}()
	return ours
}

func TestAsk(t *testing.T) {
	for _, c := range []struct {
		protocol Protocol
		replies  []string
		greeting string
		want     string // in the error, empty for none
	}{
		{RESP, []string{"+PONG\r\n"}, "", ""},
		{RESP, []string{"+OK\r\n", "+PONG\r\n"}, "AUTH x\r\n", ""},
		{RESP, []string{"-WRONGPASS no\r\n"}, "AUTH x\r\n", "WRONGPASS"},
		{RESP, []string{"-NOAUTH Authentication required.\r\n"}, "", "NOAUTH"},
		{RESP, []string{"ERROR\r\n"}, "", "protocol error"},
		{RESP, nil, "", "EOF"},
		{Memcache, []string{"VERSION 1.6.38\r\n"}, "", ""},
		{Memcache, []string{"ERROR\r\n"}, "", "ERROR"},
		{Ping, []string{"PONG\r\n"}, "", ""},
	} {
		var greeting [][]byte
		if c.greeting != "" {
			greeting = append(greeting, []byte(c.greeting))
		}
		err := Ask(scripted(t, c.replies...), c.protocol, greeting...)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) && !strings.Contains(err.Error(), "closed") {
			t.Errorf("%s %q: got %v, want %q", c.protocol, c.replies, err, c.want)
		}
	}
}

func TestIdentify(t *testing.T) {
	info := "# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1\r\ngcc_version:14.2.0\r\n"
	for _, c := range []struct {
		protocol Protocol
		replies  []string
		want     string
	}{
		{RESP, []string{"+PONG\r\n", "$" + "99\r\n" + info + strings.Repeat(" ", 99-len(info)) + "\r\n"}, "valkey 8.1.1"},
		{RESP, []string{"+PONG\r\n", "$21\r\nredis_version:8.0.2\r\n\r\n"}, "redis 8.0.2"},
		{RESP, []string{"+PONG\r\n", "-NOPERM no\r\n"}, ""},
		{Memcache, []string{"VERSION 1.6.38\r\n"}, "memcached 1.6.38"},
	} {
		if got, err := Identify(scripted(t, c.replies...), c.protocol); err != nil || got != c.want {
			t.Errorf("%q: %q, %v, want %q", c.replies, got, err, c.want)
		}
	}
	if _, err := Identify(scripted(t, "+PONG\r\n"), Memcache); err == nil {
		t.Error("a server of another protocol must be refused")
	}
}

func TestItems(t *testing.T) {
	for _, c := range []struct {
		protocol Protocol
		reply    string
		want     uint64
		failure  string
	}{
		{RESP, ":42\r\n", 42, ""},
		{RESP, "-NOAUTH Authentication required.\r\n", 0, "NOAUTH"},
		{Memcache, "STAT pid 1\r\nSTAT curr_items 7\r\nSTAT x 1\r\nEND\r\n", 7, ""},
		{Memcache, "STAT pid 1\r\nEND\r\n", 0, "END"},
		{Memcache, "", 0, "no answer"},
	} {
		got, err := Items(scripted(t, c.reply), c.protocol)
		if got != c.want || (err == nil) != (c.failure == "") || err != nil && !strings.Contains(err.Error(), c.failure) {
			t.Errorf("%s %q: %d, %v", c.protocol, c.reply, got, err)
		}
	}
}

// A server says how many requests it has had, in its own way.
func TestServed(t *testing.T) {
	for _, c := range []struct {
		protocol Protocol
		reply    string
		want     uint64
	}{
		{RESP, "$60\r\n# Stats\r\ntotal_connections_received:3\r\ntotal_commands_processed:1234\r\n\r\n", 1234},
		{Memcache, "STAT pid 7\r\nSTAT cmd_get 30\r\nSTAT cmd_set 4\r\nSTAT cmd_flush 9\r\nEND\r\n", 34},
	} {
		ours, theirs := net.Pipe()
		go func() {
			buffer := make([]byte, 100)
			_, _ = theirs.Read(buffer)
			_, _ = theirs.Write([]byte(c.reply))
			theirs.Close()
		}()
		if got, err := Served(ours, c.protocol); err != nil || got != c.want {
			t.Errorf("%s: %d, %v", c.protocol, got, err)
		}
		ours.Close()
	}
	ours, theirs := net.Pipe()
	theirs.Close()
	if _, err := Served(ours, RESP); err == nil {
		t.Error("a server that is gone has served nothing")
	}
}
