package compat

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// GroupCount is a row of the table.
type GroupCount struct {
	Group                             string
	Cases, Replies, Equal, Differents int
}

// Groups counts the results by group, in the order the groups came.
func (r *Results) Groups() (rows []GroupCount, total GroupCount) {
	total.Group = "total"
	at := map[string]int{}
	for i := range r.Cases {
		c := &r.Cases[i]
		row, ok := at[c.Group]
		if !ok {
			row = len(rows)
			at[c.Group] = row
			rows = append(rows, GroupCount{Group: c.Group})
		}
		for _, count := range []*GroupCount{&rows[row], &total} {
			count.Cases++
			count.Replies += c.Replies
			if c.Equal() {
				count.Equal++
			} else {
				count.Differents++
			}
		}
	}
	return rows, total
}

// WriteTable prints the counts of each group.
func (r *Results) WriteTable(w io.Writer) error {
	rows, total := r.Groups()
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "group\tcases\treplies\tequal\tdifferent\t")
	for _, row := range append(rows, total) {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t\n", row.Group, row.Cases, row.Replies, row.Equal, row.Differents)
	}
	return table.Flush()
}

// WriteDifferences prints every difference, also one that did not come again: where, what was sent, what each server said.
func (r *Results) WriteDifferences(w io.Writer) error {
	var b strings.Builder
	for _, cases := range [][]CaseResult{r.Cases, r.Spoiled} {
		for i := range cases {
			for j := range cases[i].Differences {
				cases[i].writeDifference(&b, &cases[i].Differences[j])
				b.WriteByte('\n')
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (c *CaseResult) writeDifference(b *strings.Builder, d *Difference) {
	fmt.Fprintf(b, "DIFFERENT %s (%s:%d): %s\n", c.Title(), c.Path, d.Line, d.Reason)
	fmt.Fprintf(b, "  step       %s\n", indented(shortened(d.Step)))
	fmt.Fprintf(b, "  reference  %s\n", indented(d.Reference))
	fmt.Fprintf(b, "  target     %s\n", indented(d.Target))
}

func indented(text string) string {
	return strings.ReplaceAll(text, "\n", "\n             ")
}

// shortened cuts a step whose text nobody wants to read to its end.
func shortened(text string) string {
	const most = 300
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}

// Summary is the one line a run ends with.
func (r *Results) Summary() string {
	_, total := r.Groups()
	again := ""
	if n := len(r.Spoiled); n > 0 {
		again = fmt.Sprintf(", %d of them when replayed again", n)
	}
	return fmt.Sprintf("%d cases, %d replies: %d equal%s, %d different (%v)",
		total.Cases, total.Replies, total.Equal, again, total.Differents, r.Elapsed.Round(time.Millisecond))
}
