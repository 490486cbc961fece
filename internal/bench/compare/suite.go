package compare

import (
	"fmt"

	"github.com/crucible-cache/crucible/internal/bench/contender"
)

// PlainStage is the stage that every suite begins with: small values over TCP, one thread.
const PlainStage = "plain"

// Suite returns a named list of stages: "quick" ends within five minutes, "full" goes through everything.
func Suite(name string) ([]Stage, error) {
	switch name {
	case "quick":
		return quick(), nil
	case "full":
		return full(), nil
	}
	return nil, fmt.Errorf("no suite is called %q: there are quick and full", name)
}

func plain(specs ...Spec) Stage {
	return Stage{Name: PlainStage, Transport: contender.TCP, Threads: 1, Keys: 1_000_000, ValueSize: 64, Specs: specs}
}

// each returns one spec per mix and pipeline depth.
func each(mixes []Mix, pipelines ...int) []Spec {
	var specs []Spec
	for _, m := range mixes {
		for _, p := range pipelines {
			specs = append(specs, Spec{Mix: m, Pipeline: p})
		}
	}
	return specs
}

// with returns a copy of the stage under another name and changed.
func (s Stage) with(name string, change func(*Stage)) Stage {
	s.Name = name
	change(&s)
	return s
}

// underLoad is the stage that shows latency where servers are run, rather than where they break.
func underLoad(from Stage) Stage {
	return from.with("latency under load", func(s *Stage) {
		s.ShareOf = PlainStage
		s.Specs = []Spec{{Mix: Get, Pipeline: 1, Share: 0.5}, {Mix: Get, Pipeline: 1, Share: 0.8}}
	})
}

func quick() []Stage {
	base := plain(each([]Mix{Get, Set}, 1, 16)...)
	base.Specs = append(base.Specs, Spec{Mix: Get, Pipeline: 64})
	return []Stage{
		base,
		base.with("zipf", func(s *Stage) { s.Theta, s.Specs = 0.99, each([]Mix{Mixed}, 1, 16) }),
		base.with("1 KiB values", func(s *Stage) { s.Keys, s.ValueSize, s.Specs = 100_000, 1<<10, each([]Mix{Get}, 16) }),
		underLoad(base),
	}
}

func full() []Stage {
	mixes := []Mix{Get, Set, Mixed}
	base := plain(each(mixes, 1, 16, 64)...)
	base.Specs = append(base.Specs, each([]Mix{MultiGet}, 1, 16)...)
	few := each([]Mix{Get, Set}, 1, 16)
	return []Stage{
		base,
		base.with("1 KiB values", func(s *Stage) { s.Keys, s.ValueSize, s.Specs = 200_000, 1<<10, each(mixes, 1, 16, 64) }),
		base.with("16 KiB values", func(s *Stage) { s.Keys, s.ValueSize, s.Specs = 20_000, 16<<10, each(mixes, 1, 16) }),
		base.with("zipf", func(s *Stage) { s.Theta, s.Specs = 0.99, each([]Mix{Get, Mixed}, 1, 16, 64) }),
		base.with("unix socket", func(s *Stage) { s.Transport, s.Specs = contender.Unix, few }),
		base.with("TLS", func(s *Stage) { s.Transport, s.Keys, s.Specs = contender.TLS, 200_000, few }),
		base.with("churn", func(s *Stage) {
			s.Specs = []Spec{{Mix: Get, Pipeline: 1, Churn: 10}, {Mix: Get, Pipeline: 1, Churn: 1}}
		}),
		base.with("two threads", func(s *Stage) { s.Threads, s.Specs = 2, each([]Mix{Get, Set}, 1, 16, 64) }),
		underLoad(base),
	}
}
