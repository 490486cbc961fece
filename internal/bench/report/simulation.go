package report

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/machine"
	"github.com/crucible-cache/crucible/internal/bench/sample"
	"github.com/crucible-cache/crucible/internal/bench/simulate"
)

// Simulation is what traces came to in several caches, and the layout of its JSON.
type Simulation struct {
	Started time.Time         `json:"started"`
	Took    float64           `json:"took_seconds"`
	Machine machine.Machine   `json:"machine"`
	Command string            `json:"command"`
	Outcome *simulate.Outcome `json:"outcome"`
}

// simulationHead says how the figures came about.
var simulationHead = []string{
	"figures are the share of reads in the second half of a trace that found nothing; what was missed is stored, as an application in front of a database does",
	"a size is a share of the working set: the keys and values of all objects asked for. It is maxmemory to Redis and -m to Memcached, and bounds all that " +
		"our stores map, index included; the some 15 MiB of a process that holds nothing are in none of them",
	"our stores are those of the server, in this process, by the clock of the trace; the servers are replayed to over a socket, at the pace of the trace if it has times to live",
	"resident is the median over the rows of what a cache took at the end over its limit: of a server its whole resident set, of our stores what they mapped",
}

// Text writes the table for a terminal.
func (s *Simulation) Text(w io.Writer) error {
	p := &printer{w: w}
	s.head(p, "")
	p.printf("\n")
	p.aligned(s.table())
	p.printf("\n")
	p.lines("", s.remarks())
	return p.err
}

// Markdown writes the same for a repository. chart is the name of the file of the chart, empty for none.
func (s *Simulation) Markdown(w io.Writer, chart string) error {
	p := &printer{w: w}
	p.printf("# Miss ratios, %s\n\n", s.Started.UTC().Format("2006-01-02 15:04 UTC"))
	s.head(p, "- ")
	p.printf("\n")
	p.pipes(s.table())
	if chart != "" {
		p.printf("\n![miss ratios](%s)\n", chart)
	}
	p.printf("\n")
	p.lines("- ", s.remarks())
	return p.err
}

// JSON writes everything.
func (s *Simulation) JSON(w io.Writer) error { return writeJSON(w, s) }

// SVG draws the chart of what the subject and the caches of others miss.
func (s *Simulation) SVG(w io.Writer) error {
	var series []string
	var columns []int
	for i, name := range s.Outcome.Caches {
		if name == s.Outcome.Subject || !s.Outcome.Ours[i] {
			series, columns = append(series, name), append(columns, i)
		}
	}
	var groups []group
	for i := range s.Outcome.Rows {
		r := &s.Outcome.Rows[i]
		g := group{label: fmt.Sprintf("%s, %g %%", r.Trace, 100*r.Share)}
		for _, c := range columns {
			v := math.NaN()
			if r.Results[c].Reads > 0 {
				v = r.Results[c].MissRatio()
			}
			g.values = append(g.values, v)
		}
		groups = append(groups, g)
	}
	_, err := io.WriteString(w, standalone(string(bars(series, groups, "%.3f"))))
	return err
}

// standalone makes a chart of a page a file of its own.
func standalone(chart string) string {
	return strings.Replace(chart, "<svg ", `<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="12" style="background:#fff" `, 1) + "\n"
}

// Files writes the simulation as hitratio-TIME.json, .md and .svg into a directory, made if need be, and returns the paths.
func (s *Simulation) Files(directory string) ([]string, error) {
	name := "hitratio-" + stamp(s.Started)
	return writeFiles(directory, name, map[string]func(io.Writer) error{
		".json": s.JSON, ".svg": s.SVG, ".md": func(w io.Writer) error { return s.Markdown(w, name+".svg") },
	})
}

func (s *Simulation) head(p *printer, bullet string) {
	p.printf("%smachine: %s\n", bullet, s.Machine)
	p.printf("%scalled as: %s\n", bullet, s.Command)
	p.lines(bullet, simulationHead)
	seen := map[string]bool{}
	for i := range s.Outcome.Rows {
		if r := &s.Outcome.Rows[i]; !seen[r.Trace] {
			p.printf("%s%s: %v\n", bullet, r.Trace, r.Summary)
			seen[r.Trace] = true
		}
	}
	p.lines(bullet, s.Outcome.Notes)
}

// table lays the rows out, head first; the least miss ratio of a row is starred.
func (s *Simulation) table() [][]string {
	table := [][]string{append([]string{"trace", "size", "MiB"}, s.Outcome.Caches...)}
	for i := range s.Outcome.Rows {
		r := &s.Outcome.Rows[i]
		least := math.Inf(1)
		for _, c := range r.Results {
			if c.Reads > 0 {
				least = min(least, c.MissRatio())
			}
		}
		row := []string{r.Trace, fmt.Sprintf("%g %%", 100*r.Share), fmt.Sprint(r.Limit >> 20)}
		for _, c := range r.Results {
			switch {
			case c.Reads == 0:
				row = append(row, "-")
			case c.MissRatio() == least:
				row = append(row, fmt.Sprintf("%.4f*", c.MissRatio()))
			default:
				row = append(row, fmt.Sprintf("%.4f", c.MissRatio()))
			}
		}
		table = append(table, row)
	}
	return append(table, s.resident())
}

// resident is the last line of the table.
func (s *Simulation) resident() []string {
	row := []string{"resident", "", ""}
	for i := range s.Outcome.Caches {
		var over sample.Series
		for j := range s.Outcome.Rows {
			if r := &s.Outcome.Rows[j]; r.Results[i].Resident > 0 {
				over = append(over, float64(r.Results[i].Resident)/float64(r.Limit))
			}
		}
		row = append(row, number(over, 2))
	}
	return row
}

// remarks name the rows where the subject isn't the best.
func (s *Simulation) remarks() (lines []string) {
	lost := 0
	for i := range s.Outcome.Rows {
		r := &s.Outcome.Rows[i]
		for _, to := range s.Outcome.Losses(r) {
			lost++
			lines = append(lines, fmt.Sprintf("%s, %g %%: %s misses no less than %s, which had %s MiB resident at a limit of %d",
				r.Trace, 100*r.Share, s.Outcome.Subject, s.Outcome.Caches[to], mebibytes(r.Results[to].Resident), r.Limit>>20))
		}
	}
	if lost == 0 {
		lines = append(lines, s.Outcome.Subject+" misses less than every server of others on every row")
	}
	return lines
}
