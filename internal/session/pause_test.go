package session

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/offheap"
)

// pipeline is n requests whose replies are of size bytes and tell their number.
func pipeline(n, size int) (requests, replies string) {
	var q, a strings.Builder
	for i := range n {
		text := fmt.Sprintf("%0*d", size, i)
		q.WriteString(array("ECHO", text))
		a.WriteString(bulk(text))
	}
	return q.String(), a.String()
}

// A client that doesn't read is served up to a bound. What it sent is kept in
// order, and carried out as it reads.
func TestClientThatDoesNotRead(t *testing.T) {
	r := newRig(t, rigSettings())
	requests, replies := pipeline(20000, 200)
	for _, step := range []int{len(requests), 16 << 10, 1000} {
		r.Tick()
		c := r.connect(t, RESP)
		input := offheap.Resident(offheap.Input) - r.inputs.spare()
		rest := requests
		for len(rest) > 0 && !c.paused {
			n := min(step, len(rest))
			c.feed([]byte(rest[:n]))
			rest = rest[n:]
		}
		if !c.paused {
			t.Fatalf("%d bytes wait and the session is not paused", c.Output().Len())
		}
		if n := c.Output().Len(); n < r.bound*3/4 || n > r.bound+1000 {
			t.Errorf("%d bytes wait, the bound is %d", n, r.bound)
		}
		var got strings.Builder
		for got.Len() < len(replies) {
			if len(rest) > 0 && !c.paused {
				n := min(step, len(rest))
				c.feed([]byte(rest[:n]))
				rest = rest[n:]
			}
			got.WriteString(c.read(10_000))
		}
		if got.String() != replies {
			t.Errorf("by %d: replies are lost or out of order", step)
		}
		if n := offheap.Resident(offheap.Input) - r.inputs.spare(); n != input {
			t.Errorf("by %d: %d bytes of input are still held", step, n-input)
		}
		c.hangUp()
	}
}

// While replies pile up for all clients together each may have only a few.
func TestPressureTightensTheBound(t *testing.T) {
	r := newRig(t, rigSettings())
	requests, _ := pipeline(10000, 200)
	var all []*client
	for range 8 {
		c := r.connect(t, RESP)
		c.feed([]byte(requests))
		all = append(all, c)
	}
	if n := all[0].Output().Len(); n < tightBound*2 {
		t.Errorf("the first client had only %d bytes", n)
	}
	if n := all[7].Output().Len(); n > tightBound+1000 {
		t.Errorf("the last client had %d bytes", n)
	}
	for i, c := range all {
		if got := strings.Count(c.read(everything), "$200\r\n"); got != 10000 {
			t.Errorf("client %d got %d replies", i, got)
		}
	}
}

// A paused session ends like any other.
func TestPausedClientLeaves(t *testing.T) {
	r := newRig(t, rigSettings())
	before := mapped()
	requests, _ := pipeline(20000, 200)
	c := r.connect(t, RESP)
	c.feed([]byte(requests))
	c.hangUp()
	r.Stopped()
	if after := mapped(); after != before {
		t.Errorf("%d bytes before, %d after", before, after)
	}
}

// QUIT behind a pause takes effect when its turn comes.
func TestQuitAfterPause(t *testing.T) {
	r := newRig(t, rigSettings())
	requests, replies := pipeline(20000, 200)
	c := r.connect(t, RESP)
	c.feed([]byte(requests + "QUIT\r\nPING\r\n"))
	if c.Done() {
		t.Fatal("done before the replies were read")
	}
	if got := c.replies(); got != replies+"+OK\r\n"+closedMark {
		t.Errorf("got %d bytes, want %d", len(got), len(replies)+len("+OK\r\n"+closedMark))
	}
}

func TestOutputHardLimit(t *testing.T) {
	r := newRig(t, rigSettings())
	if err := r.server.Params.Set("client-output-buffer-limit", "normal 500000 0 0"); err != nil {
		t.Fatal(err)
	}
	c := r.connect(t, RESP)
	requests, _ := pipeline(2000, 200)
	c.feed([]byte(requests)) // 412000 bytes
	if c.killed {
		t.Fatal("killed below the limit")
	}
	c.feed([]byte(requests))
	if !c.killed {
		t.Errorf("%d bytes wait and the client is still there", c.Output().Len())
	}
	if n := r.CutOff.Output.Load(); n != 1 {
		t.Errorf("%d clients cut off", n)
	}
}

