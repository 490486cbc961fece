package metrics

import (
	"fmt"
	"slices"
	"strings"
)

// Kind says how a value moves.
type Kind uint8

// The kinds of a family.
const (
	Counts Kind = iota // only grows while the process lives
	Levels             // goes up and down
)

// A Family is a named value, or one for each combination of labels. It is
// declared once, as a package variable of whoever owns the value.
type Family struct {
	// Name follows Prometheus' rules: crucible_ in front, base units, _total
	// behind what counts.
	Name   string
	Help   string
	Kind   Kind
	Labels []string // names
}

// Emit reports a value of a family, with a value for each of its labels.
type Emit func(f *Family, value float64, labels ...string)

// A Source reports values when the process is scraped. Collect runs on the
// goroutine of the scrape, while the loops go on: it only loads counters and
// takes no lock that a request may wait for. Values that are emitted several
// times with the same labels, by each loop for example, are added up.
type Source interface {
	// Families lists what Collect may emit.
	Families() []*Family
	Collect(emit Emit)
}

// Series is one value of a family.
type Series struct {
	Family *Family
	Labels []string // values, in the order of Family.Labels
	Value  float64
}

// labelSeparator stands between the labels of a key; it is no valid UTF-8, so
// no label contains it.
const labelSeparator = "\xff"

// Gather asks every source and adds up the series. They come in the order in
// which they were first emitted. A source that emits what it did not declare
// is an error of the program, reported beside the series that are right.
func Gather(sources []Source) ([]Series, error) {
	var out []Series
	var err error
	at := map[string]int{}
	for _, s := range sources {
		declared := s.Families()
		s.Collect(func(f *Family, value float64, labels ...string) {
			if !slices.Contains(declared, f) || len(labels) != len(f.Labels) {
				err = fmt.Errorf("metric %s with %d labels was emitted but not declared", f.Name, len(labels))
				return
			}
			key := f.Name + labelSeparator + strings.Join(labels, labelSeparator)
			if i, seen := at[key]; seen {
				out[i].Value += value
				return
			}
			at[key] = len(out)
			out = append(out, Series{f, slices.Clone(labels), value})
		})
	}
	return out, err
}
