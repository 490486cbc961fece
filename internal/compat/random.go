package compat

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/grammar"
	"github.com/crucible-cache/crucible/internal/compat/resp"
	"github.com/crucible-cache/crucible/internal/compat/script"
)

// Random compares two Redis servers on requests that are made up: the same to both, reply by reply. Requests come in
// episodes, each with empty servers, settings of its own and a few hundred requests on a few keys, so that a difference
// can be told in a handful of requests. A Random belongs to one goroutine.
type Random struct {
	Reference, Target Endpoint
	// Seed decides every request. Groups are the groups of commands to draw from, all that can be compared for none;
	// Commands, when not empty, are the only ones; Except are not sent.
	Seed     uint64
	Groups   []string
	Commands []string
	Except   []string
	// Progress, when set, is told after each episode how many requests were sent so far.
	Progress func(requests int)

	grammar *grammar.Grammar
	digests bool // both servers tell a digest of all data
}

// Finding is a difference: the shortest sequence that was found to show it, on empty servers.
type Finding struct {
	Requests []grammar.Request
	Settings []grammar.Request // sent before
	Version  int               // of RESP
	// What says how the replies to the last request differ; Reference and Target are the replies.
	What              string
	Reference, Target string
}

// Limits of a comparison.
const (
	episodeRequests = 250
	// shrinkTimeout is how long a sequence is shortened at most.
	shrinkTimeout = 20 * time.Second
)

// comparableGroups are the groups whose replies follow from the requests.
var comparableGroups = []string{"bitmap", "generic", "geo", "hash", "hyperloglog", "list", "set", "sorted-set", "stream", "string", "transactions", "vector-set"}

// added are commands of other groups whose replies do, too.
var added = []string{
	"acl|cat", "acl|deluser", "acl|dryrun", "acl|genpass", "acl|getuser", "acl|list", "acl|setuser", "acl|users", "acl|whoami", "asking",
	"client|caching", "client|getname", "client|getredir", "client|id", "client|info", "client|list", "client|no-evict", "client|no-touch", "client|setinfo",
	"client|setname", "client|trackinginfo", "client|unblock", "client|unpause", "cluster|info", "cluster|keyslot", "command|getkeys",
	"command|getkeysandflags", "command|list", "config|get", "config|resetstat", "config|set", "dbsize", "echo", "eval", "eval_ro", "evalsha",
	"evalsha_ro", "fcall", "fcall_ro", "flushall", "flushdb", "function|delete", "function|dump", "function|flush", "function|kill",
	"function|list", "function|load", "function|restore", "function|stats", "lastsave", "latency|graph", "latency|histogram", "latency|history", "latency|latest", "latency|reset", "memory|purge",
	"memory|usage", "module|unload", "ping", "publish", "pubsub|channels", "pubsub|numpat", "pubsub|numsub", "pubsub|shardchannels",
	"pubsub|shardnumsub", "readonly", "readwrite", "reset", "restore-asking", "role", "script|exists", "script|flush", "script|kill", "script|load",
	"select", "slowlog|get", "slowlog|reset", "spublish", "swapdb", "time",
}

// left are commands of those groups that are not sent: they reach out of the two servers, or stop one.
var left = []string{"migrate", "pfselftest", "pfdebug", "object|help", "object|refcount", "xgroup|help", "xinfo|help", "object|freq"}

// Run draws and compares until the time is over or a difference is found, and returns how many requests were sent. An
// error means that the comparison could not be made.
func (r *Random) Run(ctx context.Context, length time.Duration) (requests int, found *Finding, err error) {
	if err := r.prepare(); err != nil {
		return 0, nil, err
	}
	ends := time.Now().Add(length)
	for stream := uint64(0); time.Now().Before(ends) && ctx.Err() == nil; stream++ {
		e := r.draw(stream)
		n, difference, err := r.play(e)
		if requests += n; err != nil {
			return requests, nil, err
		}
		if difference != nil && difference.referenceEnded && r.Reference.Restart != nil && !answers(r.Reference.Address) {
			// The reference has crashed: there is nothing to compare with.
			if err := r.Reference.Restart(ctx); err != nil {
				return requests, nil, err
			}
			continue
		}
		if difference != nil {
			e.cut(n)
			return requests, r.shrink(e, difference), nil
		}
		if r.Progress != nil {
			r.Progress(requests)
		}
	}
	return requests, nil, ctx.Err()
}

// prepare reads the grammar: the reference's, of the commands that both have.
func (r *Random) prepare() error {
	facts, err := ReadCommands(r.Target.Address)
	if err != nil {
		return err
	}
	docs, err := ask(r.Reference.Address, "COMMAND", "DOCS")
	if err != nil {
		return err
	}
	groups := r.Groups
	if len(groups) == 0 {
		groups = comparableGroups
	}
	r.digests = true
	for _, e := range []Endpoint{r.Reference, r.Target} {
		digest, err := ask(e.Address, "DEBUG", "DIGEST")
		if err != nil {
			return err
		}
		r.digests = r.digests && !digest.IsError()
	}
	ours := map[string]bool{}
	for name := range facts {
		ours[strings.ToLower(name)] = true
	}
	r.grammar, err = grammar.Read(docs, func(name, group string) bool {
		wanted := slices.Contains(groups, group) || len(r.Groups) == 0 && slices.Contains(added, name)
		return ours[name] && wanted && !slices.Contains(left, name) && !slices.Contains(r.Except, name) &&
			(len(r.Commands) == 0 || slices.Contains(r.Commands, name))
	})
	return err
}

