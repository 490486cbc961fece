package command

import (
	"math"
	"strings"
)

func commandCommand(c *Client, _ [][]byte) { c.replySpecs(c.W.Server.Table.order) }

func commandCountCommand(c *Client, _ [][]byte) {
	c.Reply.Int(int64(len(c.W.Server.Table.order)))
}

func commandInfoCommand(c *Client, args [][]byte) {
	if len(args) == 2 {
		c.replySpecs(c.W.Server.Table.order)
		return
	}
	specs := make([]*Spec, 0, len(args)-2)
	for _, name := range args[2:] {
		specs = append(specs, c.W.Server.Table.lookupFull(name))
	}
	c.replySpecs(specs)
}

func (c *Client) replySpecs(specs []*Spec) {
	c.Reply.ArrayLen(len(specs))
	for _, s := range specs {
		c.replySpec(s)
	}
}

// replySpec describes one command; nil is one that there is not.
func (c *Client) replySpec(s *Spec) {
	r := &c.Reply
	if s == nil {
		r.Null()
		return
	}
	first, last, step, movable := s.legacyKeys()
	flags := s.Flags
	if movable {
		flags |= MovableKeys
	}
	r.ArrayLen(10)
	r.BulkString(s.fullname)
	r.Int(int64(s.Arity))
	c.replyStatuses(flags.Names(), "")
	r.Int(int64(first))
	r.Int(int64(last))
	r.Int(int64(step))
	c.replyStatuses(s.categories(), "@")
	r.SetLen(len(s.Tips))
	for _, tip := range s.Tips {
		r.BulkString(tip)
	}
	r.SetLen(len(s.Keys))
	for i := range s.Keys {
		c.replyKeySpec(&s.Keys[i])
	}
	if len(s.Sub) == 0 {
		r.SetLen(0)
		return
	}
	c.replySpecs(s.Sub)
}

// replyStatuses replies with a set of words.
func (c *Client) replyStatuses(words []string, prefix string) {
	c.Reply.SetLen(len(words))
	for _, w := range words {
		c.Reply.SimpleString(prefix + w)
	}
}

func (c *Client) replyKeySpec(k *KeySpec) {
	r := &c.Reply
	if k.Notes == "" {
		r.MapLen(3)
	} else {
		r.MapLen(4)
		r.BulkString("notes")
		r.BulkString(k.Notes)
	}
	r.BulkString("flags")
	c.replyStatuses(strings.Fields(k.Flags), "")
	r.BulkString("begin_search")
	if k.Unknown {
		c.replySearch("unknown")
		r.BulkString("find_keys")
		c.replySearch("unknown")
		return
	}
	if k.Keyword == "" {
		c.replySearch("index", pair{"index", k.Index})
	} else {
		r.MapLen(2)
		r.BulkString("type")
		r.BulkString("keyword")
		r.BulkString("spec")
		r.MapLen(2)
		r.BulkString("keyword")
		r.BulkString(k.Keyword)
		r.BulkString("startfrom")
		r.Int(int64(k.Index))
	}
	r.BulkString("find_keys")
	if k.KeyNum {
		c.replySearch("keynum", pair{"keynumidx", k.KeyNumIndex}, pair{"firstkey", k.FirstKey}, pair{"keystep", k.step()})
		return
	}
	c.replySearch("range", pair{"lastkey", k.Last}, pair{"keystep", k.step()}, pair{"limit", k.Limit})
}

// pair is a named number.
type pair struct {
	name  string
	value int
}

func (c *Client) replySearch(kind string, values ...pair) {
	r := &c.Reply
	r.MapLen(2)
	r.BulkString("type")
	r.BulkString(kind)
	r.BulkString("spec")
	r.MapLen(len(values))
	for _, v := range values {
		r.BulkString(v.name)
		r.Int(int64(v.value))
	}
}

// legacyKeys returns the first key, the last and the step, the old form of key
// specs, as far as it can express them, and whether there are keys it can't.
func (s *Spec) legacyKeys() (first, last, step int, movable bool) {
	if len(s.Keys) == 0 {
		return 0, 0, 0, false
	}
	if k := &s.Keys[0]; len(s.Keys) == 1 && !k.Unknown && k.Keyword == "" && !k.KeyNum {
		return k.Index, k.lastIndex(), k.step(), strings.Contains(k.Flags, "incomplete")
	}
	first, before := math.MaxInt, 0
	for i := range s.Keys {
		k := &s.Keys[i]
		movable = movable || strings.Contains(k.Flags, "incomplete") || k.Unknown
		if k.Unknown || k.Keyword != "" || k.KeyNum || k.step() != 1 || before != 0 && before != k.Index-1 {
			movable = true
			continue
		}
		first = min(first, k.Index)
		// A last key counted from the end is behind any counted from the front.
		if n := k.lastIndex(); n < 0 || n > last && last >= 0 {
			last = n
		}
		before = last
	}
	if first == math.MaxInt {
		return 0, 0, 0, movable
	}
	return first, last, 1, movable
}

// lastIndex returns the argument that is the last key, negative from the end.
func (k *KeySpec) lastIndex() int {
	if k.Last >= 0 {
		return k.Index + k.Last
	}
	return k.Last
}

// categoryNames are all ACL categories in the order in which Redis lists them.
var categoryNames = []string{
	"keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap", "hyperloglog",
	"geo", "stream", "pubsub", "admin", "fast", "slow", "blocking", "dangerous", "connection",
	"transaction", "scripting",
}

// categories returns the ACL categories: those declared and those that follow
// from the flags.
func (s *Spec) categories() []string {
	if s.Flags&Module != 0 {
		return nil // those of modules are in none unless they say so
	}
	has := map[string]bool{"fast": s.Flags&Fast != 0, "slow": s.Flags&Fast == 0}
	for _, name := range strings.Fields(s.Categories) {
		has[name] = true
	}
	for _, implied := range []struct {
		flag Flag
		name string
	}{
		{Write, "write"},
		{ReadOnly, "read"},
		{Admin, "admin"},
		{Admin, "dangerous"},
		{PubSub, "pubsub"},
		{Blocking, "blocking"},
	} {
		if s.Flags&implied.flag != 0 && !(implied.name == "read" && has["scripting"]) {
			has[implied.name] = true
		}
	}
	var names []string
	for _, name := range categoryNames {
		if has[name] {
			names = append(names, name)
		}
	}
	return names
}
