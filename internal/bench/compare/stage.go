package compare

import (
	"fmt"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// Mix is what the requests of a measurement are.
type Mix string

// The mixes.
const (
	Get      Mix = "get"
	Set      Mix = "set"
	Mixed    Mix = "mixed"     // nine reads to one write
	MultiGet Mix = "multi-get" // ten keys at once
)

// multiGetKeys is how many keys a MultiGet names.
const multiGetKeys = 10

// commands returns the mix in a protocol.
func (m Mix) commands(p wire.Protocol) []workload.Command {
	switch m {
	case Set:
		return []workload.Command{p.Store()}
	case Mixed:
		get := p.Fetch()
		get.Weight = 9
		return []workload.Command{get, p.Store()}
	case MultiGet:
		name := map[wire.Protocol]string{wire.RESP: "MGET", wire.Memcache: "get"}[p]
		return []workload.Command{workload.MustCommand(name, fmt.Sprintf("%s {keys:%d}", name, multiGetKeys))}
	}
	return []workload.Command{p.Fetch()}
}

// Stage is a set of measurements that share servers with the same settings and one filled keyspace.
type Stage struct {
	// Name heads its tables.
	Name      string
	Transport contender.Transport
	// Threads is how many threads serve requests.
	Threads int
	// Keys are stored with values of ValueSize bytes, and chosen with Zipf's Theta, uniformly when it is 0.
	Keys      uint64
	ValueSize int
	Theta     float64
	Specs     []Spec
	// ShareOf names the measurement of the plain stage whose throughput, of the first incumbent, the shares of the specs
	// are of.
	ShareOf string
}

// Spec is one measurement of a stage.
type Spec struct {
	Mix      Mix
	Pipeline int
	// Churn is the number of requests after which a connection is made again, 0 for never.
	Churn int
	// Share, when not 0, makes it an open loop at this share of the throughput that the stage refers to.
	Share float64
}

func (s *Spec) name(p wire.Protocol) string {
	what := string(s.Mix)
	if p == wire.RESP && (s.Mix == Get || s.Mix == Set) {
		what = s.Mix.commands(p)[0].Name
	}
	name := fmt.Sprintf("%s, pipeline %d", what, s.Pipeline)
	if s.Churn > 0 {
		name += fmt.Sprintf(", a new connection every %d requests", s.Churn)
	}
	if s.Share > 0 {
		name += fmt.Sprintf(", at %.0f %% of the incumbent's most", 100*s.Share)
	}
	return name
}

// Cells lays the stage out for a protocol. reference is the throughput its shares are of.
func (s *Stage) Cells(p wire.Protocol, reference float64) ([]Cell, error) {
	var access workload.Distribution = workload.UniformAccess{Count: s.Keys}
	if s.Theta > 0 {
		zipf, err := workload.NewZipfAccess(s.Keys, s.Theta)
		if err != nil {
			return nil, err
		}
		access = zipf
	}
	values := workload.NewValues(s.ValueSize)
	var cells []Cell
	for i := range s.Specs {
		spec := &s.Specs[i]
		cells = append(cells, Cell{
			Name: spec.name(p), Pipeline: spec.Pipeline, Churn: spec.Churn, Rate: spec.Share * reference, Target: s.target(spec),
			Workload: &workload.Workload{
				Keys: workload.DefaultKeys(s.Keys), Values: values, Commands: spec.Mix.commands(p),
				Access: access, Sizes: workload.FixedSize(s.ValueSize),
			},
		})
	}
	return cells, nil
}

// Targets are what one thread of ours may cost of an incumbent's CPU time, by whether requests are pipelined.
const (
	targetSingle    = 0.80
	targetPipelined = 0.60
)

// target is the most CPU a request of a measurement may cost; only plain ones have any.
func (s *Stage) target(spec *Spec) float64 {
	switch {
	case s.Name != PlainStage || spec.Churn > 0 || spec.Share > 0:
		return 0
	case spec.Pipeline == 1:
		return targetSingle
	}
	return targetPipelined
}

// Setup says in words what a stage's measurements have in common.
func (s *Stage) Setup() string {
	keys := "uniformly"
	if s.Theta > 0 {
		keys = fmt.Sprintf("by Zipf's law with theta %v", s.Theta)
	}
	return fmt.Sprintf("%s, %d server thread(s), %d keys of 16 bytes chosen %s, values of %d bytes", s.Transport, s.Threads, s.Keys, keys, s.ValueSize)
}
