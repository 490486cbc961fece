package report

import (
	"fmt"

	"github.com/crucible-cache/crucible/internal/bench/compare"
	"github.com/crucible-cache/crucible/internal/bench/sample"
)

// summaryHead begins the table that sets every cell with a target in one line.
var summaryHead = []string{"request", "server", "CPU us/op", "incumbent", "CPU us/op", "ratio", "low", "high", "target", "user ratio", "verdict"}

// summary lays out the cells that have a target, one line for each pair of servers compared; nil when there are none.
func summary(o *compare.Outcome) [][]string {
	var table [][]string
	for c := range o.Cells {
		cell := &o.Cells[c]
		if cell.Target == 0 {
			continue
		}
		for i := range cell.Rows {
			for _, a := range cell.Rows[i].Against {
				if line := summaryLine(cell, &cell.Rows[i], a); line != nil {
					table = append(table, line)
				}
			}
		}
	}
	if table == nil {
		return nil
	}
	return append([][]string{summaryHead}, table...)
}

func summaryLine(cell *compare.CellOutcome, ours *compare.Row, a compare.Against) []string {
	if a.CPU == nil {
		return nil
	}
	theirs := ours
	for i := range cell.Rows {
		if cell.Rows[i].Contender == a.Contender {
			theirs = &cell.Rows[i]
		}
	}
	var user *sample.Ratio
	if q, ok := sample.Compare(ours.User, theirs.User); ok {
		user = &q
	}
	verdict := "kept"
	if a.CPU.Value > cell.Target {
		verdict = "MISSED"
	}
	return []string{
		cell.Name, ours.Contender, number(ours.CPU, 3), a.Contender, number(theirs.CPU, 3), fmt.Sprintf("%.2f", a.CPU.Value),
		fmt.Sprintf("%.2f", a.CPU.Low), fmt.Sprintf("%.2f", a.CPU.High), fmt.Sprintf("%.2f", cell.Target),
		ratio(user), verdict,
	}
}
