package clients

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

func TestGomemcache(t *testing.T) {
	servertest.EachEngine(t, func(t *testing.T, engine string) {
		server := servertest.Start(t, "memcached", engine)
		client := memcache.New(server.Address)
		client.Timeout = time.Minute
		defer client.Close()
		g := gomemcache{t: t, client: client}
		g.storage()
		g.conditions()
		g.numbers()
		g.lifetime()
		g.many()
	})
}

type gomemcache struct {
	t      *testing.T
	client *memcache.Client
}

func (g *gomemcache) done(what string, err error) {
	g.t.Helper()
	that(g.t, what, err, true, nil)
}

func (g *gomemcache) refused(what string, err, want error) {
	g.t.Helper()
	that(g.t, what, nil, errors.Is(err, want), err)
}

func (g *gomemcache) holds(key, value string, flags uint32) *memcache.Item {
	g.t.Helper()
	item, err := g.client.Get(key)
	if err != nil {
		g.t.Errorf("get %s: %v", key, err)
		return nil
	}
	if string(item.Value) != value || item.Flags != flags {
		g.t.Errorf("get %s: %.80q with flags %d, want %.80q with %d", key, item.Value, item.Flags, value, flags)
	}
	return item
}

func (g *gomemcache) storage() {
	c := g.client
	g.done("version", c.Ping())
	g.done("flush_all", c.FlushAll())
	for i, value := range []string{"v", "", "\x00\r\nEND\r\n\xff", strings.Repeat("x", 1_000_000)} {
		g.done("set", c.Set(&memcache.Item{Key: "k", Value: []byte(value), Flags: uint32(i)}))
		g.holds("k", value, uint32(i))
	}
	g.done("set", c.Set(&memcache.Item{Key: "k", Value: []byte("mid"), Flags: 1<<32 - 1}))
	g.done("append", c.Append(&memcache.Item{Key: "k", Value: []byte("-tail")}))
	g.done("prepend", c.Prepend(&memcache.Item{Key: "k", Value: []byte("head-")}))
	g.holds("k", "head-mid-tail", 1<<32-1)
	long := strings.Repeat("k", 250)
	g.done("set of a long key", c.Set(&memcache.Item{Key: long, Value: []byte("v")}))
	g.holds(long, "v", 0)
	err := c.Set(&memcache.Item{Key: "k", Value: make([]byte, 2<<20)})
	that(g.t, "set of a value that is too large", nil, err != nil, err)
	g.done("version after the refusal", c.Ping())
}

func (g *gomemcache) conditions() {
	c := g.client
	g.done("flush_all", c.FlushAll())
	_, err := c.Get("k")
	g.refused("get of a missing key", err, memcache.ErrCacheMiss)
	item := &memcache.Item{Key: "k", Value: []byte("1")}
	g.refused("replace of a missing key", c.Replace(item), memcache.ErrNotStored)
	g.refused("append to a missing key", c.Append(item), memcache.ErrNotStored)
	g.done("add", c.Add(item))
	g.refused("add of a key that is there", c.Add(item), memcache.ErrNotStored)
	g.done("replace", c.Replace(&memcache.Item{Key: "k", Value: []byte("2")}))
	held := g.holds("k", "2", 0)
	held.Value = []byte("3")
	g.done("cas", c.CompareAndSwap(held))
	held.Value = []byte("4")
	g.refused("cas again", c.CompareAndSwap(held), memcache.ErrCASConflict)
	g.holds("k", "3", 0)
	g.done("delete", c.Delete("k"))
	g.refused("delete again", c.Delete("k"), memcache.ErrCacheMiss)
	g.refused("cas of a missing key", c.CompareAndSwap(held), memcache.ErrCacheMiss)
}

func (g *gomemcache) numbers() {
	c := g.client
	g.done("set", c.Set(&memcache.Item{Key: "n", Value: []byte("41")}))
	n, err := c.Increment("n", 1)
	check(g.t, "incr", n, err, 42)
	n, err = c.Decrement("n", 100)
	check(g.t, "decr", n, err, 0)
	_, err = c.Increment("nosuch", 1)
	g.refused("incr of a missing key", err, memcache.ErrCacheMiss)
}

func (g *gomemcache) lifetime() {
	c := g.client
	g.done("set", c.Set(&memcache.Item{Key: "gone", Value: []byte("v"), Expiration: -1}))
	_, err := c.Get("gone")
	g.refused("get of an item born expired", err, memcache.ErrCacheMiss)
	g.done("set", c.Set(&memcache.Item{Key: "k", Value: []byte("v"), Expiration: 3}))
	g.done("touch", c.Touch("k", 100))
	_, err = c.GetAndTouch("k", 100)
	g.done("gat", err)
	g.refused("touch of a missing key", c.Touch("nosuch", 1), memcache.ErrCacheMiss)
	g.done("set", c.Set(&memcache.Item{Key: "short", Value: []byte("v"), Expiration: 3}))
	time.Sleep(4100 * time.Millisecond)
	g.holds("k", "v", 0)
	_, err = c.Get("short")
	g.refused("get once the time is up", err, memcache.ErrCacheMiss)
	g.done("flush_all", c.FlushAll())
	_, err = c.Get("k")
	g.refused("get after flush_all", err, memcache.ErrCacheMiss)
}

func (g *gomemcache) many() {
	const count = 500
	keys := make([]string, count)
	for i := range keys {
		keys[i] = fmt.Sprintf("key:%d", i)
		if err := g.client.Set(&memcache.Item{Key: keys[i], Value: []byte(keys[i])}); err != nil {
			g.t.Fatal(err)
		}
	}
	items, err := g.client.GetMulti(append(keys, "nosuch"))
	check(g.t, "get of many keys", len(items), err, count)
	for _, key := range keys {
		if item := items[key]; item == nil || string(item.Value) != key {
			g.t.Fatalf("get of many keys: %s is %v", key, item)
		}
	}
}