// askOn sends a request on a connection of one of the servers.
func askOn(c *connection, args ...string) Reply {
	return c.exchange(resp.Command(args...), func(r *Reply) { c.readReplies(r, 1, false) })
}

// episode is a sequence of requests and what is set before them.
type episode struct {
	version  int
	settings []grammar.Request
	requests []grammar.Request
	closing  []grammar.Request // sent after those, whichever of them are left out
}

// sent is all that is drawn or follows from that.
func (e *episode) sent() []grammar.Request { return slices.Concat(e.requests, e.closing) }

// cut leaves out what comes after the first n requests.
func (e *episode) cut(n int) {
	e.closing = e.closing[:max(n-len(e.requests), 0)]
	e.requests = e.requests[:min(n, len(e.requests))]
}

// thresholds are the limits of the small encodings: an episode has either the defaults or small ones.
var thresholds = []string{
	"hash-max-listpack-entries", "set-max-listpack-entries", "set-max-intset-entries", "zset-max-listpack-entries", "list-max-listpack-size",
	"stream-node-max-entries",
}

// draw makes an episode up. Every other speaks RESP3, every other two have low thresholds, and of every other four
// each request is told apart by whether it changes a key that is watched. At the end all data is compared.
func (r *Random) draw(stream uint64) *episode {
	e := &episode{version: 2 + int(stream%2)}
	if stream/2%2 == 1 {
		for _, name := range thresholds {
			e.settings = append(e.settings, grammar.Request{Name: "config|set", Args: []string{"CONFIG", "SET", name, "4"}})
		}
	} else {
		e.settings = append(e.settings, defaults...)
	}
	drawer := r.grammar.NewDrawer(r.Seed, stream)
	for len(e.requests) < episodeRequests {
		request := drawer.Draw()
		if slices.ContainsFunc(request.Args, countsKeys) {
			e.requests = append(e.requests, asked)
		}
		if stream/4%2 == 1 {
			e.requests = append(e.requests, grammar.Watched(&request)...)
		} else {
			e.requests = append(e.requests, request)
		}
	}
	e.close(r.digests)
	return e
}

// close has all data compared, of each database.
func (e *episode) close(digest bool) {
	then := func(name string, args ...string) {
		e.closing = append(e.closing, grammar.Request{Name: name, Args: args})
	}
	then("discard", "DISCARD")
	for _, key := range grammar.Keys() {
		then("object|encoding", "OBJECT", "ENCODING", key)
	}
	if !digest {
		return
	}
	for db := range databases {
		then("select", "SELECT", strconv.Itoa(db))
		then(asked.Name, asked.Args...)
	}
	then("debug", "DEBUG", "DIGEST")
}

// asked has every key whose time is over go: until somebody asks for it, it is counted or not as each server finds it.
var asked = grammar.Request{Name: "exists", Args: append([]string{"EXISTS"}, grammar.Keys()...)}

// countsKeys says of a word of a request that it is DBSIZE or MEMORY USAGE, perhaps in a script.
func countsKeys(word string) bool {
	return strings.EqualFold(word, "dbsize") || strings.EqualFold(word, "usage")
}

// databases is how many a server has that nobody told otherwise.
const databases = 16

// defaults undo what another episode set.
var defaults = func() (requests []grammar.Request) {
	for i, value := range []string{"128", "128", "512", "128", "-2", "100"} {
		requests = append(requests, grammar.Request{Name: "config|set", Args: []string{"CONFIG", "SET", thresholds[i], value}})
	}
	return requests
}()

// emptied makes a server forget all that requests may have left.
var emptied = []grammar.Request{
	{Args: []string{"FLUSHALL"}}, {Args: []string{"FUNCTION", "FLUSH"}}, {Args: []string{"SCRIPT", "FLUSH"}}, {Args: []string{"ACL", "DELUSER", "u1", "u2"}},
}

// parting is where two servers part.
type parting struct {
	at                int // index of the request
	what              string
	reference, target string
	referenceEnded    bool // the reference closed the connection
}

// answers reports whether a server is there.
func answers(address string) bool {
	_, err := ask(address, "PING")
	return err == nil
}

// play plays an episode on empty servers and returns how many requests were sent, the last one being where they differ.
func (r *Random) play(e *episode) (n int, d *parting, err error) {
	sides := [2]*side{newSide(r.Reference.Address, script.Redis, e.version), newSide(r.Target.Address, script.Redis, e.version)}
	defer sides[0].closeAll()
	defer sides[1].closeAll()
	var conns [2]*connection
	for i, s := range sides {
		if conns[i], err = s.connection(""); err != nil {
			return 0, nil, fmt.Errorf("%s: %w", []string{"the reference", "our server"}[i], err)
		}
		for _, request := range slices.Concat(emptied, e.settings) {
			if reply := askOn(conns[i], request.Args...); reply.Fault != nil || reply.Closed || reply.Values[0].IsError() {
				return 0, nil, fmt.Errorf("%s answers %s to %s", []string{"the reference", "our server"}[i], reply.String(), strings.Join(request.Args, " "))
			}
		}
	}
	j := judge{}
	all := e.sent()
	for at := range all {
		request := &all[at]
		a, b := askOn(conns[0], request.Args...), askOn(conns[1], request.Args...)
		if what := j.differ(request, &a, &b); what != "" {
			return at + 1, &parting{at, what, a.String(), b.String(), a.Closed}, nil
		}
	}
	return len(all), nil, nil
}
