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
	t.source = workload.NewGenerator(c.Workload, c.Seed, 0).Endless()
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

// BenchmarkRequest is the load's own CPU time per request, without the system calls.
func BenchmarkRequest(b *testing.B) {
	thread, replies := hot(b)
	b.ReportAllocs()
	for b.Loop() {
		thread.Received(0, replies)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/hotPipeline, "ns/request")
}
