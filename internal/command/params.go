package command

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/redisconf"

	"github.com/crucible-cache/crucible/internal/glob"
)

// Settings are the values the parameters start with. What names sockets and
// files is shown by CONFIG GET as it is.
type Settings struct {
	Maxmemory         int64  // bytes
	MaxmemoryPolicy   string // one of Redis' eight names or of ours
	Maxclients        int64
	TimeoutSeconds    int64 // of an idle client; 0 = none
	KeepaliveSeconds  int64 // TCP; 0 = off
	Databases         int
	ClusterEnabled    bool   // CONFIG GET says so; see FormCluster
	ClusterConfigFile string // likewise
	Requirepass       string
	ProtoMaxBulkLen   int64 // bytes
	QueryBufferLimit  int64 // bytes a client may have sent of a command, or queued
	OutputLimit       OutputLimit
	LogLevel          string // debug, verbose, notice, warning, nothing
	DrainSeconds      int64  // that clients have at a shutdown

	ACLFile          string // "" for none
	ACLPubsubDefault string // allchannels or resetchannels, which "" stands for
	ACLLogMaxLen     int64  // entries

	MaxmemoryClients int64 // bytes, or if negative per cent of maxmemory, that clients may take; 0 = any

	ProtectedMode bool // no client of another machine without a password
	// What a client needs to be to run DEBUG, MODULE LOAD, or to set some
	// parameters: no (which "" stands for) is nobody, local is one of this
	// machine, yes anybody.
	EnableDebugCommand, EnableModuleCommand, EnableProtectedConfigs string

	Addresses  Addresses
	TLS        TLSSettings
	Unixsocket string
	Listeners  []Sockets // that speak RESP
	TCPBacklog int
	Logfile    string

	Persistence PersistenceSettings

	// IOThreads is what io-threads was set to: how many loops there are, but where the server chose, 1.
	IOThreads int
}

// OutputLimit bounds the replies that wait for a client that doesn't read them:
// it is closed when they pass Hard, or stay above Soft for SoftSeconds. In
// bytes; 0 switches a limit off.
type OutputLimit struct{ Hard, Soft, SoftSeconds int64 }

// Hooks carry a changed parameter to the room that it concerns. A nil hook
// means there is nothing to tell; one that fails undoes the CONFIG SET, and the
// error is what the client reads. They run on a loop's thread.
type Hooks struct {
	Maxmemory       func(bytes int64) error
	Maxclients      func(n int64) error
	MaxmemoryPolicy func(name string) error
	LogLevel        func(level string) error
	DrainTimeout    func(seconds int64) error
	TLS             func(TLSSettings) error
	Addresses       func(Addresses) ([]Sockets, error) // what listens then
	Keepalive       func(seconds int64) error          // for clients that come from now on
}

// Params are the parameters of CONFIG GET and CONFIG SET, each of a type that
// knows how to read, check and apply itself. Rooms read the current values
// through the methods, from any thread.
type Params struct {
	mu     sync.Mutex // held while several are set together
	byName map[string]param
	names  []string        // in the order of CONFIG GET
	edited map[string]bool // what was set since the start, by directive

	maxmemory, maxclients, timeout atomic.Int64
	protoMaxBulk, queryBuffer      atomic.Int64
	drain, keepalive               atomic.Int64
	policy, loglevel               atomic.Pointer[string]
	output                         atomic.Pointer[[classes]OutputLimit]
	events                         eventsParam
	trackedKeys                    atomic.Int64
	limitTracked                   func(keys int64) // carries it to the keyspace, once there is one
	frequency
	packing
	persistence
	replicaParams
	backlog backlogParams
	observing
	access
	clusterSwitches
	oom     oomScore
	tls     tlsParams
	sockets socketParams

	lazyDel  param    // lazyfree-lazy-user-del, which each DEL asks for
	settings Settings // what the parameters started with
	scriptParams
}

// trackedKeysDefault is how many keys CLIENT TRACKING remembers, as in Redis.
const trackedKeysDefault = 1_000_000

