package apptest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	reference "github.com/crucible-cache/crucible/internal/compat/launch"
	"github.com/crucible-cache/crucible/internal/compat/resp"
)

// startReference starts the reference server as a plain one that allows DEBUG, and returns its address.
func startReference(t *testing.T) string {
	t.Helper()
	command, err := reference.Reference("..", "redis")
	if err != nil {
		t.Skip("*** NOT TESTED: " + err.Error())
	}
	s, err := reference.Start(context.Background(), reference.RedisDebug(command))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.Stop()
		if t.Failed() {
			t.Logf("the reference said:\n%s", s.Output())
		}
	})
	return s.Address
}

// debugAllowed is of a profile.
const debugAllowed = "[redis]\nenable_debug_command = \"yes\"\n"

// caughtUp waits until each of the replicas says that it has the whole stream of a master whom nobody writes to, and compares
// the data.
func caughtUp(t *testing.T, from *client, replicas map[string]*client) {
	t.Helper()
	for name, c := range replicas {
		until(t, patience, name+" has what its master has", func() bool {
			have, want := c.info(), from.info()["master_repl_offset"]
			return have["master_link_status"] == "up" && have["slave_repl_offset"] == want
		})
		until(t, patience, name+" has the same data", func() bool { // when what expires is gone
			return c.do("DEBUG", "DIGEST") == from.do("DEBUG", "DIGEST")
		})
	}
}

// scribble sends n requests that write, of all kinds.
func scribble(c *client, r *rand.Rand, n int) {
	c.t.Helper()
	var b []byte
	for i := range n {
		k, v := strconv.Itoa(r.IntN(200)), strconv.Itoa(i)
		kinds := [][][]string{
			{{"SET", "s" + k, v}},
			{{"SET", "e" + k, v, "PX", "50"}},
			{{"INCRBYFLOAT", "f" + k, "0.5"}},
			{{"APPEND", "a" + k, v}},
			{{"RPUSH", "l" + k, v, "x"}},
			{{"LPOP", "l" + k}},
			{{"LMOVE", "l" + k, "l0", "LEFT", "RIGHT"}},
			{{"HSET", "h" + k, v, v}},
			{{"SADD", "m" + k, v}},
			{{"SPOP", "m" + k}},
			{{"ZADD", "z" + k, "1.5", v}},
			{{"XADD", "x" + k, "MAXLEN", "~", "5", "*", "f", v}},
			{{"DEL", "s" + k}},
			{{"SELECT", strconv.Itoa(r.IntN(3))}},
			{{"MULTI"}, {"INCR", "n" + k}, {"INCR", "o" + k}, {"EXEC"}},
			{{"EVAL", "return redis.call('INCR', KEYS[1]) + redis.call('INCR', KEYS[2])", "2", "p" + k, "q" + k}},
		}
		for _, words := range kinds[r.IntN(len(kinds))] {
			b = append(b, resp.Command(words...)...)
			n++
		}
		n--
	}
	go func() { _, _ = c.Write(b) }() // replies that do not come tell
	for range n {
		c.reply()
	}
	c.do("SELECT", "0")
}

