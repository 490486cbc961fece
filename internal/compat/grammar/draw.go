package grammar

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// Request is a drawn request.
type Request struct {
	// Name is the command's in lower case, as in "object|encoding".
	Name string
	Args []string
}

// Drawer draws requests.
type Drawer struct {
	grammar *Grammar
	random  *rand.Rand
	group   string // of the command that is being drawn
	name    string
	counts  int // how many of what is counted by numkeys and the like; 0 = not said
	entries int // stream entries so far
}

// NewDrawer returns a Drawer whose requests the seed decides.
func (g *Grammar) NewDrawer(seed, stream uint64) *Drawer {
	return &Drawer{grammar: g, random: rand.New(rand.NewPCG(seed, stream))}
}

// How often, in percent, an optional argument is given, and a request is spoilt.
const (
	optionPercent = 35
	spoilPercent  = 8
	// waitPercent is how often a command that may wait is kept when it was drawn.
	waitPercent = 6
	// scriptPercent is how often a script sends a request.
	scriptPercent = 5
)

// Draw returns the next request.
func (d *Drawer) Draw() Request {
	c := d.command()
	d.group, d.name, d.counts = c.group, c.name, 0
	args := d.all(strings.Split(c.name, "|"), c.arguments)
	switch c.name {
	case "command|getkeys", "command|getkeysandflags", "acl|dryrun":
		// They are told of a request, not of any words.
		about := d.grammar.commands[d.random.IntN(len(d.grammar.commands))]
		d.group, d.name, d.counts = about.group, about.name, 0
		args = d.all(append(args[:min(len(args), 2+strings.Count(c.name, "dryrun"))], strings.Split(about.name, "|")...), about.arguments)
	}
	if d.percent(spoilPercent) && !blocks(c.name) && !strings.HasPrefix(c.name, "command|") { // COMMAND alone tells all there is
		args = d.spoil(args)
	}
	return d.scripted(Request{c.name, settled(c.name, args)})
}

// scripted has a script send a request, now and then. What comes as a map in RESP3 is in an order of each server's own then,
// so only what replies with none, or with one of elements, is asked for so.
func (d *Drawer) scripted(r Request) Request {
	if d.percent(scriptPercent) {
		code := d.pick("return redis.call(unpack(ARGV))", "return redis.pcall(unpack(ARGV))", "redis.setresp(3) return redis.call(unpack(ARGV))")
		if _, ok := prefixes[d.group]; !ok || d.group == "stream" || d.group == vectorGroup || r.Name == "lcs" || strings.Contains(r.Name, "|") {
			code = strings.TrimPrefix(code, "redis.setresp(3) ")
		}
		r.Args = append([]string{"EVAL", code, "0"}, r.Args...)
	}
	return r
}

// Watched is a request with others before and behind it which show whether it changes any of its keys. What is of
// transactions itself stays alone.
func Watched(r *Request) []Request {
	watch := Request{"watch", []string{"WATCH"}}
	for _, a := range r.Args[1:] {
		if len(a) == 2 && strings.Contains(initials, a[:1]) && a[1] >= '0' && a[1] < '0'+keysPerType {
			watch.Args = append(watch.Args, a)
		}
	}
	if len(watch.Args) == 1 || slices.Contains([]string{"watch", "unwatch", "multi", "exec", "discard"}, r.Name) {
		return []Request{*r}
	}
	return []Request{watch, *r, {"multi", []string{"MULTI"}}, {"exec", []string{"EXEC"}}}
}

// command chooses a command. One that may wait is chosen less often, because it does.
func (d *Drawer) command() *command {
	for {
		if c := &d.grammar.commands[d.random.IntN(len(d.grammar.commands))]; !blocks(c.name) || len(d.grammar.commands) == 1 || d.percent(waitPercent) {
			return c
		}
	}
}

// blocks reports whether a command may wait: one whose time to wait was spoilt would wait for long.
func blocks(name string) bool {
	return strings.HasPrefix(name, "b") && !strings.HasPrefix(name, "bit") || strings.HasPrefix(name, "xread") || strings.HasPrefix(name, "wait")
}

