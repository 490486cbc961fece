package compat

import (
	"strings"

	"github.com/crucible-cache/crucible/internal/compat/resp"
)

// String shows the reply for a report.
func (r *Reply) String() string {
	var parts []string
	for i := range r.Values {
		parts = append(parts, r.Values[i].String())
	}
	if len(r.Values) == 0 && len(r.Raw) > 0 {
		for line := range strings.SplitAfterSeq(string(r.Raw), "\n") {
			if line != "" {
				parts = append(parts, resp.Quote([]byte(line)))
			}
		}
	}
	if len(parts) > replyLinesMax {
		parts = append(parts[:replyLinesMax], "...")
	}
	if r.Closed {
		parts = append(parts, "(connection closed)")
	}
	if r.Fault != nil {
		parts = append(parts, "("+r.Fault.Error()+")")
	}
	if len(parts) == 0 {
		return "(nothing)"
	}
	return strings.Join(parts, "\n")
}

// replyLinesMax bounds how much of a reply to many commands a report shows.
const replyLinesMax = 30
