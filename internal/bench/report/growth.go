package report

import (
	"fmt"
	"slices"

	"github.com/crucible-cache/crucible/internal/bench/growth"
)

// Growth lists how long reads took while servers grew and evicted. setup says in words what all of them have in common.
func Growth(o *growth.Outcome, setup string) *Listing {
	return &Listing{
		Name: "growth", Title: "Reads while memory moves", Results: o, Table: growthTable(o.Rows),
		Notes: slices.Concat([]string{setup}, o.CommandLines, o.Notes),
	}
}

func growthTable(rows []growth.Row) [][]string {
	table := [][]string{{"server and state", "reads", "writes", "p50 us", "p99 us", "p999 us", "max us", "load late us", "GCs", "longest pause us"}}
	for _, r := range rows {
		us := func(v float64) string { return fmt.Sprintf("%.0f", v) }
		row := []string{
			r.Contender + ", " + r.State, fmt.Sprint(r.Reads), fmt.Sprint(r.Writes), us(r.P50), us(r.P99), us(r.P999), us(r.Max), us(r.SlipMax), "-", "-",
		}
		if r.Collections != nil {
			row[8], row[9] = fmt.Sprint(*r.Collections), us(*r.LongestPause)
		}
		table = append(table, row)
	}
	return table
}
