package load

import (
	"context"
	"fmt"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/workload"
)

const (
	phasePrefill = "prefill"
	// prefillPipeline makes filling a matter of seconds rather than of round trips.
	prefillPipeline = 64
)

// Prefill stores every key of the workload once, with the connections and threads of the run. A server that refuses a
// single one is an error: a benchmark of a half-filled cache measures something else.
func Prefill(ctx context.Context, c Config) error {
	keys := c.Workload.Keys.Count
	c.Pipeline, c.Rate, c.WarmUp, c.Duration, c.Requests = prefillPipeline, 0, 0, time.Second, 0
	c.Verify, c.ReadThrough, c.Churn, c.Subscribers = false, false, 0, Subscribers{}
	fill := *c.Workload
	fill.Commands = []workload.Command{c.Protocol.Store()}
	c.Workload = &fill
	if err := c.validate(); err != nil {
		return err
	}
	r, err := newRun(c, func(t *thread, index int) {
		n := uint64(c.Threads)
		t.source = &workload.Sweep{From: keys * uint64(index) / n, To: keys * uint64(index+1) / n, Sizes: fill.Sizes}
	})
	if err != nil {
		return err
	}
	err = r.connect(ctx)
	if err == nil {
		r.current.Store(int32(measuring))
		err = r.watch(ctx, phasePrefill, 0)
	}
	r.stop()
	if err != nil {
		return fmt.Errorf("prefill: %w", err)
	}
	refused := ErrorCounts{}
	for _, t := range r.threads {
		refused.merge(t.errors)
	}
	if refused.Total() > 0 {
		return fmt.Errorf("prefill: %v", refused)
	}
	return nil
}