// Over the soft limit a client may be for so many seconds at a stretch.
func TestOutputSoftLimit(t *testing.T) {
	r := newRig(t, rigSettings())
	if err := r.server.Params.Set("client-output-buffer-limit", "normal 0 100000 5"); err != nil {
		t.Fatal(err)
	}
	requests, _ := pipeline(1000, 200)
	stays, dips := r.connect(t, RESP), r.connect(t, RESP)
	stays.feed([]byte(requests))
	dips.feed([]byte(requests))
	r.pass(4 * time.Second)
	if stays.killed {
		t.Error("killed before its time")
	}
	dips.read(everything)
	r.pass(time.Second)
	dips.feed([]byte(requests))
	r.pass(3 * time.Second)
	if !stays.killed || dips.killed {
		t.Errorf("stayed over: killed %v; dipped under: killed %v", stays.killed, dips.killed)
	}
}

// One command may have a reply beyond all bounds. It takes no more memory than
// one client may, and ends the connection.
func TestReplyLargerThanMemory(t *testing.T) {
	for _, p := range []Protocol{RESP, Memcache} {
		r := newRig(t, rigSettings())
		r.connect(t, RESP).expect(array("SET", "k", strings.Repeat("x", 500_000)), "+OK\r\n")
		request := "get" + strings.Repeat(" k", 1000) + "\r\n"
		if p == RESP {
			request = "m" + request
		}
		c := r.connect(t, p)
		before := offheap.Resident(offheap.Output)
		c.feed([]byte(request))
		if !c.killed {
			t.Errorf("%v: half a gigabyte of reply and the client is still there", p)
		}
		if n := offheap.Resident(offheap.Output) - before; n > rigMemory/replyShare+1<<20 {
			t.Errorf("%v: the reply took %d bytes", p, n)
		}
		c.hangUp()
		if n := offheap.Resident(offheap.Output) - before; n > 1<<20 {
			t.Errorf("%v: %d bytes are left", p, n)
		}
	}
}

// To announce a large value takes no memory; to send it takes little more than
// its size.
func TestAnnouncedValue(t *testing.T) {
	s := rigSettings()
	s.ProtoMaxBulkLen = 512 << 20
	r := newRig(t, s)
	for _, p := range []Protocol{RESP, Memcache} {
		r.Memcached.Server.Settings.MaxItem = 64 << 20
		input := offheap.Resident(offheap.Input) - r.inputs.spare()
		c := r.connect(t, p)
		request := "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4000000\r\n"
		if p == Memcache {
			request = "set k 0 0 4000000\r\n"
		}
		c.feed([]byte(request))
		if n := offheap.Resident(offheap.Input) - input; n > announced+offheap.PageSize {
			t.Errorf("%v: %d bytes are held for a request of %d", p, n, len(request))
		}
		part := []byte(strings.Repeat("x", 50_000))
		for i := range 80 {
			c.feed(part)
			if n := offheap.Resident(offheap.Input) - input; n > int64(2*(i+1)*len(part)+2*announced) {
				t.Fatalf("%v: %d bytes are held after %d", p, n, (i+1)*len(part))
			}
		}
		if got := c.ask("\r\n"); got != "+OK\r\n" && got != "STORED\r\n" {
			t.Errorf("%v: %q", p, got)
		}
	}
}

func TestQueryBufferLimit(t *testing.T) {
	for _, step := range []int{1000, 16 << 10, 100_000} {
		r := newRig(t, rigSettings())
		if err := r.server.Params.Set("client-query-buffer-limit", "1mb"); err != nil {
			t.Fatal(err)
		}
		input := offheap.Resident(offheap.Input) - r.inputs.spare()
		c := r.connect(t, RESP)
		c.feed([]byte("*100\r\n$4\r\nMSET\r\n"))
		argument := []byte(bulk(strings.Repeat("x", step-len(strconv.Itoa(step))-len("$\r\n\r\n"))))
		sent := 0
		for ; !c.killed && sent < 90*len(argument); sent += len(argument) {
			c.feed(argument)
		}
		if over := sent > 1<<20+step; c.killed != (90*step > 1<<20) || over {
			t.Errorf("by %d: killed %v after %d bytes", step, c.killed, sent)
		}
		if n := offheap.Resident(offheap.Input) - r.inputs.spare(); c.killed && n != input {
			t.Errorf("by %d: %d bytes are still held", step, n-input)
		}
	}
}
