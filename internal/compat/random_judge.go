package compat

import (
	"fmt"
	"slices"
	"strconv"
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
	scored             // elements and scores by score, in which equal ones may come in any order
	named              // fields of the same names and values, but for those whose value is each server's own
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
	"vsim": scored, "vinfo": named, "vlinks": outline, "vrandmember": shaped,
	"srandmember": shaped, "hrandfield": shaped, "zrandmember": shaped,
	"client|id": shaped, "latency|histogram": outline,
	"acl|cat": unordered, "acl|genpass": shaped, "client|info": outline, "client|list": outline, "command|list": unordered, "config|get": unordered, "function|dump": outline,
	"function|list": unordered, "lastsave": outline, "slowlog|get": outline, "time": shaped,
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
	case name == "exec" || name == "discard" || name == "reset":
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
	case scored:
		return scoresApart(a, b)
	case named:
		return fieldsApart(a, b)
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

// scoresApart compares replies of elements with their scores behind them, best first. Which of several with the last
// score are there is chance. Replies without scores are of one length.
func scoresApart(a, b *resp.Value) string {
	if what := shapeDifference(a, b); what != "" || len(a.Elems) < 2 || !isScore(&a.Elems[1]) {
		return what
	}
	names := [2][]string{}
	for i := 0; i+1 < len(a.Elems); i += 2 {
		score := string(a.Elems[i+1].Raw)
		if score != string(b.Elems[i+1].Raw) {
			return fmt.Sprintf("another score at %d", i/2+1)
		}
		names[0], names[1] = append(names[0], string(a.Elems[i].Raw)), append(names[1], string(b.Elems[i].Raw))
		if i+3 < len(a.Elems) && string(a.Elems[i+3].Raw) != score {
			slices.Sort(names[0])
			slices.Sort(names[1])
			if !slices.Equal(names[0], names[1]) {
				return fmt.Sprintf("another element at %d", i/2+1)
			}
			names = [2][]string{}
		}
	}
	return ""
}

func isScore(v *resp.Value) bool {
	_, err := strconv.ParseFloat(string(v.Text), 64)
	return err == nil
}

// ownFields are those of named replies whose value is each server's own: drawn, counted over all keys, or not counted
// by the reference server when VADD has CAS.
var ownFields = []string{"max-level", "vset-uid", "attributes-count"}

// fieldsApart compares names and values.
func fieldsApart(a, b *resp.Value) string {
	if a.Kind != b.Kind || len(a.Elems) != len(b.Elems) {
		return shapeDifference(a, b)
	}
	for i := range a.Elems {
		own := i%2 == 1 && slices.Contains(ownFields, string(a.Elems[i-1].Text))
		if !own && string(a.Elems[i].Raw) != string(b.Elems[i].Raw) {
			return fmt.Sprintf("element %d: other bytes", i+1)
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
