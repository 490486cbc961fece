// Package simulate replays traces through caches and counts what they miss: our stores in this process, as the server
// has them, and servers of others that run beside it.
//
// One goroutine replays; servers are started and ended one at a time. A trace is generated or read when its turn comes and
// let go after, so that memory holds one trace and one cache.
package simulate

import (
	"context"
	"errors"
	"fmt"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/trace"
)

// Cache is something a trace can be replayed through.
type Cache interface {
	// Name tells it from the others of a plan.
	Name() string
	// Ours reports whether it is one of our stores.
	Ours() bool
	// Replay replays a trace through an empty cache of limit bytes.
	Replay(ctx context.Context, t *trace.Trace, limit int64) (Result, error)
}

// Result is what a replay came to.
type Result struct {
	// Reads and Misses are of the second half of the trace, by which the cache is full and knows what is wanted.
	Reads  int `json:"reads"`
	Misses int `json:"misses"`
	// Items is how many it held at the end.
	Items uint64 `json:"items"`
	// Resident is how many bytes it took at the end: of a server its resident set, of our stores all they mapped.
	Resident uint64  `json:"resident_bytes"`
	Seconds  float64 `json:"seconds"`
}

// MissRatio is the share of reads that found nothing.
func (r Result) MissRatio() float64 {
	if r.Reads == 0 {
		return 0
	}
	return float64(r.Misses) / float64(r.Reads)
}

// Source makes a trace when its turn comes.
type Source func() (*trace.Trace, error)

// Plan is a whole simulation.
type Plan struct {
	Traces []Source
	// Shares are the sizes of the caches, as shares of the working set.
	Shares []float64
	Caches []Cache
	// Subject must miss less than every Rival; a row where it doesn't is told.
	Subject string
	// Progress, when set, is told what happens, in words for a person.
	Progress func(string)
}

func (p *Plan) validate() error {
	switch {
	case len(p.Traces) == 0:
		return errors.New("there is no trace to replay")
	case len(p.Caches) == 0:
		return errors.New("there is no cache to replay it through")
	}
	for _, share := range p.Shares {
		if !(share > 0) {
			return fmt.Errorf("a cache of %v times the working set", share)
		}
	}
	return nil
}

func (p *Plan) say(format string, args ...any) {
	if p.Progress != nil {
		p.Progress(fmt.Sprintf(format, args...))
	}
}

// Servers makes caches of contenders; each is started for every replay.
func Servers(contenders []contender.Contender, settings contender.Settings) []Cache {
	var all []Cache
	for _, c := range contenders {
		all = append(all, &server{contender: c, settings: settings})
	}
	return all
}
