package collection

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/driver"
	"github.com/crucible-cache/crucible/internal/bench/procstat"
)

// Garbage is what collecting garbage costs a server that holds so many elements, and those who read it meanwhile.
type Garbage struct {
	// Holding is what the elements are: collections, or strings.
	Holding  string `json:"holding"`
	Elements int    `json:"elements"`
	// Cycle is the CPU time of one collection, the median of some; P999 and Longest are of the reads of another client
	// while they go on one after the other, and RestingP999 of those while there are none. Reads and Cycles are how many
	// there were.
	Cycle       time.Duration `json:"cycle_cpu_ns"`
	Reads       int           `json:"reads"`
	Cycles      int           `json:"cycles"`
	P999        time.Duration `json:"p999_ns"`
	Longest     time.Duration `json:"longest_ns"`
	RestingP999 time.Duration `json:"resting_p999_ns"`
	Resident    uint64        `json:"resident_bytes"`
}

// GarbageLoad is what is measured: beside how many elements, of how many each of the collections, the CPU time of how
// many collections of garbage, and reads during how many rounds of a second each.
type GarbageLoad struct {
	Elements, Each, Cycles, Rounds int
}

// profileTimeout bounds one request for a profile.
const profileTimeout = 20 * time.Second

// CollectGarbage fills one server of ours with strings and another with as many elements of collections of every kind, and
// forces collections of garbage in both in turn.
func CollectGarbage(ctx context.Context, ours *contender.Contender, s contender.Settings, load GarbageLoad, say func(string)) ([]Garbage, error) {
	fills := map[string][]Fill{"strings": {{Kind: String, Collections: 1, Elements: load.Elements, Size: valueSize}}}
	for _, k := range Kinds {
		fills["collections"] = append(fills["collections"], Fill{
			Kind: k, Collections: load.Elements / len(Kinds) / load.Each, Elements: load.Each, Size: valueSize,
		})
	}
	var both []*littered
	defer func() {
		for _, l := range both {
			l.server.Stop()
		}
	}()
	for _, holding := range []string{"strings", "collections"} {
		l, err := litter(ctx, ours, s, fills[holding])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", holding, err)
		}
		l.garbage.Holding, l.garbage.Elements = holding, load.Elements
		both = append(both, l)
	}
	for range load.Cycles {
		for _, l := range both {
			if err := l.collect(ctx); err != nil {
				return nil, l.server.Explain(err)
			}
		}
	}
	for range load.Rounds {
		for _, l := range both {
			if err := l.read(ctx); err != nil {
				return nil, l.server.Explain(err)
			}
		}
	}
	var all []Garbage
	for _, l := range both {
		all = append(all, l.result())
		say(l.garbage.String())
	}
	return all, nil
}

func (g *Garbage) String() string {
	return fmt.Sprintf("%d elements in %s, %d MiB resident: a collection takes %v of CPU; reads meanwhile: p999 %v, longest %v; p999 of reads at rest %v",
		g.Elements, g.Holding, g.Resident>>20, g.Cycle.Round(10*time.Microsecond), g.P999.Round(time.Microsecond), g.Longest.Round(time.Microsecond),
		g.RestingP999.Round(time.Microsecond))
}

// littered is a server in which garbage is collected.
type littered struct {
	garbage Garbage
	server  *contender.Process
	metrics string

	cycles       []time.Duration
	reads, rests []time.Duration
}

// litter starts a server and fills it. It takes no samples of its heap, so that there is little to do for a profile but what is
// asked for.
func litter(ctx context.Context, ours *contender.Contender, s contender.Settings, fills []Fill) (*littered, error) {
	metrics, err := contender.FreeAddress()
	if err != nil {
		return nil, err
	}
	s.Metrics, s.Env = metrics, append(slices.Clone(s.Env), "CRUCIBLE_METRICS_PPROF=true", "GODEBUG=memprofilerate=0")
	server, err := ours.Start(ctx, s)
	if err != nil {
		return nil, err
	}
	l := &littered{server: server, metrics: metrics}
	if err := l.fill(ctx, server.Endpoint, fills); err != nil {
		err = server.Explain(err)
		server.Stop()
		return nil, err
	}
	return l, nil
}

func (l *littered) fill(ctx context.Context, at driver.Endpoint, fills []Fill) error {
	a, err := ask(ctx, at)
	if err != nil {
		return err
	}
	defer a.conn.Close()
	for _, f := range fills {
		if err := a.fill(ctx, f); err != nil {
			return err
		}
	}
	m, err := procstat.ReadMemory(l.server.PID)
	l.garbage.Resident = m.Resident
	return err
}

// collect takes the CPU time of a collection in a server that does nothing else: what a profile behind one takes beyond a profile alone.
func (l *littered) collect(ctx context.Context) error {
	var took [2]time.Duration
	for i, form := range []string{"", collected} {
		before, err := procstat.ReadCPU(l.server.PID)
		if err != nil {
			return err
		}
		if err := l.profile(ctx, form); err != nil {
			return err
		}
		after, err := procstat.ReadCPU(l.server.PID)
		if err != nil {
			return err
		}
		took[i] = after.Total - before.Total
	}
	l.cycles = append(l.cycles, took[1]-took[0])
	return nil
}

// read reads for a second at rest, and for as long while one collection follows the other.
func (l *littered) read(ctx context.Context) error {
	rests, err := probeWhile(ctx, l.server.Endpoint, restingTime, func() error { return nil })
	if err != nil {
		return err
	}
	l.rests = append(l.rests, rests...)
	reads, err := probeWhile(ctx, l.server.Endpoint, 0, func() error {
		for end := time.Now().Add(restingTime); time.Now().Before(end); l.garbage.Cycles++ {
			if err := l.profile(ctx, collected); err != nil {
				return err
			}
		}
		return nil
	})
	l.reads = append(l.reads, reads...)
	return err
}

func (l *littered) result() Garbage {
	slices.Sort(l.reads)
	slices.Sort(l.rests)
	g := &l.garbage
	g.Cycle, g.Reads = median(l.cycles), len(l.reads)
	g.P999, g.Longest, g.RestingP999 = quantile(l.reads, 0.999), quantile(l.reads, 1), quantile(l.rests, 0.999)
	return *g
}

// collected asks for a profile of the heap behind a collection.
const collected = "?gc=1"

// profile has the server write a profile of its heap.
func (l *littered) profile(ctx context.Context, form string) error {
	ctx, cancel := context.WithTimeout(ctx, profileTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+l.metrics+"/debug/pprof/heap"+form, http.NoBody)
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
	_, err = io.Copy(io.Discard, reply.Body)
	return err
}
