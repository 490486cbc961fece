package compat

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/crucible-cache/crucible/internal/compat/resp"
	"github.com/crucible-cache/crucible/internal/compat/script"
)

// What the reference says in sentences, for people, we say in our own. The rules below hold
// everything else about such replies.

// indentation is the part of a line that outlineDifference compares when the line is indented: the
// indentation, and the name of an option behind "* ".
var indentation = regexp.MustCompile(`^ +(?:\* [A-Z][A-Z-]+\b)?`)

var versionNumber = regexp.MustCompile(`^\d+\.\d+\.\d+$`)

// textLines are the elements of a list of lines, or the lines of a text, each with its kind.
func textLines(v *resp.Value) []string {
	var lines []string
	if !v.IsAggregate() {
		return strings.Split(string(v.Text), "\n")
	}
	for i := range v.Elems {
		lines = append(lines, string(v.Elems[i].Text)+" ("+kindOf(&v.Elems[i])+")")
	}
	return lines
}

// outlineDifference compares lines of help: what is indented explains, the rest is syntax.
func outlineDifference(a, b []string) string {
	for i := range min(len(a), len(b)) {
		wanted, got := a[i], b[i]
		if cut := indentation.FindString(wanted); cut != "" {
			wanted, got = cut, indentation.FindString(got)
		}
		if wanted != got {
			return fmt.Sprintf("line %d: %s instead of %s", i+1, resp.Quote([]byte(b[i])), resp.Quote([]byte(a[i])))
		}
	}
	if len(a) != len(b) {
		return fmt.Sprintf("%d lines instead of %d", len(b), len(a))
	}
	return ""
}

func proseDifference(rule *script.Rule, a, b *resp.Value) string {
	var of, ours fieldPaths
	of.add(rule, "", a, false)
	ours.add(rule, "", b, false)
	wanted, got := of.lines(), ours.lines()
	return orderlessDifference(wanted, got)
}

// fieldPaths are the leaves of a reply, each behind the names and places that lead to it.
type fieldPaths []string

// add walks a value. Maps, lists that are maps in RESP2 and lists of records are walked by name,
// other lists by place, sets by nothing. Below a name that the rule names, text is any text, but versions are facts.
func (f *fieldPaths) add(rule *script.Rule, path string, v *resp.Value, prose bool) {
	switch {
	case !v.IsAggregate():
		text := string(v.Raw)
		if prose && v.Kind == resp.BulkString && !versionNumber.Match(v.Text) {
			text = "(words)"
		}
		*f = append(*f, path+" "+text)
	case hasNames(v):
		*f = append(*f, fmt.Sprintf("%s %c%d", path, v.Kind, len(v.Elems)))
		for i := 0; i+1 < len(v.Elems); i += 2 {
			name := string(v.Elems[i].Text)
			f.add(rule, path+"/"+name, &v.Elems[i+1], prose || slices.Contains(rule.Names, name))
		}
	default:
		*f = append(*f, fmt.Sprintf("%s %c%d", path, v.Kind, len(v.Elems)))
		records := areRecords(v.Elems)
		for i := range v.Elems {
			place := fmt.Sprintf("%s[%d]", path, i+1)
			switch {
			case v.Kind == resp.Set:
				place = path + "[]"
			case records:
				place = fmt.Sprintf("%s[%s]", path, v.Elems[i].Elems[0].Text)
			}
			f.add(rule, place, &v.Elems[i], prose)
		}
	}
}

func (f *fieldPaths) lines() [][]byte {
	lines := make([][]byte, len(*f))
	for i, line := range *f {
		lines[i] = []byte(line)
	}
	return lines
}

// hasNames says whether a value is a map, or a list that reads like one: bulk strings, each with
// something behind it.
func hasNames(v *resp.Value) bool {
	if v.Kind == resp.Map || len(v.Elems)%2 != 0 || v.Kind != resp.Array {
		return v.Kind == resp.Map
	}
	for i := 0; i < len(v.Elems); i += 2 {
		if v.Elems[i].Kind != resp.BulkString {
			return false
		}
	}
	return true
}

// areRecords says whether values are lists that begin with strings, of which no two are the same.
func areRecords(values []resp.Value) bool {
	seen := map[string]bool{}
	for i := range values {
		fields := values[i].Elems
		if values[i].Kind != resp.Array || len(fields) == 0 || fields[0].Kind != resp.BulkString || hasNames(&values[i]) {
			return false
		}
		seen[string(fields[0].Text)] = true
	}
	return len(seen) == len(values)
}

// namesDifference compares which fields there are.
func namesDifference(rule *script.Rule, a, b map[string]string) string {
	return orderlessDifference(fieldNames(rule, a), fieldNames(rule, b))
}

func fieldNames(rule *script.Rule, fields map[string]string) [][]byte {
	var names [][]byte
	for name := range fields {
		if !slices.Contains(rule.Names, name) {
			names = append(names, []byte(name))
		}
	}
	return names
}