// settled takes what two servers may answer differently out of a request: time, and what is chosen at random.
func settled(name string, args []string) []string {
	switch name {
	case "spop":
		if len(args) > 1 {
			args = []string{args[0], args[1], "1000000"} // all of them
		}
	case "vadd":
		// The reference server takes no attributes for some, until it is restarted.
		for i, a := range args[1:] {
			if a == "" && strings.EqualFold(args[i], "setattr") {
				args[i+1] = "{}"
			}
		}
	case "xautoclaim":
		// Whether the reference server has memory for so many is the machine's business.
		replaceWord(args, "4294967296", "4096")
	case "hgetex":
		// The reference server reads on behind a request that ends so, and may crash.
		if equalLast(args, "fields") {
			args = append(args, "0")
		}
	case "zremrangebylex", "zlexcount", "zrangebylex":
		allLex(args, "-", "+")
	case "zrevrangebylex":
		allLex(args, "+", "-")
	case "zrange", "zrangestore":
		replaceWord(args, "bylex", "BYSCORE")
	case "xadd", "geosearch", "geosearchstore", "georadius", "georadius_ro", "georadiusbymember", "georadiusbymember_ro":
		replaceWord(args, "*", "9-*")
		replaceWord(args, "any", "ASC")
		// One distance in 650 differs in its last digit, which only a stored score has.
		if name == "geosearchstore" {
			replaceWord(args, "storedist", "ASC")
		}
		replaceWord(args, "storedist", "STORE")
	}
	return args
}

// allLex makes a range by name one of everything: what another holds of a large sorted set whose scores differ depends,
// in the reference server, on dice.
func allLex(args []string, from, to string) {
	if len(args) > 3 {
		args[2], args[3] = from, to
	}
}

// replaceWord puts another word in the place of one, in upper or lower case.
func replaceWord(args []string, word, other string) {
	for i, a := range args {
		if strings.EqualFold(a, word) {
			args[i] = other
		}
	}
}

func equalLast(args []string, word string) bool { return strings.EqualFold(args[len(args)-1], word) }

func (d *Drawer) percent(n int) bool { return d.random.IntN(100) < n }

func (d *Drawer) all(args []string, arguments []argument) []string {
	for i := range arguments {
		if a := &arguments[i]; !a.optional || d.percent(optionPercent) {
			args = d.several(args, a)
		}
	}
	return args
}

// several draws an argument as often as it may stand. What was counted before stands as often as was said.
func (d *Drawer) several(args []string, a *argument) []string {
	n := 1
	switch {
	case a.kind == "block" && a.token == "STREAMS":
		d.counts = 1 + d.random.IntN(2)
	case a.multiple && d.counts > 0:
		n = d.counts
	case a.multiple:
		for n < 12 && d.percent(40) {
			n++
		}
	}
	for i := range n {
		if a.token != "" && (i == 0 || a.repeatsToken) {
			args = append(args, a.token)
		}
		args = d.one(args, a)
	}
	return args
}

func (d *Drawer) one(args []string, a *argument) []string {
	switch a.kind {
	case "pure-token":
		return args
	case "oneof":
		return d.several(args, &a.parts[d.random.IntN(len(a.parts))])
	case "block":
		return d.all(args, a.parts)
	case "vector":
		return d.vector(args)
	}
	if strings.HasPrefix(a.name, "num") && (a.name == "numkeys" || a.name == "numfields") {
		d.counts = 1 + d.random.IntN(3)
		if d.percent(4) {
			return append(args, d.pick("0", "-1", "9", "x"))
		}
		return append(args, strconv.Itoa(d.counts))
	}
	return append(args, d.value(a))
}

// spoil makes a request that is probably refused.
func (d *Drawer) spoil(args []string) []string {
	args = append([]string(nil), args...)
	at := 1 + d.random.IntN(len(args))
	switch d.random.IntN(4) {
	case 0: // without its end
		return args[:at]
	case 1: // with something more
		args = append(args, d.pick("foo", "LIMIT", "COUNT", "1", ""))
	case 2: // with an argument said twice
		if at < len(args) {
			args = append(args[:at+1], args[at:]...)
		}
	default: // with another in its place
		if at < len(args) {
			args[at] = d.pick("foo", "0", "-1", "", "1.5", "9223372036854775808")
		}
	}
	return args
}

func (d *Drawer) pick(from ...string) string { return from[d.random.IntN(len(from))] }

// nextID is the id of a stream entry, mostly one that follows all before.
func (d *Drawer) nextID() string {
	if d.percent(80) {
		d.entries++
		return fmt.Sprintf("10-%d", d.entries)
	}
	return d.pick("0-0", "1-1", "5", "5-*", "10-3", "x", "-", "20-0", "18446744073709551615-18446744073709551615")
}

// streamID is an id, or a bound of a range of them.
func (d *Drawer) streamID() string {
	if d.percent(50) {
		return fmt.Sprintf("10-%d", d.random.IntN(d.entries+2))
	}
	return d.pick("-", "+", "0", "0-0", "$", ">", "(10-3", "(0", "10", "11", "9-9", "x", "(+", "1-18446744073709551615")
}
