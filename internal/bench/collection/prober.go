package collection

import (
	"context"
	"slices"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/driver"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// probeInterval is the time between two requests of a prober: short beside every stall that matters, and so long that
// the server rests in between.
const probeInterval = 100 * time.Microsecond

// probedKey is what a prober reads: a string of its own.
const probedKey = "probed"

// prober is another client of a server, who reads one key over and over and remembers how long each read took.
type prober struct {
	stop chan struct{}
	done chan error
	took []time.Duration
}

// probe begins to read.
func probe(ctx context.Context, at driver.Endpoint) (*prober, error) {
	a, err := ask(ctx, at)
	if err != nil {
		return nil, err
	}
	if err := a.command("SET", probedKey, "1"); err != nil {
		a.conn.Close()
		return nil, err
	}
	p := &prober{stop: make(chan struct{}), done: make(chan error, 1)}
	go func() {
		defer a.conn.Close()
		p.done <- p.read(a)
	}()
	return p, nil
}

func (p *prober) read(a *asker) error {
	request := wire.RESPCommand("GET", probedKey)
	for {
		select {
		case <-p.stop:
			return nil
		default:
		}
		began := time.Now()
		if err := a.exchange(request, 1); err != nil {
			return err
		}
		p.took = append(p.took, time.Since(began))
		time.Sleep(probeInterval)
	}
}

// end stops reading and returns what the reads took, the shortest first.
func (p *prober) end() ([]time.Duration, error) {
	close(p.stop)
	err := <-p.done
	slices.Sort(p.took)
	return p.took, err
}

// quantile is of sorted durations, 0 for none.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// probeWhile reads as long as do takes, and some time more, and returns what the reads took.
func probeWhile(ctx context.Context, at driver.Endpoint, more time.Duration, do func() error) ([]time.Duration, error) {
	p, err := probe(ctx, at)
	if err != nil {
		return nil, err
	}
	failed := do()
	select {
	case <-ctx.Done():
	case <-time.After(more):
	}
	took, err := p.end()
	if failed != nil {
		err = failed
	}
	return took, err
}

// median is the middle one of some durations.
func median(took []time.Duration) time.Duration {
	slices.Sort(took)
	return quantile(took, 0.5)
}
