package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/crucible-cache/crucible/internal/bench/compare"
	"github.com/crucible-cache/crucible/internal/bench/sample"
)

// columns are the head of every table; one ratio column per incumbent follows.
var columns = []string{"server", "requests/s", "+-", "p50 us", "p99 us", "p999 us", "CPU us/op", "+-", "user", "sys", "RSS MiB"}

// disturbedFrom is the share of a server's CPU used or withheld by others from which a row says so.
const disturbedFrom = 0.05

// Text writes the tables for a terminal.
func (c *Comparison) Text(w io.Writer) error {
	p := &printer{w: w}
	c.head(p, "")
	for _, o := range c.Outcomes {
		p.printf("\n%s, %s\n", o.Protocol, o.Title)
		servers(p, o, "")
		if table := summary(o); table != nil {
			p.printf("\n")
			p.aligned(table)
			for i := range o.Cells {
				p.lines("  "+o.Cells[i].Name+": ", notes(&o.Cells[i]))
			}
			continue // the cells one by one are in the files
		}
		for i := range o.Cells {
			p.printf("\n%s\n", o.Cells[i].Name)
			p.aligned(cellTable(&o.Cells[i]))
			p.lines("  ", notes(&o.Cells[i]))
		}
	}
	if table := weightTable(c.Weights); table != nil {
		p.printf("\n")
		p.aligned(table)
	}
	return p.err
}

// Markdown writes the same for a repository.
func (c *Comparison) Markdown(w io.Writer) error {
	p := &printer{w: w}
	p.printf("# Benchmark of %s\n\n", c.Started.UTC().Format("2006-01-02 15:04 UTC"))
	c.head(p, "- ")
	for _, o := range c.Outcomes {
		p.printf("\n## %s, %s\n\n", o.Protocol, o.Title)
		servers(p, o, "- ")
		if table := summary(o); table != nil {
			p.printf("\n")
			p.pipes(table)
		}
		for i := range o.Cells {
			p.printf("\n### %s, %s\n\n", o.Protocol, o.Cells[i].Name)
			p.pipes(cellTable(&o.Cells[i]))
			p.printf("\n")
			p.lines("- ", notes(&o.Cells[i]))
		}
	}
	if table := weightTable(c.Weights); table != nil {
		p.printf("\n## Memory of elements\n\n")
		p.pipes(table)
	}
	return p.err
}

func (c *Comparison) head(p *printer, bullet string) {
	p.printf("%smachine: %s\n", bullet, c.Machine)
	p.printf("%smeasured: %s\n", bullet, c.Setup)
	p.printf("%scalled as: %s\n", bullet, c.Command)
	p.printf("%sratios are ours over theirs, of windows next to each other: the Hodges-Lehmann median over the repetitions with its exact signed-rank interval; ~ marks an interval that includes 1, or too few repetitions: no winner\n", bullet)
}

// servers lists who took part, how each was started, and who didn't.
func servers(p *printer, o *compare.Outcome, bullet string) {
	for i := range o.Contenders {
		p.printf("%s%s (version %s): %s\n", bullet, o.Contenders[i].Name, o.Contenders[i].Version, o.CommandLines[i])
	}
	for _, note := range o.Notes {
		p.printf("%s%s\n", bullet, note)
	}
}

// cellTable lays a cell out, head first.
func cellTable(c *compare.CellOutcome) [][]string {
	head := append([]string{}, columns...)
	measure := "rate"
	if c.Rate > 0 { // all of them reach it: how long they take is what differs
		measure = "p999"
	}
	for _, a := range compared(c) {
		head = append(head, "CPU / "+a, measure+" / "+a)
	}
	table := [][]string{head}
	for i := range c.Rows {
		r := &c.Rows[i]
		row := []string{
			r.Contender, number(r.Throughput, 0), percent(r.Throughput), number(r.P50, 0), number(r.P99, 0), number(r.P999, 0),
			number(r.CPU, 3), percent(r.CPU), number(r.User, 2), number(r.System, 2), number(r.Resident, 0),
		}
		for _, name := range compared(c) {
			cpu, rate := "", ""
			for _, a := range r.Against {
				if a.Contender == name {
					cpu, rate = ratio(a.CPU), ratio(a.Throughput)
					if c.Rate > 0 {
						rate = ratio(a.P999)
					}
				}
			}
			row = append(row, cpu, rate)
		}
		table = append(table, row)
	}
	return table
}

// compared lists the contenders that any row is compared with, in the order of the rows.
func compared(c *compare.CellOutcome) []string {
	against := map[string]bool{}
	for i := range c.Rows {
		for _, a := range c.Rows[i].Against {
			against[a.Contender] = true
		}
	}
	var names []string
	for i := range c.Rows {
		if name := c.Rows[i].Contender; against[name] {
			names = append(names, name)
		}
	}
	return names
}

func number(s sample.Series, decimals int) string {
	if len(s) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.*f", decimals, s.Median())
}

func percent(s sample.Series) string {
	if len(s) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", 100*s.Spread())
}

func ratio(r *sample.Ratio) string {
	if r == nil {
		return "-"
	}
	mark := ""
	if r.Verdict == sample.Noise {
		mark = "~"
	}
	return fmt.Sprintf("%s%.3f (%.2f-%.2f)", mark, r.Value, r.Low, r.High)
}

// notes says what a reader must know before believing a cell's rows.
func notes(c *compare.CellOutcome) []string {
	var out []string
	for i := range c.Rows {
		r := &c.Rows[i]
		say := func(format string, args ...any) { out = append(out, r.Contender+": "+fmt.Sprintf(format, args...)) }
		if r.LoadBound > 0 {
			say("the load was the bottleneck in %d of %d repetitions (it used %.0f %% of its CPU, the server %.0f %%): requests/s is the load's",
				r.LoadBound, len(r.Throughput), 100*r.LoadUse.Median(), 100*r.ServerUse.Median())
		}
		if foreign := r.Foreign.Median(); foreign >= disturbedFrom {
			say("other processes used %.0f %% of the server's CPU", 100*foreign)
		}
		if stolen := r.Stolen.Median(); stolen >= disturbedFrom {
			say("the hypervisor withheld %.0f %% of the server's CPU", 100*stolen)
		}
		if len(r.Errors) > 0 {
			say("%d errors: %v", r.Errors.Total(), r.Errors)
		}
		if r.Misses > 0 {
			say("%d misses", r.Misses)
		}
	}
	return out
}

// printer remembers the first error, so that writing reads like writing.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// lines writes each line behind a bullet.
func (p *printer) lines(bullet string, lines []string) {
	for _, line := range lines {
		p.printf("%s%s\n", bullet, line)
	}
}

// aligned writes a table in columns: the first to the left, the others to the right.
func (p *printer) aligned(table [][]string) {
	widths := make([]int, len(table[0]))
	for _, row := range table {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range table {
		p.printf("%-*s", widths[0], row[0])
		for i, cell := range row[1:] {
			p.printf("  %*s", widths[i+1], cell)
		}
		p.printf("\n")
	}
}

// pipes writes a Markdown table.
func (p *printer) pipes(table [][]string) {
	for i, row := range table {
		p.printf("| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			p.printf("|---%s|\n", strings.Repeat("|---:", len(row)-1))
		}
	}
}
