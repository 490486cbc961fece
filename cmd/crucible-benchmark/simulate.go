package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/machine"
	"github.com/crucible-cache/crucible/internal/bench/report"
	"github.com/crucible-cache/crucible/internal/bench/simulate"
	"github.com/crucible-cache/crucible/internal/bench/trace"
)

// simulateCommand replays traces through our stores and through incumbents, and compares what they miss.
type simulateCommand struct {
	Trace   []string  `help:"Generated traces: zipf-THETA, scans, ttl; or CSV files as libCacheSim or Twitter have them." default:"zipf-0.8,zipf-1.0,zipf-1.2,scans,ttl"`
	Share   []float64 `help:"Sizes of the caches, as shares of the working set." default:"0.01,0.1,0.3"`
	Policy  []string  `help:"Our backends with their policies; all is every pair there is." default:"segment/s3fifo,segment/merge,segment/allkeys-lru,segment/allkeys-lfu,slab/lra,heap/s3fifo"`
	Subject string    `help:"Which of them must miss less than every incumbent." default:"segment/s3fifo"`
	Against []string  `help:"Incumbents: newest, all, none, a family or a version." default:"redis,memcached"`
	Root    []string  `help:"Root file systems to look for more incumbents in (needs root)." default:".tools/trixie" type:"path"`
	Evict   []string  `help:"What a Redis evicts, a contender for each." default:"allkeys-lru,allkeys-lfu"`

	Quick       bool          `help:"A fifth of the requests and objects, and one size: a minute or two."`
	Objects     uint64        `help:"Objects of a generated trace." default:"3000000"`
	Requests    int           `help:"Requests of a generated trace, and the most that are read from a file." default:"4000000"`
	Median      int           `help:"Median size of a value in bytes; sizes are log-normal, an object keeps its own." default:"2000"`
	Sigma       float64       `help:"Standard deviation of the logarithm of sizes." default:"0.7"`
	Length      time.Duration `help:"How long a trace with times to live takes; a longer one of a file is compressed to it." default:"20s"`
	Seed        uint64        `help:"The same seed gives the same generated traces." default:"1"`
	SegmentSize int           `help:"Segment size of our stores in bytes; 0 is what the server would choose."`

	Out   string `help:"Directory to write JSON, Markdown and SVG to, such as benchmark/results." type:"path"`
	Quiet bool   `help:"No word about what is being done." short:"q"`
}

// Of a trace with scans and of one with times to live.
const (
	scanEvery  = 30_000 // requests
	scanLength = 5_000  // objects
	mixedTheta = 1.0

	expiringShare = 0.5
	ttlMin        = 1 // seconds
	ttlMax        = 15
)

// Run carries the simulation out and publishes it, also one that broke off.
func (s *simulateCommand) Run(ctx context.Context) error {
	if s.Quick {
		s.Objects, s.Requests, s.Share, s.Length = s.Objects/5, s.Requests/5, []float64{0.1}, s.Length/4
	}
	plan := &simulate.Plan{Shares: s.Share, Subject: s.Subject}
	if !s.Quiet {
		plan.Progress = func(said string) { fmt.Fprintln(os.Stderr, said) }
	}
	for _, name := range s.Trace {
		source, err := s.source(name)
		if err != nil {
			return err
		}
		plan.Traces = append(plan.Traces, source)
	}
	caches, err := s.caches(ctx)
	if err != nil {
		return err
	}
	plan.Caches = caches
	out := &report.Simulation{Started: time.Now(), Machine: machine.Describe(), Command: calledAs()}
	outcome, failed := simulate.Run(ctx, plan)
	if outcome == nil || len(outcome.Rows) == 0 {
		return failed
	}
	out.Outcome, out.Took = outcome, time.Since(out.Started).Seconds()
	return errors.Join(failed, s.publish(out))
}

// source returns how a trace is come by.
func (s *simulateCommand) source(name string) (simulate.Source, error) {
	p := trace.Pattern{
		Name: name, Objects: s.Objects, Requests: s.Requests, Theta: mixedTheta, Median: s.Median, Sigma: s.Sigma, Length: s.Length, Seed: s.Seed,
	}
	switch {
	case name == "scans":
		p.ScanEvery, p.ScanLength = scanEvery, scanLength
	case name == "ttl":
		p.ExpiringShare, p.TTLMin, p.TTLMax = expiringShare, ttlMin, ttlMax
	case strings.HasPrefix(name, "zipf-"):
		if _, err := fmt.Sscanf(name, "zipf-%g", &p.Theta); err != nil {
			return nil, fmt.Errorf("trace %q: want zipf- and a number", name)
		}
	default:
		if _, err := os.Stat(name); err != nil {
			return nil, fmt.Errorf("trace %q is neither zipf-THETA, scans or ttl nor a file: %w", name, err)
		}
		return func() (*trace.Trace, error) {
			t, err := trace.Open(name, s.Requests)
			if err == nil && t.Expires() {
				t.Compress(s.Length)
			}
			return t, err
		}, nil
	}
	return func() (*trace.Trace, error) { return trace.Generate(p) }, nil
}

// caches returns ours, then the incumbents: a Redis once for each policy.
func (s *simulateCommand) caches(ctx context.Context) ([]simulate.Cache, error) {
	incumbents, err := contender.Select(contender.Incumbents(ctx, s.Root), s.Against)
	if err != nil {
		return nil, err
	}
	if len(s.Policy) == 1 && s.Policy[0] == "all" {
		s.Policy = simulate.Stores()
	}
	var all []simulate.Cache
	for _, name := range chosen(s.Policy) {
		all = append(all, simulate.Store(name, s.SegmentSize))
	}
	settings := contender.Settings{Threads: 1, AsRoot: os.Geteuid() == 0}
	var servers []contender.Contender
	for _, c := range incumbents {
		if c.Family == contender.Memcached {
			servers = append(servers, c)
			continue
		}
		for _, policy := range s.Evict {
			with := c
			with.Policy, with.Name = policy, c.Name+" "+policy
			servers = append(servers, with)
		}
	}
	return append(all, simulate.Servers(servers, settings)...), nil
}

func (s *simulateCommand) publish(out *report.Simulation) error {
	if err := out.Text(os.Stdout); err != nil || s.Out == "" {
		return err
	}
	written, err := out.Files(s.Out)
	tell(written)
	return err
}
