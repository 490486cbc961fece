package collection

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/procstat"
)

// Garbage is what collecting garbage costs a server that holds so many elements, and those who read it meanwhile.
type Garbage struct {
	// Holding is what the elements are: collections, or strings.
	Holding  string `json:"holding"`
	Elements int    `json:"elements"`
	// Cycle is the CPU time of one collection, the median of some; P999 and Longest are of the reads of another client
	// while they go on one after the other, and RestingP999 of those while there are none.
	Cycle       time.Duration `json:"cycle_cpu_ns"`
	P999        time.Duration `json:"p999_ns"`
	Longest     time.Duration `json:"longest_ns"`
	RestingP999 time.Duration `json:"resting_p999_ns"`
	Resident    uint64        `json:"resident_bytes"`
}

const (
	// cycles is how many collections are forced.
	cycles = 100
	// cycleTimeout bounds one.
	cycleTimeout = 20 * time.Second
	// collectionElements is how many elements each of the collections has: a large form of every kind.
	collectionElements = 10_000
)

// CollectGarbage fills our server with collections of every kind, then with as many strings, and forces collections.
func CollectGarbage(ctx context.Context, ours *contender.Contender, s contender.Settings, elements int, say func(string)) ([]Garbage, error) {
	var all []Garbage
	for _, holding := range []string{"strings", "collections"} {
		g := Garbage{Holding: holding, Elements: elements}
		if err := g.measure(ctx, ours, s); err != nil {
			return all, fmt.Errorf("%s: %w", holding, err)
		}
		say(g.String())
		all = append(all, g)
	}
	return all, nil
}

func (g *Garbage) String() string {
	return fmt.Sprintf("%d elements in %s, %d MiB resident: a collection takes %v of CPU; reads meanwhile: p999 %v, longest %v; p999 of reads at rest %v",
		g.Elements, g.Holding, g.Resident>>20, g.Cycle.Round(10*time.Microsecond), g.P999.Round(time.Microsecond), g.Longest.Round(time.Microsecond),
		g.RestingP999.Round(time.Microsecond))
}

func (g *Garbage) fills() []Fill {
	if g.Holding == "strings" {
		return []Fill{{Kind: String, Collections: 1, Elements: g.Elements, Size: valueSize}}
	}
	var fills []Fill
	for _, k := range Kinds {
		fills = append(fills, Fill{Kind: k, Collections: g.Elements / len(Kinds) / collectionElements, Elements: collectionElements, Size: valueSize})
	}
	return fills
}

func (g *Garbage) measure(ctx context.Context, ours *contender.Contender, s contender.Settings) error {
	metrics, err := contender.FreeAddress()
	if err != nil {
		return err
	}
	s.Metrics, s.Env = metrics, append(s.Env, "CRUCIBLE_METRICS_PPROF=true")
	server, err := ours.Start(ctx, s)
	if err != nil {
		return err
	}
	defer server.Stop()
	a, err := ask(ctx, server.Endpoint)
	if err != nil {
		return err
	}
	defer a.conn.Close()
	for _, f := range g.fills() {
		if err := a.fill(ctx, f); err != nil {
			return server.Explain(err)
		}
	}
	if m, err := procstat.ReadMemory(server.PID); err == nil {
		g.Resident = m.Resident
	}
	rested, err := probeWhile(ctx, server.Endpoint, restingTime, func() error { return nil })
	if err != nil {
		return server.Explain(err)
	}
	g.RestingP999 = quantile(rested, 0.999)
	if g.Cycle, err = g.cycle(ctx, server.PID, metrics); err != nil {
		return server.Explain(err)
	}
	went, err := probeWhile(ctx, server.Endpoint, 0, func() error {
		for range cycles {
			if err := collect(ctx, metrics); err != nil {
				return err
			}
		}
		return nil
	})
	g.P999, g.Longest = quantile(went, 0.999), quantile(went, 1)
	return err
}

// cycle returns what a collection takes of CPU time in a server that does nothing else.
func (g *Garbage) cycle(ctx context.Context, pid int, metrics string) (time.Duration, error) {
	var took []time.Duration
	for range cycles {
		before, err := procstat.ReadCPU(pid)
		if err != nil {
			return 0, err
		}
		if err := collect(ctx, metrics); err != nil {
			return 0, err
		}
		after, err := procstat.ReadCPU(pid)
		if err != nil {
			return 0, err
		}
		took = append(took, after.Total-before.Total)
	}
	return median(took), nil
}

// collect forces a collection: the profile of the heap is taken behind one.
func collect(ctx context.Context, metrics string) error {
	ctx, cancel := context.WithTimeout(ctx, cycleTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+metrics+"/debug/pprof/heap?gc=1", http.NoBody)
	if err != nil {
		return err
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", request.URL, reply.Status)
	}
	return nil
}
