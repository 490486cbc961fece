package memcached

import (
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
)

// testClient is a client of a server that has nothing but memory.
type testClient struct {
	*Client
	parser memcache.Parser
	out    *protocol.Output
}

const (
	testMemory  = 64 << 20
	testSegment = 1 << 20
)

func newTestClient(t testing.TB) *testClient {
	t.Helper()
	return newTestClientOf(t, keyspace.Config{
		Databases: 2, Maxmemory: testMemory, SegmentSize: testSegment, Policy: "fifo",
	})
}

func newTestClientOf(t testing.TB, config keyspace.Config) *testClient {
	t.Helper()
	ks, err := keyspace.New(config)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	server := NewServer(Settings{
		MaxItem: memcache.DefaultMaxItem, MaxLine: memcache.DefaultMaxLine, MaxConnections: 1024, Threads: 1,
	}, now)
	w := server.NewWorker(ks.NewWorker(0, 1))
	w.NowMS = now.UnixMilli()
	pool := new(protocol.Pool)
	c := &testClient{out: protocol.NewOutput(pool)}
	c.Client = &Client{W: w, Out: memcache.Writer{Out: c.out}}
	c.parser.MaxItem, c.parser.MaxLine = server.Settings.MaxItem, server.Settings.MaxLine
	t.Cleanup(func() {
		c.out.Release()
		pool.Close()
		ks.Close()
	})
	return c
}

// feed executes the requests in input, which are whole.
func (c *testClient) feed(input []byte) {
	for len(input) > 0 {
		n, err := c.parser.Parse(input)
		if err != nil {
			c.Refused(&c.parser.Request, err.(*memcache.Error))
		} else if n > 0 {
			c.Execute(&c.parser.Request, &Ahead{})
		}
		if n == 0 {
			return
		}
		input = input[n:]
	}
}

// do executes the requests in input and returns the replies.
func (c *testClient) do(input string) string {
	c.feed([]byte(input))
	var reply []byte
	for _, b := range c.out.Vector(nil, 1<<20) {
		reply = append(reply, b...)
	}
	c.out.Discard(c.out.Len())
	return string(reply)
}

// exchange is what a client sends and the reply of the reference server.
type exchange struct{ request, reply string }

func (c *testClient) exchange(t *testing.T, all []exchange) {
	t.Helper()
	for _, x := range all {
		if got := c.do(x.request); got != x.reply {
			t.Errorf("%.100q\n got %.200q\nwant %.200q", x.request, got, x.reply)
		}
	}
}
