package command

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Flag is a set of properties of a command, as COMMAND INFO names them.
type Flag uint32

// The flags. Redis' names for them are in flagNames.
const (
	Write Flag = 1 << iota
	ReadOnly
	DenyOOM
	Admin
	PubSub
	NoScript
	Blocking
	Loading
	Stale
	SkipMonitor
	SkipSlowlog
	Asking
	Fast
	NoAuth
	NoMandatoryKeys
	NoAsyncLoading
	AllowBusy
	NoMulti
	MovableKeys
	Module // of a module, if of one that is built in

	// MayReplicate is not reported, by Redis neither: the command counts as one that
	// writes for CLIENT PAUSE and for scripts that only read.
	MayReplicate
	// WholeKeyspace is ours and not reported: the command touches keys that
	// its key specs cannot name, so every shard is locked while it runs.
	WholeKeyspace
	// Unlocked is ours and not reported: the handler takes the locks it needs
	// by itself when it runs alone; inside a transaction all are held for it.
	Unlocked
	// Protected is ours and not reported: the command is refused unless the
	// parameter enable-NAME-command allows it.
	Protected
	// NotQueued is ours and not reported: after MULTI the command is carried
	// out at once instead of being queued.
	NotQueued
	// WhileListening is ours and not reported: a subscriber may send the
	// command in RESP2 too.
	WhileListening
	// Scripted is ours and not reported: the command runs a script, so it is
	// carried out aside, see aside.go.
	Scripted
	// Alone is ours and not reported: while the command is carried out no script runs.
	Alone
)

// flagNames are in the order in which Redis lists them.
var flagNames = []struct {
	flag Flag
	name string
}{
	{Write, "write"},
	{ReadOnly, "readonly"},
	{DenyOOM, "denyoom"},
	{Module, "module"},
	{Admin, "admin"},
	{PubSub, "pubsub"},
	{NoScript, "noscript"},
	{Blocking, "blocking"},
	{Loading, "loading"},
	{Stale, "stale"},
	{SkipMonitor, "skip_monitor"},
	{SkipSlowlog, "skip_slowlog"},
	{Asking, "asking"},
	{Fast, "fast"},
	{NoAuth, "no_auth"},
	{NoMandatoryKeys, "no_mandatory_keys"},
	{NoAsyncLoading, "no_async_loading"},
	{NoMulti, "no_multi"},
	{MovableKeys, "movablekeys"},
	{AllowBusy, "allow_busy"},
}

// Names returns the flags as COMMAND INFO lists them.
func (f Flag) Names() []string {
	var names []string
	for _, n := range flagNames {
		if f&n.flag != 0 {
			names = append(names, n.name)
		}
	}
	return names
}

// Spec describes one command or subcommand: all that COMMAND, the documentation,
// locking and the checks before a handler need to know.
type Spec struct {
	Name       string // lower case; a subcommand's own word only
	Arity      int    // as Redis counts: with the name; negative is a minimum
	Flags      Flag
	Categories string // ACL categories beyond those that follow from Flags, by blanks: "keyspace string"
	Keys       []KeySpec
	Channels   ChannelSpec
	Tips       []string

	Since      string
	Complexity string
	Summary    string
	Arguments  string // see arguments.go for the notation
	Deprecated Deprecation
	System     bool // for the server's own tools and tests: syscmd among the doc flags
	History    []Change

	Sub []*Spec

	// KeyFlags says how a request uses its key, for a command whose key spec
	// has the flag variable_flags.
	KeyFlags func(args [][]byte) string

	// Grows tells how many bytes beyond its arguments a request may make the
	// keyspace need, at most about; nil for none. No shard is locked.
	Grows func(c *Client, args [][]byte) int64

	// Stores is the argument that a request writes to its key, whatever was there; 0
	// if it does something else.
	Stores int

	// Run carries out the command. args[0] is the name; for a subcommand
	// args[1] is its word. A container without subcommand has none.
	Run func(c *Client, args [][]byte)

	parent   *Spec
	group    string
	subs     *nameIndex
	fullname string    // "get", "client|id", of a module "VADD"
	called   string    // what requests call it, see Table.Rename: Name's last part, in lower case
	words    nameWords // of called
	plain    bool      // those words are of no other name
	disabled bool      // there is no name that requests could call it by
	index    int       // position in Table.all and in per-command statistics
	locking  locking
	oneKey   int  // with lockOne: the argument that is the key
	looks    bool // with oneKey: it reads what the key holds, or writes into it
	element  int  // with oneKey: the argument that is an element of the hash or set, the first of several; 0 if none is
	brief    int  // up to as many arguments it takes about the same short time whatever its key holds
}

// namesElement reports whether what follows the key is a field or a member.
func namesElement(arguments string) bool {
	rest, _ := strings.CutPrefix(arguments, "key:key ")
	rest, _ = strings.CutPrefix(rest, "data(")
	word, _, _ := strings.Cut(strings.TrimRight(rest, "*"), " ")
	return word == "field" || word == "member"
}

