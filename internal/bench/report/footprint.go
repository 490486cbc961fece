package report

import (
	"fmt"
	"io"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/footprint"
	"github.com/crucible-cache/crucible/internal/bench/machine"
)

// Footprint is a measurement of memory per item, and the layout of its JSON.
type Footprint struct {
	Started time.Time          `json:"started"`
	Took    float64            `json:"took_seconds"`
	Machine machine.Machine    `json:"machine"`
	Command string             `json:"command"`
	Outcome *footprint.Outcome `json:"outcome"`
}

// Text writes the tables for a terminal.
func (f *Footprint) Text(w io.Writer) error {
	p := &printer{w: w}
	f.head(p, "")
	for i := range f.Outcome.Fills {
		p.printf("\n%s\n", f.Outcome.Fills[i].Fill)
		p.aligned(f.table(i))
	}
	p.printf("\n")
	p.lines("", f.verdicts())
	return p.err
}

// Markdown writes the same for a repository.
func (f *Footprint) Markdown(w io.Writer) error {
	p := &printer{w: w}
	p.printf("# Memory per item, %s\n\n", f.Started.UTC().Format("2006-01-02 15:04 UTC"))
	f.head(p, "- ")
	for i := range f.Outcome.Fills {
		p.printf("\n## %s\n\n", f.Outcome.Fills[i].Fill)
		p.pipes(f.table(i))
	}
	p.printf("\n")
	p.lines("- ", f.verdicts())
	return p.err
}

// JSON writes everything.
func (f *Footprint) JSON(w io.Writer) error { return writeJSON(w, f) }

// Files writes the measurement as memory-TIME.json and .md into a directory, made if need be, and returns the paths.
func (f *Footprint) Files(directory string) ([]string, error) {
	return writeFiles(directory, "memory-"+stamp(f.Started), map[string]func(io.Writer) error{".json": f.JSON, ".md": f.Markdown})
}

func (f *Footprint) head(p *printer, bullet string) {
	p.printf("%smachine: %s\n", bullet, f.Machine)
	p.printf("%scalled as: %s\n", bullet, f.Command)
	p.printf("%sRSS is the resident set of the whole process two seconds after the last item was stored; per item is RSS over the number of items, "+
		"overhead is that less key and value\n", bullet)
	for i := range f.Outcome.Contenders {
		p.printf("%s%s (version %s): %s\n", bullet, f.Outcome.Contenders[i].Name, f.Outcome.Contenders[i].Version, f.Outcome.CommandLines[i])
	}
	p.lines(bullet, f.Outcome.Notes)
}

// table lays a fill out, head first.
func (f *Footprint) table(fill int) [][]string {
	head := []string{"server", "RSS empty MiB", "RSS MiB", "B per item", "overhead B"}
	families := f.incumbents()
	for _, family := range families {
		head = append(head, "/ "+string(family))
	}
	table := [][]string{head}
	o := &f.Outcome.Fills[fill]
	for i := range o.Rows {
		r := &o.Rows[i]
		row := []string{r.Contender, "-", "-", "-", "-"}
		if r.PerItem > 0 {
			row = []string{r.Contender, mebibytes(r.Empty), mebibytes(r.Filled), fmt.Sprintf("%.1f", r.PerItem), fmt.Sprintf("%.1f", r.PerItem-float64(o.Payload()))}
		}
		for _, family := range families {
			row = append(row, times(f.Outcome.Over(fill, i, family)))
		}
		table = append(table, row)
	}
	return table
}

// incumbents lists the families that rows are compared with.
func (f *Footprint) incumbents() []contender.Family {
	var families []contender.Family
	for i := range f.Outcome.Contenders {
		c := &f.Outcome.Contenders[i]
		if c.Incumbent() && (len(families) == 0 || families[len(families)-1] != c.Family) {
			families = append(families, c.Family)
		}
	}
	return families
}

func (f *Footprint) verdicts() []string {
	var lines []string
	for _, v := range f.Outcome.Verdicts {
		word := "met"
		if !v.Met {
			word = "MISSED"
		}
		lines = append(lines, fmt.Sprintf("%s at most %.2f of %s: %.3f, %s", v.Contender, v.AtMost, v.Over, v.Measured, word))
	}
	return lines
}

func mebibytes(n uint64) string { return fmt.Sprintf("%.0f", float64(n)/(1<<20)) }

func times(ratio float64) string {
	if ratio == 0 {
		return "-"
	}
	return fmt.Sprintf("%.3f", ratio)
}
