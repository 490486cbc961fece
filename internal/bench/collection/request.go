package collection

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/crucible-cache/crucible/internal/bench/compare"
	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// Form says how large the collections are that requests meet.
type Form string

// The forms: many collections that are packed by the defaults of both servers, or one that is far beyond.
const (
	Small Form = "small"
	Large Form = "large"
)

// Forms are all of them.
var Forms = []Form{Small, Large}

// shape is the collections of a form: how many, and how many elements each has.
var shapes = map[Form]struct{ collections, elements int }{
	Small: {1000, 50},
	Large: {1, 100_000},
}

// valueSize is the length of list elements, hash values and stream fields in bytes.
const valueSize = 32

// request is one measurement: the templates are drawn with equal chances. In them KEYS stands for the number of a
// collection, N for the number of an element, TWICE for one that exists every other time, MIDDLE and MIDDLE10 for the middle rank and the one nine further on.
type request struct {
	name      string
	kind      Kind
	templates []string
	// elements, when not 0, takes the place of the large form's number: a reply of 100,000 elements measures the socket.
	elements int
	// then is sent after the fill.
	then []string
}

// requests are what is measured, in order. What takes elements away comes with what adds them, so that it never meets an
// empty collection.
var requests = []request{
	{name: "LPUSH", kind: List, templates: []string{"LPUSH l:{KEYS} {value}"}},
	{name: "LPOP+LPUSH", kind: List, templates: []string{"LPOP l:{KEYS}", "LPUSH l:{KEYS} {value}"}},
	{name: "LRANGE_100", kind: List, templates: []string{"LRANGE l:{KEYS} 0 99"}},
	{name: "HSET", kind: Hash, templates: []string{"HSET h:{KEYS} f{N} {value}"}},
	{name: "HGET", kind: Hash, templates: []string{"HGET h:{KEYS} f{N}"}},
	{name: "HGETALL", kind: Hash, templates: []string{"HGETALL h:{KEYS}"}, elements: 1000},
	{name: "SADD", kind: Set, templates: []string{"SADD s:{KEYS} m{TWICE}"}},
	{name: "SISMEMBER", kind: Set, templates: []string{"SISMEMBER s:{KEYS} m{N}"}},
	{name: "SINTER", kind: Set, templates: []string{"SINTER s:{KEYS} s:{KEYS}"}, elements: 1000},
	{name: "ZADD", kind: ZSet, templates: []string{"ZADD z:{KEYS} {N} m{N}"}},
	{name: "ZRANGE", kind: ZSet, templates: []string{"ZRANGE z:{KEYS} {MIDDLE} {MIDDLE10}"}},
	{name: "ZRANK", kind: ZSet, templates: []string{"ZRANK z:{KEYS} m{N}"}},
	{name: "ZRANGEBYSCORE", kind: ZSet, templates: []string{"ZRANGEBYSCORE z:{KEYS} {N} +inf LIMIT 0 10"}},
	{name: "ZPOPMIN+ZADD", kind: ZSet, templates: []string{"ZPOPMIN z:{KEYS}", "ZADD z:{KEYS} {N} m{N}"}},
	{name: "XADD", kind: Stream, templates: []string{"XADD x:{KEYS} * f {value}"}},
	{name: "XREAD", kind: Stream, templates: []string{"XREAD COUNT 10 STREAMS x:{KEYS} {N}"}},
	{
		name: "XREADGROUP+XADD", kind: Stream,
		templates: []string{"XREADGROUP GROUP g c COUNT 1 STREAMS x:0 >", "XADD x:0 * f {value}"},
		then:      []string{"XGROUP", "CREATE", "x:0", "g", "0"},
	},
}

// Requests are the names of what can be measured.
func Requests() []string {
	names := make([]string, len(requests))
	for i := range requests {
		names[i] = requests[i].name
	}
	return names
}

// targets are the most a request may cost, as a share of what the incumbent spends, by requests in flight. A system call
// for each request is the same for both, so that a server can gain less without pipelining.
var targets = map[int]float64{1: 0.85, 16: 0.65}

// Cells lays out the requests chosen by name (all for none) in the forms and pipeline depths.
func Cells(names []string, forms []Form, pipelines []int) ([]compare.Cell, error) {
	var cells []compare.Cell
	known := map[string]bool{}
	for i := range requests {
		r := &requests[i]
		known[r.name] = true
		if len(names) > 0 && !containsFold(names, r.name) {
			continue
		}
		for _, form := range forms {
			for _, depth := range pipelines {
				cells = append(cells, r.cell(form, depth))
			}
		}
	}
	for _, n := range names {
		if !known[strings.ToUpper(n)] {
			return nil, fmt.Errorf("no request is called %q: there are %s", n, strings.Join(Requests(), ", "))
		}
	}
	return cells, nil
}

func containsFold(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

func (r *request) cell(form Form, depth int) compare.Cell {
	shape := shapes[form]
	if r.elements > 0 && form == Large {
		shape.elements = r.elements
		shape.collections = 2
	}
	fill := Fill{Kind: r.kind, Collections: shape.collections, Elements: shape.elements, Size: valueSize}
	w := workload.Uniform(1, valueSize, workload.Command{})
	w.Commands = nil
	numbers := strings.NewReplacer(
		"{KEYS}", fmt.Sprintf("{number:%d}", shape.collections), "{N}", fmt.Sprintf("{number:%d}", shape.elements),
		"{TWICE}", fmt.Sprintf("{number:%d}", 2*shape.elements),
		"{MIDDLE}", strconv.Itoa(shape.elements/2), "{MIDDLE10}", strconv.Itoa(shape.elements/2+9),
	)
	for _, t := range r.templates {
		w.Commands = append(w.Commands, workload.MustCommand("", numbers.Replace(t)))
	}
	var then [][]string
	if r.then != nil {
		then = append(then, r.then)
	}
	return compare.Cell{
		Name: fmt.Sprintf("%s, %s, pipeline %d", r.name, form, depth), Pipeline: depth, Workload: w, Target: targets[depth],
		Fill: func(ctx context.Context, server *contender.Process) error {
			return prepare(ctx, server.Endpoint, fill, then...)
		},
	}
}
