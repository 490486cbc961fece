package workload

import (
	"fmt"
	"strconv"
	"strings"
)

// WordKind says where one word of a command comes from.
type WordKind uint8

// The words a command is made of. Everything but Literal is drawn anew for every request.
const (
	// Literal is sent as it stands.
	Literal WordKind = iota
	// Key is the name of the request's key, KeyList that of Count keys, each drawn on its own.
	Key
	KeyList
	// Value is the payload.
	Value
	// Number is a uniformly drawn integer below Count: a field, a member, a score, an index.
	Number
	// TTL is the request's time to live in seconds.
	TTL
	// CAS is the token that the connection's last read of a value and its token brought; such a request is for the key of
	// that read.
	CAS
)

// Word is one word of a command.
type Word struct {
	Kind WordKind
	// Text is the literal, or what stands before a Number or CAS.
	Text string
	// Count is the number of keys of a KeyList, or the bound of a Number.
	Count uint64
}

// Effect says what a command means for the keyspace, as far as the load must know.
type Effect uint8

// The effects. Only a Read has hits and misses, a Write carries a version, a Publish the time it was sent.
const (
	Other Effect = iota
	Read
	Write
	Publish
)

// Command is one kind of request of a workload.
type Command struct {
	// Name is what reports call it, Weight its share relative to the other commands.
	Name   string
	Weight float64
	Words  []Word
	Effect Effect
}

// effects lists the commands whose effect the load knows, of both protocols, in lower case (a Memcached command is
// case-sensitive, but no two differ in case alone).
var effects = map[string]Effect{
	"get": Read, "gets": Read, "gat": Read, "gats": Read, "mg": Read, "mget": Read, "getex": Read,
	"set": Write, "ms": Write, "setex": Write, "psetex": Write,
	"publish": Publish, "spublish": Publish,
}

// ParseCommand reads a command template: words separated by spaces, in which {key}, {keys:N}, {value}, {ttl}, {cas} and
// {number:N} are drawn for every request. {number:N} and {cas} may follow other text, as in member:{number:100}. A word in
// quotes is taken as it stands.
func ParseCommand(name string, weight float64, template string) (Command, error) {
	c := Command{Name: name, Weight: weight}
	values := 0
	words, err := split(template)
	if err != nil {
		return Command{}, fmt.Errorf("command %q: %w", template, err)
	}
	for _, w := range words {
		word, err := parseWord(w)
		if err != nil {
			return Command{}, fmt.Errorf("command %q: %w", template, err)
		}
		if word.Kind == Value {
			values++
		}
		c.Words = append(c.Words, word)
	}
	if len(c.Words) == 0 || c.Words[0].Kind != Literal {
		return Command{}, fmt.Errorf("command %q: the first word must name the command", template)
	}
	if values > 1 {
		return Command{}, fmt.Errorf("command %q: one {value} at most", template)
	}
	c.Effect = effects[strings.ToLower(c.Words[0].Text)]
	if c.UsesCAS() {
		c.Effect = Other // whether it wrote is for the server to say, and no failure
	}
	if c.Name == "" {
		c.Name = c.Words[0].Text
	}
	return c, nil
}

func parseWord(w templateWord) (Word, error) {
	text := w.text
	if w.quoted {
		return Word{Kind: Literal, Text: text}, nil
	}
	before, rest, found := strings.Cut(text, "{")
	if !found {
		return Word{Kind: Literal, Text: text}, nil
	}
	body, after, closed := strings.Cut(rest, "}")
	name, argument, hasArgument := strings.Cut(body, ":")
	if !closed || after != "" {
		return Word{}, fmt.Errorf("word %q: nothing may follow the closing brace", text)
	}
	if name != "number" && name != "cas" && before != "" {
		return Word{}, fmt.Errorf("word %q: only {number:N} and {cas} may follow other text", text)
	}
	var count uint64
	if hasArgument {
		n, err := strconv.ParseUint(argument, 10, 63)
		if err != nil || n == 0 {
			return Word{}, fmt.Errorf("word %q: %q is not a positive number", text, argument)
		}
		count = n
	}
	switch {
	case name == "key" && !hasArgument:
		return Word{Kind: Key}, nil
	case name == "keys" && hasArgument && count <= keysPerOneMax:
		return Word{Kind: KeyList, Count: count}, nil
	case name == "value" && !hasArgument:
		return Word{Kind: Value}, nil
	case name == "ttl" && !hasArgument:
		return Word{Kind: TTL}, nil
	case name == "cas" && !hasArgument:
		return Word{Kind: CAS, Text: before}, nil
	case name == "number" && hasArgument:
		return Word{Kind: Number, Text: before, Count: count}, nil
	}
	return Word{}, fmt.Errorf("word %q: want {key}, {keys:N} (N at most %d), {value}, {ttl}, {cas} or {number:N}", text, keysPerOneMax)
}

// MustCommand is ParseCommand for templates written in this program.
func MustCommand(name, template string) Command {
	c, err := ParseCommand(name, 1, template)
	if err != nil {
		panic(err)
	}
	return c
}

// Keys returns how many different keys one request of the command may name: those of its lists, else the one {key},
// which beside a list is the list's first.
func (c *Command) Keys() int {
	listed, own := 0, 0
	for _, w := range c.Words {
		switch w.Kind {
		case Key:
			own = 1
		case KeyList:
			listed += int(w.Count)
		}
	}
	return max(listed, own)
}

// UsesCAS reports whether a request of the command carries the token of an earlier read.
func (c *Command) UsesCAS() bool {
	for _, w := range c.Words {
		if w.Kind == CAS {
			return true
		}
	}
	return false
}

// HasValue reports whether a request of the command carries a payload.
func (c *Command) HasValue() bool {
	for _, w := range c.Words {
		if w.Kind == Value {
			return true
		}
	}
	return false
}
