package report

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/crucible-cache/crucible/internal/bench/compare"
	"github.com/crucible-cache/crucible/internal/bench/sample"
)

// csvHead names the columns of a comparison's CSV, which has a line for every window.
var csvHead = []string{
	"protocol", "stage", "measurement", "server", "repetition", "requests_per_second", "p50_us", "p90_us", "p99_us", "p999_us", "max_us",
	"cpu_us_per_request", "resident_mib", "load_cpu", "foreign_cpu", "stolen_cpu",
}

// CSV writes every window of every server, for a spreadsheet.
func (c *Comparison) CSV(w io.Writer) error {
	rows := [][]string{csvHead}
	for _, o := range c.Outcomes {
		for i := range o.Cells {
			for j := range o.Cells[i].Rows {
				rows = appendWindows(rows, o, &o.Cells[i], &o.Cells[i].Rows[j])
			}
		}
	}
	return csv.NewWriter(w).WriteAll(rows)
}

func appendWindows(rows [][]string, o *compare.Outcome, c *compare.CellOutcome, r *compare.Row) [][]string {
	for n := range r.Throughput {
		row := []string{string(o.Protocol), o.Title, c.Name, r.Contender, strconv.Itoa(n + 1)}
		for _, s := range []sample.Series{r.Throughput, r.P50, r.P90, r.P99, r.P999, r.Max, r.CPU, r.Resident, r.LoadUse, r.Foreign, r.Stolen} {
			value := ""
			if n < len(s) {
				value = strconv.FormatFloat(s[n], 'g', 6, 64)
			}
			row = append(row, value)
		}
		rows = append(rows, row)
	}
	return rows
}