// A Redis and a server of ours follow one that is written to by two at once, through links that break, and a third one follows
// the second.
func TestFollowed(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine string) {
		s := start(t, options{engine: engine, profile: debugAllowed})
		ours, last := start(t, options{engine: engine, profile: debugAllowed}), startReference(t)
		c, first := s.redis(), startReference(t)
		replicas := map[string]*client{"Redis": dial(t, first), "ours": ours.redis(), "Redis behind ours": dial(t, last)}
		host, port, _ := net.SplitHostPort(s.resp)
		r := rand.New(rand.NewPCG(1, uint64(len(engine))))
		scribble(c, r, 500)
		replicas["Redis"].want("OK", "REPLICAOF", host, port)
		replicas["ours"].want("OK", "REPLICAOF", host, port)
		until(t, patience, "two replicas", func() bool { return c.info()["connected_slaves"] == "2" })
		_, second, _ := net.SplitHostPort(ours.resp)
		until(t, patience, "ours is up", func() bool { return replicas["ours"].info()["master_link_status"] == "up" })
		replicas["Redis behind ours"].want("OK", "REPLICAOF", host, second)
		for round := range 3 {
			done := make(chan struct{})
			go func() {
				defer close(done)
				scribble(s.redis(), rand.New(rand.NewPCG(2, uint64(round))), 500)
			}()
			scribble(c, r, 250)
			if round > 0 {
				c.do("CLIENT", "KILL", "TYPE", "replica")
			}
			scribble(c, r, 250)
			<-done
		}
		until(t, patience, "a link to Redis behind ours", func() bool { return replicas["Redis behind ours"].info()["master_link_status"] == "up" })
		caughtUp(t, c, replicas)
		facts := c.info()
		if facts["sync_full"] != "2" || facts["sync_partial_ok"] == "0" {
			t.Errorf("%s replicas got all data, and %s went on where they were", facts["sync_full"], facts["sync_partial_ok"])
		}
		c.want("OK", "SET", "k", "v")
		c.want("2", "WAIT", "2", "10000")

		// The replica becomes the master, and the master its replica: nobody needs all the data for that.
		replicas["ours"].want("OK", "REPLICAOF", "NO", "ONE")
		replicas["Redis"].want("OK", "REPLICAOF", host, second)
		c.want("OK", "REPLICAOF", host, second)
		replicas["ours"].want("OK", "SET", "k", "w")
		until(t, patience, "all follow the new one", func() bool { return replicas["ours"].info()["connected_slaves"] == "3" })
		master := replicas["ours"]
		delete(replicas, "ours")
		replicas["the old one"] = c
		caughtUp(t, master, replicas)
		if n := master.info()["sync_full"]; n != "1" {
			t.Errorf("%s replicas of the new one got all data, want the one it had", n)
		}
	})
}

// A replica speaks TLS to its master if it is told to, and only to one whose certificate it trusts.
func TestFollowedWithTLS(t *testing.T) {
	cert, key, _ := certificate(t)
	other, _, _ := certificate(t)
	s := start(t, options{listeners: fmt.Sprintf("[[listener]]\nprotocol = \"resp\"\naddress = \"127.0.0.1:0\"\n"+
		"[listener.tls]\ncert = %q\nkey = %q\nclient_ca = %q\nclient_auth = \"required\"\n", cert, key, cert)})
	host, port, _ := net.SplitHostPort(s.resp)
	r := start(t, options{profile: debugAllowed}).redis()
	r.want("-ERR CONFIG SET failed (possibly related to argument 'tls-replication') - Unable to update TLS configuration. Check server logs.",
		"CONFIG", "SET", "tls-replication", "yes")
	r.want("OK", "CONFIG", "SET", "tls-ca-cert-file", other, "tls-client-cert-file", cert, "tls-client-key-file", key, "tls-replication", "yes")
	r.want("OK", "REPLICAOF", host, port)
	time.Sleep(200 * time.Millisecond)
	if facts := r.info(); facts["master_link_status"] != "down" {
		t.Error("follows a master that it does not trust")
	}
	r.want("OK", "CONFIG", "SET", "tls-ca-cert-file", cert)
	until(t, patience, "the link is up", func() bool { return r.info()["master_link_status"] == "up" })
}

