package report

import (
	"fmt"
	"io"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/growth"
	"github.com/crucible-cache/crucible/internal/bench/machine"
)

// Growth is how long reads took while servers grew and evicted, and the layout of its JSON.
type Growth struct {
	Started time.Time       `json:"started"`
	Took    float64         `json:"took_seconds"`
	Machine machine.Machine `json:"machine"`
	Command string          `json:"command"`
	Setup   string          `json:"setup"`
	Outcome *growth.Outcome `json:"outcome"`
}

// Text writes the table for a terminal.
func (g *Growth) Text(w io.Writer) error {
	p := &printer{w: w}
	g.head(p, "")
	p.printf("\n")
	p.aligned(g.table())
	return p.err
}

// Markdown writes the same for a repository.
func (g *Growth) Markdown(w io.Writer) error {
	p := &printer{w: w}
	p.printf("# Reads while memory moves, %s\n\n", g.Started.UTC().Format("2006-01-02 15:04 UTC"))
	g.head(p, "- ")
	p.printf("\n")
	p.pipes(g.table())
	return p.err
}

// JSON writes everything.
func (g *Growth) JSON(w io.Writer) error { return writeJSON(w, g) }

// Files writes the measurement as growth-TIME.json and .md into a directory, made if need be, and returns the paths.
func (g *Growth) Files(directory string) ([]string, error) {
	return writeFiles(directory, "growth-"+stamp(g.Started), map[string]func(io.Writer) error{".json": g.JSON, ".md": g.Markdown})
}

func (g *Growth) head(p *printer, bullet string) {
	p.printf("%smachine: %s\n", bullet, g.Machine)
	p.printf("%scalled as: %s\n", bullet, g.Command)
	p.printf("%s%s\n", bullet, g.Setup)
	p.lines(bullet, g.Outcome.CommandLines)
	p.lines(bullet, g.Outcome.Notes)
}

func (g *Growth) table() [][]string {
	table := [][]string{{"server and state", "reads", "writes", "p50 us", "p99 us", "p999 us", "max us", "load late us", "GCs", "longest pause us"}}
	for _, r := range g.Outcome.Rows {
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
