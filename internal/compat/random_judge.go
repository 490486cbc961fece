package compat

import (
	"fmt"
	"strings"

	"github.com/crucible-cache/crucible/internal/compat/grammar"
	"github.com/crucible-cache/crucible/internal/compat/resp"
)

// likeness is how much of two replies must be equal.
type likeness int

const (
	exact     likeness = iota
	unordered          // the same elements, in any order
	timed              // integers may be apart by what two servers take
	shaped             // the same types and numbers of elements
	outline            // the same type
)

// timedApart is how far apart times in two replies may be, in milliseconds, or in seconds.
const timedApart = 3000

// likenesses of commands whose replies are not exact.
var likenesses = map[string]likeness{
	"smembers": unordered, "sinter": unordered, "sunion": unordered, "sdiff": unordered, "hgetall": unordered, "hkeys": unordered, "hvals": unordered,
	"keys": unordered, "spop": unordered,
	"geosearch": unordered, "georadius": unordered, "georadius_ro": unordered, "georadiusbymember": unordered, "georadiusbymember_ro": unordered,
	"ttl": timed, "pttl": timed, "expiretime": timed, "pexpiretime": timed, "httl": timed, "hpttl": timed, "hexpiretime": timed, "hpexpiretime": timed,
	"xpending": timed, "xinfo|consumers": timed, "xinfo|stream": timed,
	"sort": shaped, "sort_ro": shaped, // BY a constant and LIMIT choose by the order that a set happens to have
	"srandmember": shaped, "hrandfield": shaped, "zrandmember": shaped,
	"randomkey": outline, "scan": outline, "hscan": outline, "sscan": outline, "zscan": outline, "dump": outline,
	"object|idletime": outline, "memory|usage": outline,
}

// judge compares the replies of one connection. It remembers what a transaction has queued, whose replies come together.
type judge struct{ queued []string }

// differ says how the replies to a request differ, "" if they don't as far as they must not.
func (j *judge) differ(request *grammar.Request, a, b *Reply) string {
	switch {
	case a.Fault != nil || b.Fault != nil || a.Closed || b.Closed:
		if a.Closed && b.Closed && a.Fault == nil && b.Fault == nil {
			return ""
		}
		return "a connection ended, or nothing came"
	case len(a.Values) != 1 || len(b.Values) != 1:
		return "another number of replies"
	}
	x, y := &a.Values[0], &b.Values[0]
	queued := j.note(request.Name, x)
	if request.Name == "exec" && x.IsAggregate() && y.IsAggregate() && len(x.Elems) == len(y.Elems) && len(queued) == len(x.Elems) {
		for i := range x.Elems {
			if what := apart(likenesses[queued[i]], &x.Elems[i], &y.Elems[i]); what != "" {
				return fmt.Sprintf("reply %d of EXEC, to %s: %s", i+1, strings.ToUpper(queued[i]), what)
			}
		}
		return ""
	}
	return apart(likenesses[request.Name], x, y)
}

// note follows the transaction, and returns what it had queued when it ends.
func (j *judge) note(name string, reply *resp.Value) (queued []string) {
	switch {
	case reply.Kind == resp.SimpleString && string(reply.Text) == "QUEUED":
		j.queued = append(j.queued, name)
	case name == "exec" || name == "discard":
		queued, j.queued = j.queued, nil
	}
	return queued
}

// apart says how two values differ.
func apart(l likeness, a, b *resp.Value) string {
	if a.IsError() || b.IsError() {
		l = exact
	}
	switch l {
	case unordered:
		if canonical(a) != canonical(b) {
			return "other elements"
		}
	case timed:
		return timesApart(a, b)
	case shaped:
		return shapeDifference(a, b)
	case outline:
		if a.Kind != b.Kind || a.Nil != b.Nil {
			return fmt.Sprintf("type %s instead of %s", kindOf(b), kindOf(a))
		}
	default:
		if string(a.Raw) != string(b.Raw) {
			return "other bytes"
		}
	}
	return ""
}

// timesApart compares all but the integers, which may be times.
func timesApart(a, b *resp.Value) string {
	switch {
	case a.Kind == resp.Integer && b.Kind == resp.Integer:
		return withinDifference(timedApart, a, b)
	case !a.IsAggregate() && string(a.Raw) != string(b.Raw):
		return "other bytes"
	case a.Kind != b.Kind || len(a.Elems) != len(b.Elems):
		return shapeDifference(a, b)
	}
	for i := range a.Elems {
		if what := timesApart(&a.Elems[i], &b.Elems[i]); what != "" {
			return fmt.Sprintf("element %d: %s", i+1, what)
		}
	}
	return ""
}