// A server changes places with its replica, whoever that is, and there and back nobody needs all the data again.
func TestFailover(t *testing.T) {
	s, other := start(t, options{profile: debugAllowed}), startReference(t)
	c, r := s.redis(), dial(t, other)
	host, port, _ := net.SplitHostPort(s.resp)
	r.want("OK", "REPLICAOF", host, port)
	until(t, patience, "the link is up", func() bool { return r.info()["master_link_status"] == "up" })
	c.want("OK", "SET", "k", "v")
	_, other, _ = net.SplitHostPort(other)
	c.want("-ERR FAILOVER target HOST and PORT is not a replica.", "FAILOVER", "TO", host, "1")
	c.want("OK", "FAILOVER", "TO", host, other, "TIMEOUT", "60000")
	until(t, patience, "the Redis is the master", func() bool {
		return r.info()["role"] == "master" && c.info()["master_link_status"] == "up" && c.info()["master_failover_state"] == "no-failover"
	})
	if got := c.do("SET", "k", "w"); !strings.HasPrefix(got, "-READONLY") {
		t.Errorf("SET: %s", got)
	}
	r.want("OK", "SET", "k", "w")
	caughtUp(t, r, map[string]*client{"the old master": c})
	until(t, patience, "the Redis begins", func() bool { return r.do("FAILOVER") == "OK" })
	until(t, patience, "ours is the master", func() bool { return c.info()["role"] == "master" && r.info()["master_link_status"] == "up" })
	c.want("OK", "SET", "k", "x")
	caughtUp(t, c, map[string]*client{"the Redis": r})
	if facts := c.info(); facts["sync_full"] != "1" || facts["sync_partial_ok"] == "0" {
		t.Errorf("sync_full %s, sync_partial_ok %s", facts["sync_full"], facts["sync_partial_ok"])
	}

	// A replica that says nothing more is waited for, and then not.
	silent := s.follow()
	silent.send(resp.Command("PSYNC", "?", "-1"))
	silent.line()
	silent.data()
	c.want("OK", "SET", "k", "y")
	until(t, patience, "the silent one is online", func() bool { return strings.Contains(c.info()["slave1"], "online") })
	addr := strings.Split(strings.TrimPrefix(strings.Split(c.info()["slave1"], ",")[0], "ip="), ":")[0]
	c.want("OK", "FAILOVER", "TO", addr, "0", "TIMEOUT", "300")
	c.want("-ERR FAILOVER already in progress.", "FAILOVER")
	c.want("-ERR REPLICAOF not allowed while failing over.", "REPLICAOF", "NO", "ONE")
	begun := time.Now()
	c.want("OK", "SET", "k", "z")
	if waited := time.Since(begun); waited < 200*time.Millisecond {
		t.Errorf("written after %v, while a replica was to catch up", waited)
	}
	silent.Close()

	// A server that stops has its replicas have everything first.
	until(t, patience, "one replica", func() bool { return c.info()["connected_slaves"] == "1" })
	scribble(c, rand.New(rand.NewPCG(3, 3)), 1000)
	c.want("OK", "SET", "last", "word")
	s.stop()
	r.want("word", "GET", "last")
}

// follower is a connection that says it is a replica.
type follower struct {
	*client
	in *bufio.Reader
}

func (s *server) follow(requests ...string) *follower {
	s.t.Helper()
	c := s.redis()
	for _, r := range requests {
		c.want("OK", strings.Fields(r)...)
	}
	return &follower{c, bufio.NewReader(c)}
}

// line reads a line that is not empty.
func (f *follower) line() string {
	f.t.Helper()
	for {
		_ = f.SetReadDeadline(time.Now().Add(patience))
		line, err := f.in.ReadString('\n')
		if err != nil {
			f.t.Fatalf("nothing more comes: %v", err)
		}
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			return line
		}
	}
}

// data reads all the data.
func (f *follower) data() {
	f.t.Helper()
	head := f.line()
	if mark, marked := strings.CutPrefix(head, "$EOF:"); marked {
		var seen strings.Builder
		for !strings.HasSuffix(seen.String(), mark) {
			b, err := f.in.ReadByte()
			if err != nil {
				f.t.Fatal(err)
			}
			seen.WriteByte(b)
		}
		return
	}
	n, err := strconv.Atoi(strings.TrimPrefix(head, "$"))
	if err != nil {
		f.t.Fatalf("%q comes before the data", head)
	}
	if _, err := io.CopyN(io.Discard, f.in, int64(n)); err != nil {
		f.t.Fatal(err)
	}
}

// wantNext reads as much of the stream as the requests are.
func (f *follower) wantNext(all ...[]string) {
	f.t.Helper()
	want := requests(all...)
	got := make([]byte, len(want))
	_ = f.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.ReadFull(f.in, got); err != nil || string(got) != want {
		f.t.Errorf("the stream has %q (%v), want %q", got, err, want)
	}
}

// wantEnd waits until the server has ended the connection.
func (f *follower) wantEnd() {
	f.t.Helper()
	_ = f.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.Copy(io.Discard, f.in); err != nil && !strings.Contains(err.Error(), "reset") {
		f.t.Errorf("the connection is still there: %v", err)
	}
}

