package compare

import (
	"context"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// Every stage of every suite must make valid measurements in both protocols, with names that tell them apart.
func TestSuites(t *testing.T) {
	for _, name := range []string{"quick", "full"} {
		stages, err := Suite(name)
		if err != nil || stages[0].Name != PlainStage {
			t.Fatalf("%s: %v", name, err)
		}
		seen := map[string]bool{}
		for _, s := range stages {
			if seen[s.Name] {
				t.Errorf("%s: two stages called %s", name, s.Name)
			}
			seen[s.Name] = true
			if s.ShareOf != "" && !seen[s.ShareOf] {
				t.Errorf("%s: %s refers to %s, which doesn't come before it", name, s.Name, s.ShareOf)
			}
			for _, p := range []wire.Protocol{wire.RESP, wire.Memcache} {
				cells, err := s.Cells(p, 1000)
				if err != nil || len(cells) == 0 {
					t.Fatalf("%s, %s: %v", name, s.Name, err)
				}
				names := map[string]bool{}
				for _, c := range cells {
					if err := c.Workload.Validate(); err != nil || names[c.Name] || c.Pipeline < 1 {
						t.Errorf("%s, %s, %s: %v", name, s.Name, c.Name, err)
					}
					if _, err := wire.NewEncoder(p, c.Workload); err != nil {
						t.Error(err)
					}
					names[c.Name] = true
				}
			}
		}
	}
	if _, err := Suite("slow"); err == nil {
		t.Error("an unknown suite must be refused")
	}
}

func TestShares(t *testing.T) {
	s := Stage{Keys: 10, ValueSize: 64, Specs: []Spec{{Mix: Get, Pipeline: 1, Share: 0.5}, {Mix: Get, Pipeline: 1, Churn: 3}}}
	cells, err := s.Cells(wire.RESP, 8000)
	if err != nil || cells[0].Rate != 4000 || cells[1].Rate != 0 || cells[1].Churn != 3 {
		t.Errorf("%+v, %v", cells, err)
	}
	o := &Outcome{
		Contenders: []contender.Contender{{Family: contender.Crucible}, {Family: contender.Redis}, {Family: contender.Valkey}},
		Cells:      []CellOutcome{{Rows: []Row{{Throughput: []float64{9}}, {Throughput: []float64{5, 7, 6}}, {Throughput: []float64{8}}}}},
	}
	if got := o.Saturation(); got != 6 {
		t.Errorf("saturation %v, want the first incumbent's median", got)
	}
	if got := (&Outcome{}).Saturation(); got != 0 {
		t.Errorf("saturation %v of nobody", got)
	}
}

// A contender that can't do what an optional plan asks for is left out, with the reason.
func TestOptionalPlan(t *testing.T) {
	var said []string
	p := plan(t, &said)
	p.Optional, p.Contenders[0].Path = true, "/absent"
	o, err := Run(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Contenders) != 1 || o.Contenders[0].Name != "b" || len(o.Cells[0].Rows) != 1 || len(o.Notes) != 1 || !strings.HasPrefix(o.Notes[0], "a is left out: ") {
		t.Errorf("%+v", o)
	}
	p = plan(t, &said)
	p.Optional, p.Contenders[0].Path, p.Contenders[1].Path = true, "/absent", "/absent"
	if _, err := Run(context.Background(), p); err == nil || !strings.Contains(err.Error(), "no server starts") {
		t.Errorf("got %v", err)
	}
}
