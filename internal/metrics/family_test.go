package metrics

import (
	"reflect"
	"testing"
)

var (
	requests    = &Family{Name: "crucible_requests_total", Help: "Requests.", Kind: Counts, Labels: []string{"protocol", "command"}}
	connections = &Family{Name: "crucible_connections", Help: "Connections.", Kind: Levels}
)

// loop is a source like a loop: it counts for itself.
type loop struct {
	get, set Counter
	open     Gauge
}

func (l *loop) Families() []*Family { return []*Family{requests, connections} }

func (l *loop) Collect(emit Emit) {
	emit(requests, float64(l.get.Load()), "resp", "get")
	emit(requests, float64(l.set.Load()), "resp", "set")
	emit(connections, float64(l.open.Load()))
}

func TestGatherAddsUpTheLoops(t *testing.T) {
	var a, b loop
	a.get.Add(3)
	a.set.Add(1)
	b.get.Add(4)
	a.open.Add(2)
	b.open.Add(-1)
	got, err := Gather([]Source{&a, &b})
	want := []Series{
		{requests, []string{"resp", "get"}, 7},
		{requests, []string{"resp", "set"}, 1},
		{connections, nil, 1},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

// Labels that join to the same text are still different series.
func TestGatherTellsLabelsApart(t *testing.T) {
	got, err := Gather([]Source{source(func(emit Emit) {
		emit(requests, 1, "a,b", "c")
		emit(requests, 2, "a", "b,c")
	})})
	if err != nil || len(got) != 2 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestGatherReportsWhatWasNotDeclared(t *testing.T) {
	for name, emitting := range map[string]func(Emit){
		"family": func(emit Emit) { emit(&Family{Name: "other"}, 1) },
		"labels": func(emit Emit) { emit(requests, 1, "resp") },
	} {
		got, err := Gather([]Source{source(emitting), &loop{}})
		if err == nil || len(got) != 3 {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

type source func(Emit)

func (s source) Families() []*Family { return []*Family{requests} }
func (s source) Collect(emit Emit)   { s(emit) }
