package compat

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/crucible-cache/crucible/internal/compat/resp"
	"github.com/crucible-cache/crucible/internal/compat/script"
)

func shapeDifference(a, b *resp.Value) string {
	if a.Kind != b.Kind || a.Nil != b.Nil {
		return fmt.Sprintf("type %s instead of %s", kindOf(b), kindOf(a))
	}
	if len(a.Elems) != len(b.Elems) {
		return fmt.Sprintf("%d elements instead of %d", len(b.Elems), len(a.Elems))
	}
	for i := range a.Elems {
		if reason := shapeDifference(&a.Elems[i], &b.Elems[i]); reason != "" {
			return fmt.Sprintf("element %d: %s", i+1, reason)
		}
	}
	return ""
}

func lengthDifference(a, b *resp.Value) string {
	if len(a.Elems) != len(b.Elems) {
		return fmt.Sprintf("%d elements instead of %d", len(b.Elems), len(a.Elems))
	}
	if !a.IsAggregate() && len(a.Text) != len(b.Text) {
		return fmt.Sprintf("%d bytes instead of %d", len(b.Text), len(a.Text))
	}
	return ""
}

func withinDifference(most int64, a, b *resp.Value) string {
	if a.Kind != resp.Integer {
		return "no integer to compare"
	}
	// Negative replies (-1, -2) are verdicts, not amounts.
	if (a.Int < 0 || b.Int < 0) && a.Int != b.Int {
		return fmt.Sprintf("%d instead of %d", b.Int, a.Int)
	}
	if apart := b.Int - a.Int; apart > most || apart < -most {
		return fmt.Sprintf("%d instead of %d, more than %d apart", b.Int, a.Int, most)
	}
	return ""
}

func errorDifference(a, b *resp.Value) string {
	if !a.IsError() {
		return "no error to compare"
	}
	if a.ErrorCode() != b.ErrorCode() {
		return fmt.Sprintf("error %s instead of %s", b.ErrorCode(), a.ErrorCode())
	}
	return ""
}

// elements cuts an aggregate into groups of so many elements; a map's groups are always pairs.
// What is no aggregate is one group.
func elements(v *resp.Value, size int) [][]byte {
	if !v.IsAggregate() {
		return [][]byte{v.Raw}
	}
	if v.Kind == resp.Map {
		size = 2
	}
	var groups [][]byte
	for chunk := range slices.Chunk(v.Elems, size) {
		var group []byte
		for i := range chunk {
			group = append(group, chunk[i].Raw...)
		}
		groups = append(groups, group)
	}
	return groups
}

// orderlessDifference compares two multisets.
func orderlessDifference(a, b [][]byte) string {
	count := make(map[string]int, len(a))
	for _, elem := range a {
		count[string(elem)]++
	}
	for _, elem := range b {
		count[string(elem)]--
	}
	var missing, surplus []string
	for elem, n := range count {
		switch {
		case n > 0:
			missing = append(missing, resp.Quote([]byte(elem)))
		case n < 0:
			surplus = append(surplus, resp.Quote([]byte(elem)))
		}
	}
	slices.Sort(missing)
	slices.Sort(surplus)
	var reasons []string
	if len(missing) > 0 {
		reasons = append(reasons, "without "+listed(missing))
	}
	if len(surplus) > 0 {
		reasons = append(reasons, "with surplus "+listed(surplus))
	}
	return strings.Join(reasons, ", ")
}

func listed(items []string) string {
	const most = 5
	if len(items) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(items[:most], ", "), len(items)-most)
	}
	return strings.Join(items, ", ")
}

// canonical writes a value with the elements of every aggregate sorted.
func canonical(v *resp.Value) string {
	if !v.IsAggregate() {
		return string(v.Raw)
	}
	size := 1
	if v.Kind == resp.Map {
		size = 2
	}
	var groups []string
	for chunk := range slices.Chunk(v.Elems, size) {
		var group strings.Builder
		for i := range chunk {
			group.WriteString(canonical(&chunk[i]))
		}
		groups = append(groups, group.String())
	}
	slices.Sort(groups)
	return fmt.Sprintf("%c%d(%s)", v.Kind, len(v.Elems), strings.Join(groups, ""))
}

func patternDifference(rule *script.Rule, a, b []byte) string {
	if rule.Kind == script.Mask {
		if !bytes.Equal(rule.Pattern.ReplaceAll(a, []byte("${}")), rule.Pattern.ReplaceAll(b, []byte("${}"))) {
			return "other bytes outside what the rule blanks out"
		}
		return ""
	}
	if !rule.Pattern.Match(a) {
		return fmt.Sprintf("the reference server's reply does not match %s", rule.Pattern)
	}
	if !rule.Pattern.Match(b) {
		return fmt.Sprintf("no match for %s", rule.Pattern)
	}
	return ""
}

// valueFields reads the fields of a map, of a flat list of pairs, or of a text of fields.
func valueFields(v *resp.Value) map[string]string {
	if !v.IsAggregate() {
		return textFields(v.Text)
	}
	fields := make(map[string]string, len(v.Elems)/2)
	for i := 0; i+1 < len(v.Elems); i += 2 {
		fields[string(v.Elems[i].Text)] = string(v.Elems[i+1].Raw)
	}
	return fields
}

// textFields reads "name:value" lines (INFO), "STAT name value" lines (memcached), and words of the
// form name=value (CLIENT INFO). "# Section" lines count as fields of that name, without a value.
func textFields(text []byte) map[string]string {
	fields := map[string]string{}
	for line := range strings.SplitSeq(string(text), "\n") {
		line = strings.TrimRight(line, "\r")
		if stat, ok := strings.CutPrefix(line, "STAT "); ok {
			name, value, _ := strings.Cut(stat, " ")
			fields[name] = value
			continue
		}
		if strings.HasPrefix(line, "#") {
			fields[line] = ""
			continue
		}
		if name, value, ok := strings.Cut(line, ":"); ok && !strings.Contains(name, " ") && !strings.Contains(name, "=") {
			fields[name] = value
			continue
		}
		for word := range strings.FieldsSeq(line) {
			if name, value, ok := strings.Cut(word, "="); ok {
				fields[name] = value
			}
		}
	}
	return fields
}

func fieldsDifference(rule *script.Rule, a, b map[string]string) string {
	for _, name := range rule.Names {
		wanted, known := a[name]
		got, ok := b[name]
		switch {
		case !known:
			return fmt.Sprintf("the reference server's reply has no %q", name)
		case !ok:
			return fmt.Sprintf("without %q", name)
		case rule.Kind == script.Values && wanted != got:
			return fmt.Sprintf("%q is %s instead of %s", name, resp.Quote([]byte(got)), resp.Quote([]byte(wanted)))
		}
	}
	return ""
}