// What a replica is told, in which order.
func TestFollowing(t *testing.T) {
	s := start(t, options{})
	c := s.redis()
	c.want("OK", "CONFIG", "SET", "repl-ping-replica-period", "3600")
	old := s.follow()
	old.send([]byte("SYNC\r\n"))
	old.data()
	c.want("OK", "SET", "a", "1")
	c.want("OK", "SELECT", "3")
	c.want("OK", "SET", "a", "2")
	old.wantNext([]string{"SELECT", "0"}, []string{"SET", "a", "1"}, []string{"SELECT", "3"}, []string{"SET", "a", "2"})

	f := s.follow("REPLCONF listening-port 7777 ip-address 9.9.9.9", "REPLCONF capa eof capa psync2")
	f.send(resp.Command("PSYNC", "?", "-1"))
	offset, _ := strconv.Atoi(c.info()["master_repl_offset"])
	id := c.info()["master_replid"]
	if got, want := f.line(), fmt.Sprintf("+FULLRESYNC %s %d", id, offset); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	f.data()
	c.want("OK", "SET", "a", "3")
	old.wantNext([]string{"SELECT", "3"}, []string{"SET", "a", "3"}) // for the sake of the other
	if n := f.in.Buffered(); n > 0 {
		t.Errorf("%d bytes came before it said that it has read the mark", n)
	}
	f.send(resp.Command("REPLCONF", "ACK", strconv.Itoa(offset)))
	f.wantNext([]string{"SELECT", "3"}, []string{"SET", "a", "3"})
	facts := c.info()
	if got := facts["slave1"]; !strings.HasPrefix(got, "ip=9.9.9.9,port=7777,state=online,offset="+strconv.Itoa(offset)+",lag=") {
		t.Errorf("slave1:%s", got)
	}
	if facts["connected_clients"] != "1" || facts["connected_slaves"] != "2" || facts["sync_full"] != "2" {
		t.Errorf("%v", facts)
	}

	// WAIT asks them, and has the answer of who acknowledges.
	c.send(resp.Command("WAIT", "1", "0"))
	f.wantNext([]string{"REPLCONF", "GETACK", "*"})
	f.send(resp.Command("REPLCONF", "ACK", facts["master_repl_offset"]))
	if got := c.reply(); got != "1" {
		t.Errorf("WAIT: %s", got)
	}
	c.want("1", "WAIT", "2", "10")
	c.want("0 0", "WAITAOF", "0", "1", "10")
	f.wantNext([]string{"REPLCONF", "GETACK", "*"}, []string{"REPLCONF", "GETACK", "*"})
	c.want("OK", "CONFIG", "SET", "min-replicas-to-write", "3")
	if got := c.do("SET", "a", "4"); !strings.HasPrefix(got, "-NOREPLICAS") {
		t.Errorf("SET: %s", got)
	}
	c.want("OK", "CONFIG", "SET", "min-replicas-to-write", "2")
	c.want("OK", "SET", "a", "4")
	f.wantNext([]string{"SET", "a", "4"})

	// One who was away goes on from a byte on, or from nothing.
	end, _ := strconv.Atoi(c.info()["master_repl_offset"])
	f.Close()
	until(t, patience, "one replica", func() bool { return c.info()["connected_slaves"] == "1" })
	again := s.follow("REPLCONF capa psync2")
	again.send(resp.Command("PSYNC", id, strconv.Itoa(end+1-len(requests([]string{"SET", "a", "4"})))))
	if got := again.line(); got != "+CONTINUE "+id {
		t.Errorf("%q", got)
	}
	again.wantNext([]string{"SET", "a", "4"})
	for _, psync := range [][]string{{id, strconv.Itoa(end + 2)}, {id, "0"}, {masterID, "1"}} {
		other := s.follow()
		other.send(resp.Command(append([]string{"PSYNC"}, psync...)...))
		if got := other.line(); !strings.HasPrefix(got, "+FULLRESYNC "+id) {
			t.Errorf("PSYNC %v: %q", psync, got)
		}
		other.Close()
	}

	// A replica that asks for an answer, and one that does not read, are disconnected.
	again.send(resp.Command("PING"))
	again.wantEnd()
	c.want("OK", "CONFIG", "SET", "min-replicas-to-write", "0")
	c.want("OK", "CONFIG", "SET", "client-output-buffer-limit", "replica 2mb 0 0")
	big := strings.Repeat("x", 1<<20)
	until(t, patience, "the one that does not read is gone", func() bool {
		c.want("OK", "SET", "a", big)
		return c.info()["connected_slaves"] == "0"
	})
	until(t, patience, "no more than the backlog is kept", func() bool {
		kept, _ := strconv.Atoi(c.info()["mapped_backlog"])
		return kept <= 1<<20+128<<10
	})
	s.stop()
}