// ChannelSpec says which arguments of a command are channels, for the
// permissions of users: those from First to Last, counted from the end if
// negative. Without any, First is 0.
type ChannelSpec struct {
	First, Last int
	Patterns    bool // they are patterns of names
	Leaves      bool // the command only ends listening to them
}

// Deprecation says since when a command is deprecated and what replaces it.
type Deprecation struct{ Since, ReplacedBy string }

// Change is one line of a command's history.
type Change struct{ Since, Text string }

// locking says which shards are held while a command runs alone.
type locking uint8

const (
	lockNone locking = iota
	lockOne          // the shard of the only key, which is there if the arity fits
	lockKeys         // the shards of all keys its key specs find
	lockAll          // every shard
	lockSelf         // the handler locks (flag Unlocked)
)

// FullName returns the name with its container's, "client|id", or in capitals if it is
// that of a module.
func (s *Spec) FullName() string { return s.fullname }

// link fills in what follows from the declared fields and appends the spec and
// its subcommands to the table.
func (s *Spec) link(t *Table, parent *Spec, group string) {
	s.parent, s.group, s.fullname, s.index = parent, group, s.Name, len(t.all)
	switch {
	case parent != nil:
		s.fullname = parent.Name + "|" + s.Name
	case s.Flags&Module != 0:
		s.fullname = strings.ToUpper(s.Name)
	}
	switch {
	case s.Flags&WholeKeyspace != 0:
		s.locking = lockAll
	case s.Flags&Unlocked != 0:
		s.locking = lockSelf
	case len(s.Keys) == 0, s.Keys[0].Flags == notKey:
		s.locking = lockNone
	case s.Keys[0].single() && len(s.Keys) == 1 && s.Keys[0].Index < max(s.Arity, -s.Arity):
		s.locking, s.oneKey = lockOne, s.Keys[0].Index
	default:
		s.locking = lockKeys
	}
	switch group {
	case "hash", "set":
		s.looks = true
		if s.oneKey == 1 && namesElement(s.Arguments) {
			s.element = 2
		}
	case "list", "sorted-set", "stream":
		s.looks = true
	default:
		s.looks = s.Flags&ReadOnly != 0
	}
	switch {
	case s.locking != lockOne || s.Flags&Blocking != 0:
	case s.Complexity == "O(1)":
		s.brief = math.MaxInt
	case s.Flags&Fast != 0:
		s.brief = max(s.Arity, -s.Arity) // one element of a collection
	}
	t.all = append(t.all, s)
	if len(s.Sub) > 0 {
		s.subs = newNameIndex(s.Sub)
		for _, sub := range s.Sub {
			sub.link(t, s, group)
		}
	}
}

// arityFits reports whether a request of n arguments, the name included, may be run.
func (s *Spec) arityFits(n int) bool {
	return n == s.Arity || (s.Arity < 0 && n >= -s.Arity)
}

// Table is the set of commands. It is built once and never changes, so any
// thread may read it.
type Table struct {
	index *nameIndex
	order []*Spec // top level, as declared
	all   []*Spec // subcommands included, by Spec.index
	exec  *Spec
}

func newTable(groups ...group) *Table {
	t := &Table{}
	for _, g := range groups {
		t.order = append(t.order, g.specs...)
	}
	t.index = newNameIndex(t.order)
	for _, g := range groups {
		for _, s := range g.specs {
			s.link(t, nil, g.name)
		}
	}
	t.exec = t.Lookup([]byte("exec"))
	return t
}

// Rename has requests call a command by another name, or, if that is empty, by
// none. Rules, replies and reports keep the name it had. It is done before the
// first request.
func (t *Table) Rename(from, to string) error {
	s := t.Lookup([]byte(from))
	to = strings.ToLower(to)
	switch {
	case s == nil:
		return errors.New("there is no such command")
	case to != "" && t.Lookup([]byte(to)) != nil:
		return fmt.Errorf("there is a command %s already", to)
	}
	s.called, s.disabled = to, to == ""
	if s.disabled {
		t.order = slices.DeleteFunc(t.order, func(other *Spec) bool { return other == s })
	}
	t.index = newNameIndex(t.order)
	return nil
}

// available reports whether requests can call the command.
func (s *Spec) available() bool { return !s.disabled && (s.parent == nil || !s.parent.disabled) }

// Lookup finds a command by name, in any case; nil when there is none.
func (t *Table) Lookup(name []byte) *Spec { return t.index.find(name) }

// lookupFull finds a command or subcommand by its full name ("client|id").
func (t *Table) lookupFull(name []byte) *Spec {
	for i, b := range name {
		if b == '|' {
			s := t.index.find(name[:i])
			if s == nil || s.subs == nil {
				return nil
			}
			return s.subs.find(name[i+1:])
		}
	}
	return t.index.find(name)
}

// resolve finds the spec a request means: that of the subcommand if the command
// has any and a word follows. It is nil if there is no such command, or no such
// subcommand of it.
func (t *Table) resolve(args [][]byte) *Spec {
	s := t.index.find(args[0])
	if s != nil && s.subs != nil && len(args) > 1 {
		return s.subs.find(args[1])
	}
	return s
}
