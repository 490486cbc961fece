package compat

import (
	"strings"

	"github.com/crucible-cache/crucible/internal/compat/resp"
	"github.com/crucible-cache/crucible/internal/compat/script"
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

// shown is the reply for a report about the given rule: of a reply that was judged by some of its
// fields only those.
func (r *Reply) shown(rule *script.Rule) string {
	if r.Fault != nil || (rule.Kind != script.Keys && rule.Kind != script.Values) {
		return r.String()
	}
	fields := textFields(r.Raw)
	if len(r.Values) > 0 {
		fields = valueFields(&r.Values[len(r.Values)-1])
	}
	var parts []string
	for _, name := range rule.Names {
		if value, ok := fields[name]; ok {
			parts = append(parts, name+" = "+resp.Quote([]byte(value)))
		} else {
			parts = append(parts, name+" is not there")
		}
	}
	return strings.Join(parts, "\n")
}

// replyLinesMax bounds how much of a reply to many commands a report shows.
const replyLinesMax = 30
