package report

import (
	"fmt"
	"io"

	"github.com/crucible-cache/crucible/internal/bench/generator"
)

// Generators writes how much load a core makes with each generator.
func Generators(w io.Writer, outcomes []generator.Outcome) error {
	table := [][]string{{"server", "pipeline", "generator", "requests/s", "load CPU us/request", "+-", "requests per load-CPU-second", "ratio"}}
	for i := range outcomes {
		o := &outcomes[i]
		for j, u := range o.Uses {
			times := ""
			if j == 0 {
				times = ratio(&o.Ratio)
			}
			table = append(table, []string{
				o.Server, fmt.Sprint(o.Load.Pipeline), u.Generator, number(u.Rate, 0), number(u.CPU, 3), percent(u.CPU), fmt.Sprintf("%.0f", u.PerCore()), times,
			})
		}
	}
	p := &printer{w: w}
	p.aligned(table)
	return p.err
}
