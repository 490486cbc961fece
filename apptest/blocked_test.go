package apptest

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/resp"
)

// How many wait, for how many keys, and how many push to each.
const (
	blockedClients = 200
	blockedKeys    = 10
	pushersPerKey  = 2
	// undeliveredMax is how many elements may be pushed and not yet taken: fewer than there are clients, so that most wait.
	undeliveredMax = 100
)

// blockedTime is how long they go on; "make test-blocked" has a minute.
func blockedTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("APPTEST_BLOCKED")
	if text == "" {
		return 4 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("APPTEST_BLOCKED: %v", err)
	}
	return d
}

// delivery is the account of what was pushed and who got it.
type delivery struct {
	t      *testing.T
	pushed [blockedKeys * pushersPerKey]int64
	sent   atomic.Int64
	taken  atomic.Int64
	shares [blockedClients]int64

	mu  sync.Mutex
	got map[string]int
}

// push pushes numbered elements until the time is over.
func (d *delivery) push(address string, pusher int, ends time.Time) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		d.t.Error(err)
		return
	}
	defer c.Close()
	replies, key := resp.NewReader(c), fmt.Sprint("key", pusher%blockedKeys)
	for n := 1; time.Now().Before(ends); n++ {
		for d.sent.Load()-d.taken.Load() > undeliveredMax && time.Now().Before(ends) {
			time.Sleep(50 * time.Microsecond)
		}
		d.sent.Add(1)
		if _, err := c.Write(resp.Command("RPUSH", key, fmt.Sprintf("%d:%d", pusher, n))); err != nil {
			d.t.Error(err)
			return
		}
		if v, err := replies.ReadValue(); err != nil || v.Kind != resp.Integer {
			d.t.Errorf("RPUSH: %s, %v", &v, err)
			return
		}
		d.pushed[pusher] = int64(n)
	}
}

// take waits for elements of two keys, over and over, until the connection is closed.
func (d *delivery) take(c net.Conn, id int) {
	replies, last := resp.NewReader(c), map[string]int{}
	request := resp.Command("BLPOP", fmt.Sprint("key", id%blockedKeys), fmt.Sprint("key", (id+1)%blockedKeys), "0")
	for {
		if _, err := c.Write(request); err != nil {
			return
		}
		v, err := replies.ReadValue()
		if err != nil {
			return
		}
		if len(v.Elems) != 2 {
			d.t.Errorf("BLPOP: %s", &v)
			return
		}
		element := string(v.Elems[1].Text)
		pusher, number, _ := strings.Cut(element, ":")
		n, err := strconv.Atoi(number)
		if err != nil || n <= last[pusher] {
			d.t.Errorf("client %d got %s after %d of the same pusher", id, element, last[pusher])
		}
		last[pusher] = n
		d.mu.Lock()
		d.got[element]++
		d.mu.Unlock()
		d.shares[id]++
		d.taken.Add(1)
	}
}

// Two hundred clients wait for ten keys on all loops while others push: each element is delivered exactly once, in the
// order of its pusher, and nobody is passed over.
func TestBlockedClients(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine string) {
		s := start(t, options{engine: engine, args: []string{"--threads", "4"}})
		d := &delivery{t: t, got: map[string]int{}}
		var takers, pushers sync.WaitGroup
		var conns []net.Conn
		for id := range blockedClients {
			c, err := net.Dial("tcp", s.resp)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			conns = append(conns, c)
			takers.Go(func() { d.take(c, id) })
		}
		ends := time.Now().Add(blockedTime(t))
		for p := range blockedKeys * pushersPerKey {
			pushers.Go(func() { d.push(s.resp, p, ends) })
		}
		pushers.Wait()
		until(t, patience, "all is delivered", func() bool { return d.taken.Load() >= d.sent.Load() })
		for _, c := range conns {
			c.Close()
		}
		takers.Wait()
		d.judge()
		s.rests()
		s.stop()
	})
}

// judge holds what was delivered against what was pushed.
func (d *delivery) judge() {
	total := 0
	for pusher, n := range d.pushed {
		total += int(n)
		for i := range n {
			if element := fmt.Sprintf("%d:%d", pusher, i+1); d.got[element] != 1 {
				d.t.Errorf("%s was delivered %d times", element, d.got[element])
			}
		}
	}
	if total != len(d.got) || total < blockedClients*10 {
		d.t.Errorf("%d elements were pushed, %d delivered", total, len(d.got))
	}
	for id, n := range d.shares {
		if fair := int64(total / blockedClients); n < fair/4 || n > fair*4 {
			d.t.Errorf("client %d got %d elements, a fair share is %d", id, n, fair)
		}
	}
	d.t.Logf("%d elements", total)
}
