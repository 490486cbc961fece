package compat

import (
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes the results as a page: the table, then every difference.
func (r *Results) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Parity of %s\n\nReference: %s\n\n%s\n\n", r.Target, r.Reference, r.Summary())
	b.WriteString("| group | cases | replies | equal | different |\n|---|---:|---:|---:|---:|\n")
	rows, total := r.Groups()
	for _, row := range append(rows, total) {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", row.Group, row.Cases, row.Replies, row.Equal, row.Differents)
	}
	if r.Different() > 0 {
		b.WriteString("\n## Differences\n")
	}
	for i := range r.Cases {
		c := &r.Cases[i]
		if c.Equal() {
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n", c.Title())
		for j := range c.Differences {
			d := &c.Differences[j]
			fmt.Fprintf(&b, "\n`%s:%d`: %s\n\n", c.Path, d.Line, d.Reason)
			writeBlock(&b, "step", shortened(d.Step))
			writeBlock(&b, "reference", d.Reference)
			writeBlock(&b, "target", d.Target)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeBlock writes an indented code block, which needs no fence that the text could break.
func writeBlock(b *strings.Builder, title, text string) {
	fmt.Fprintf(b, "%s:\n\n    %s\n\n", title, strings.ReplaceAll(text, "\n", "\n    "))
}