// NewParams makes the table with its starting values.
func NewParams(s Settings, h Hooks) *Params {
	p := &Params{byName: map[string]param{}, edited: map[string]bool{}, settings: s}
	p.policy.Store(&s.MaxmemoryPolicy)
	p.loglevel.Store(&s.LogLevel)
	p.output.Store(&[classes]OutputLimit{s.OutputLimit, replicaLimit, pubsubLimit})
	p.add("maxmemory", newNumber(&p.maxmemory, s.Maxmemory, numberRange{-maxInt64 - 1, maxInt64, true}, unsigned(h.Maxmemory)))
	p.add("maxclients", newNumber(&p.maxclients, s.Maxclients, numberRange{1, maxUint32, false}, h.Maxclients))
	p.add("timeout", newNumber(&p.timeout, s.TimeoutSeconds, numberRange{0, maxInt32, false}, nil))
	p.add("tcp-keepalive", newNumber(&p.keepalive, s.KeepaliveSeconds, numberRange{0, maxInt32, false}, h.Keepalive))
	p.add("proto-max-bulk-len", newNumber(&p.protoMaxBulk, s.ProtoMaxBulkLen, numberRange{1 << 20, maxInt64, true}, nil))
	p.add("client-query-buffer-limit", newNumber(&p.queryBuffer, s.QueryBufferLimit, numberRange{1 << 20, maxInt64, true}, nil))
	p.add("client-output-buffer-limit", &outputParam{value: &p.output})
	p.add("maxmemory-policy", &enumParam{value: &p.policy, words: policyNames, ours: ourPolicies, changed: h.MaxmemoryPolicy})
	p.add("loglevel", &enumParam{value: &p.loglevel, words: levelNames, changed: h.LogLevel})
	p.add("notify-keyspace-events", &p.events)
	p.add("tracking-table-max-keys", newNumber(&p.trackedKeys, trackedKeysDefault, numberRange{0, maxInt64, false}, func(n int64) error {
		if p.limitTracked != nil {
			p.limitTracked(n)
		}
		return nil
	}))
	p.add("shutdown-timeout", newNumber(&p.drain, s.DrainSeconds, numberRange{0, maxInt32, false}, h.DrainTimeout))
	p.frequency.add(p)
	p.packing.add(p)
	p.tls.add(p, s.TLS, h.TLS)
	p.sockets.add(p, s, h.Addresses)
	p.persistence.add(p, s.Persistence)
	p.oom.add(p)
	p.observing.add(p)
	p.replicaParams.add(p)
	p.backlog.add(p)
	p.scriptParams.add(p)
	p.addFixed(s)
	p.addCluster(s)
	p.addRest()
	p.lazyDel = p.byName["lazyfree-lazy-user-del"]
	return p
}

// unsigned lets a hook see a number of bytes beyond 2^63, which Redis reads and
// which comes as a negative one, as the largest there is.
func unsigned(changed func(int64) error) func(int64) error {
	return func(n int64) error {
		if n < 0 {
			n = maxInt64
		}
		if changed == nil {
			return nil
		}
		return changed(n)
	}
}

var (
	policyNames = []string{
		"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
		"allkeys-lru", "allkeys-lfu", "allkeys-random", "noeviction",
	}
	ourPolicies = []string{
		"allkeys-s3fifo", "allkeys-fifo", "allkeys-cte", "allkeys-merge", // segment
		"allkeys-lra", "allkeys-lrc", "allkeys-none", // slab
	}
	levelNames = []string{"debug", "verbose", "notice", "warning", "nothing"}
)

// Maxmemory is the bound of the process' memory in bytes, 0 for none.
func (p *Params) Maxmemory() int64 { return p.maxmemory.Load() }

// MaxmemoryPolicy is one of Redis' names or of ours.
func (p *Params) MaxmemoryPolicy() string { return *p.policy.Load() }

// Maxclients is how many clients may be connected at once.
func (p *Params) Maxclients() int64 { return p.maxclients.Load() }

// TimeoutSeconds is after how long an idle client is closed; 0 = never.
func (p *Params) TimeoutSeconds() int64 { return p.timeout.Load() }

// ProtoMaxBulkLen is the longest argument of a request, in bytes.
// An item tells the length of its value in 32 bits, so that no setting allows more.
func (p *Params) ProtoMaxBulkLen() int64 { return min(p.protoMaxBulk.Load(), maxUint32) }

// QueryBufferLimit is how much of a request a client may have sent before it is
// whole, and how much it may queue in a transaction, in bytes.
func (p *Params) QueryBufferLimit() int64 { return p.queryBuffer.Load() }

// OutputLimit is the bound of what may wait for clients of a class.
func (p *Params) OutputLimit(of Class) OutputLimit { return p.output.Load()[of] }

// value returns a parameter that there is, as CONFIG GET shows it.
func (p *Params) value(name string) string { return p.byName[name].get() }

// add enters a parameter, in the place of another of that name.
func (p *Params) add(name string, v param) {
	if _, known := p.byName[name]; !known {
		p.names = append(p.names, name)
	}
	p.byName[name] = v
}

