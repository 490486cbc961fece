package load

import (
	"bytes"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/driver"
	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// sink is a driver that sends nothing.
type sink struct{ driver.Driver }

func (sink) Send(int, []byte) {}

const hotPipeline = 16

// hot returns a thread in the middle of a run, and the replies to a whole pipeline of it.
func hot(tb testing.TB) (t *thread, replies []byte) {
	tb.Helper()
	c := Config{
		Target: driver.Endpoint{Network: "tcp", Address: "127.0.0.1:1"}, Protocol: wire.RESP, Workload: workload.Uniform(1_000_000, 64, wire.RESP.Fetch()),
		Threads: 1, Connections: 1, Pipeline: hotPipeline, Duration: time.Second, Seed: 1,
	}
	encoder, err := wire.NewEncoder(c.Protocol, c.Workload)
	if err != nil {
		tb.Fatal(err)
	}
	r := &run{config: c, encoder: encoder, base: time.Now(), effects: []workload.Effect{workload.Read}, keys: []uint16{1}, usesCAS: []bool{false}}
	t = r.newThread(0)
	t.driver, t.phase = sink{}, measuring
	g := workload.NewGenerator(c.Workload, c.Seed, 0)
	t.source = g.Endless()
	t.makeAlike(g)
	t.conns[0].up = true
	t.fill(0, r.now())
	return t, bytes.Repeat([]byte("$64\r\n"+string(make([]byte, 64))+"\r\n"), hotPipeline)
}

// A request costs the load no allocation, from its draw to its reply.
func TestNoAllocations(t *testing.T) {
	thread, replies := hot(t)
	if got := testing.AllocsPerRun(1000, func() { thread.Received(0, replies) }); got != 0 {
		t.Errorf("%v allocations for a pipeline", got)
	}
	if want := uint64(1001 * hotPipeline); thread.counts.requests != want || thread.counts.hits != want {
		t.Errorf("%+v, want %d requests", thread.counts, want)
	}
}

// A pipeline encoded at once is what it is request by request, and both end with the last request that may be made.
func TestAlike(t *testing.T) {
	atOnce, _ := hot(t)
	oneByOne, _ := hot(t)
	if atOnce.alike == nil {
		t.Fatal("reads of one key are not alike")
	}
	oneByOne.alike = nil
	for _, thread := range []*thread{atOnce, oneByOne} {
		thread.run.config.Requests, thread.left = 20, 20
		thread.conns[0].head = thread.conns[0].tail
		thread.inFlight = 0
	}
	for i, want := range []int{16, 4, 0} {
		for _, thread := range []*thread{atOnce, oneByOne} {
			thread.fill(0, 5)
			if got := thread.conns[0].inFlight(); got != want || thread.inFlight != want {
				t.Fatalf("pipeline %d: %d and %d in flight, want %d", i, got, thread.inFlight, want)
			}
			for range want {
				if p := thread.conns[0].pop(); p.due != 5 || p.keys != 1 {
					t.Errorf("%+v", p)
				}
			}
			thread.inFlight = 0
		}
		if !bytes.Equal(atOnce.out, oneByOne.out) || atOnce.exhausted && want > 0 {
			t.Errorf("pipeline %d: %q at once, %q one by one", i, atOnce.out, oneByOne.out)
		}
	}
	if !atOnce.exhausted || !oneByOne.exhausted {
		t.Error("not exhausted")
	}
}

// BenchmarkRequest is the load's own CPU time per request, without the system calls.
func BenchmarkRequest(b *testing.B) {
	thread, replies := hot(b)
	b.ReportAllocs()
	for b.Loop() {
		thread.Received(0, replies)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/hotPipeline, "ns/request")
}