// addFixed enters what can be asked for and not be changed while running.
func (p *Params) addFixed(s Settings) {
	for _, f := range []struct{ name, value string }{
		{"databases", itoa(s.Databases)},
		{"unixsocket", s.Unixsocket},
		{"tcp-backlog", itoa(s.TCPBacklog)},
		{"logfile", s.Logfile},
		{"io-threads", itoa(s.IOThreads)},
	} {
		p.add(f.name, fixedParam(f.value))
	}
	// There is no append-only file; that can be confirmed but not changed. The error is
	// Redis' where it cannot write one.
	p.add("appendonly", &keptParam{redisconf.Lookup("appendonly"), "no", "Unable to turn on AOF. Check server logs."})
}

// get visits the parameters that match any of the patterns, each once. A
// pattern without wildcards names its parameter, which is shown as it is spelt.
func (p *Params) get(patterns [][]byte, visit func(name, value string)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var shown []string
	show := func(name, as string) {
		if !slices.Contains(shown, name) {
			shown = append(shown, name)
			visit(as, p.byName[name].get())
		}
	}
	for _, pattern := range patterns {
		lower := strings.ToLower(string(pattern))
		if _, ok := p.byName[lower]; ok {
			show(lower, string(pattern))
			continue
		}
		if !strings.ContainsAny(lower, "*?[\\") {
			continue
		}
		for _, name := range p.names {
			if d := redisconf.Lookup(name); d != nil && d.Hidden {
				continue
			}
			if glob.Match([]byte(lower), []byte(name)) {
				show(name, name)
			}
		}
	}
}

// set changes several parameters or none: pairs is name, value, name, value.
// Protected ones are refused unless the client is allowed to. The result is the
// error reply, "" if all went well.
func (p *Params) set(pairs [][]byte, allowed bool) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for i := 0; i < len(pairs); i += 2 {
		name := strings.ToLower(string(pairs[i]))
		v, known := p.byName[name]
		switch {
		case !known:
			return "ERR Unknown option or number of arguments for CONFIG SET - '" + printed(pairs[i], len(pairs[i])) + "'"
		case slices.Contains(names, name):
			return errConfigSet(printed(pairs[i], len(pairs[i])), "duplicate parameter")
		case v.immutable():
			return errConfigSet(printed(pairs[i], len(pairs[i])), "can't set immutable config")
		case !allowed && redisconf.Protected(name):
			return errConfigSet(printed(pairs[i], len(pairs[i])), "can't set protected config")
		}
		names = append(names, name)
	}
	return p.setAll(names, pairs)
}

// setAll sets the parameters in turn; if one refuses, those before it get
// their old values back.
func (p *Params) setAll(names []string, pairs [][]byte) string {
	var undo []func()
	for i, name := range names {
		back, err := p.byName[name].set(string(pairs[2*i+1]))
		if err != nil {
			for _, u := range slices.Backward(undo) {
				u()
			}
			return errConfigSet(name, err.Error())
		}
		undo = append(undo, back)
	}
	for i, name := range names {
		s, hasToSettle := p.byName[name].(settler)
		if !hasToSettle {
			continue
		}
		if err := s.settle(); err != nil {
			for _, u := range slices.Backward(undo) {
				u()
			}
			p.settleAgain(names[:i])
			return errConfigSet(name, err.Error())
		}
	}
	for _, name := range names {
		p.edited[redisconf.Lookup(name).Name] = true
	}
	return ""
}

// settleAgain has what took effect before another was refused follow the values
// that it has got back.
func (p *Params) settleAgain(names []string) {
	for _, name := range names {
		if s, hasToSettle := p.byName[name].(settler); hasToSettle {
			_ = s.settle() // it was settled with these values before
		}
	}
}

// changedValues are the parameters that were set since the start, by the name
// that Redis gives them today.
func (p *Params) changedValues() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	values := map[string]string{}
	for name := range p.edited {
		values[name] = p.byName[name].get()
	}
	return values
}

// allValues are all parameters that a redis.conf may have, likewise.
func (p *Params) allValues() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	values := map[string]string{}
	for name, x := range p.byName {
		if d := redisconf.Lookup(name); d != nil && d.Name == name {
			values[name] = x.get()
		}
	}
	return values
}

// settler is a parameter that makes sense only together with others: it takes
// effect when all that are set at a time have their values.
type settler interface{ settle() error }

func errConfigSet(name, reason string) string {
	return "ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + reason
}

// Start is Set for the parameters that the server starts with. What the system does not
// let take effect is logged, and no reason not to start, as in Redis.
func (p *Params) Start(pairs ...string) error {
	p.oom.lenient = true
	defer func() { p.oom.lenient = false }()
	return p.Set(pairs...)
}

// Set changes parameters as CONFIG SET does, all or none: name, value, name,
// value. Any thread may call it.
func (p *Params) Set(pairs ...string) error {
	words := make([][]byte, len(pairs))
	for i, w := range pairs {
		words[i] = []byte(w)
	}
	if problem := p.set(words, true); problem != "" {
		return errors.New(problem)
	}
	return nil
}
