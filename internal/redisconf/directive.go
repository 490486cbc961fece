// Package redisconf knows what the configuration of a Redis 8.0 server can say:
// every directive with its type, its bounds and its default, and what becomes
// of it here. CONFIG GET and CONFIG SET take from it what has no effect here
// and is accepted all the same; [Read] and [Convert] turn a redis.conf into a
// profile.
//
// Threads: everything is read only after the start, so any may call anything.
// Memory: Go heap, a few kilobytes for the table and the text of a file.
// Limits: a file of a mebibyte; files include each other includeDepth deep, and maxFiles in all.
package redisconf

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Kind is the type of a directive's value.
type Kind uint8

// The kinds.
const (
	Text     Kind = iota
	Words         // several words, of which the owner knows the meaning
	Bool          // yes or no
	Int           // between Min and Max
	Memory        // bytes between Min and Max, with a unit such as mb
	Unsigned      // bytes up to 2^64-1, with a unit
	Percent       // bytes, or a percentage of maxmemory
	Octal         // a file mode
	Enum          // one of Directive.Words
	EnumSet       // some of Directive.Words
)

const (
	maxInt32  = 1<<31 - 1
	maxInt64  = 1<<63 - 1
	maxUint32 = 1<<32 - 1
)

// Fate is what becomes of a directive here.
type Fate uint8

// The fates.
const (
	Mapped      Fate = iota // it has an effect
	NotNeeded               // accepted and shown, without effect
	Unsupported             // only the default is accepted
)

// String names the fate as reports do.
func (f Fate) String() string {
	return [...]string{"mapped", "not needed", "unsupported"}[f]
}

// Directive is one parameter of a Redis server.
type Directive struct {
	Name      string
	Alias     string // another name for the same
	Kind      Kind
	Min, Max  int64  // of Int and Memory, both included
	Words     string // of Enum and EnumSet, by blanks
	Default   string
	Immutable bool // CONFIG SET refuses it
	Protected bool // CONFIG SET refuses it unless enable-protected-configs allows
	Hidden    bool // no pattern of CONFIG GET shows it: it is for tests
	Fate      Fate
	Why       string // of NotNeeded and Unsupported
}

// all are the directives in the order of their names, aliases included.
var all = func() map[string]*Directive {
	m := map[string]*Directive{}
	for fate, list := range [][]Directive{Mapped: mapped, NotNeeded: notNeeded, Unsupported: unsupported} {
		for i := range list {
			d := &list[i]
			d.Fate = Fate(fate) //nolint:gosec // three
			m[d.Name] = d
			if d.Alias != "" {
				m[d.Alias] = d
			}
		}
	}
	return m
}()

// names are the keys of all, in order.
var names = func() []string {
	list := make([]string, 0, len(all))
	for name := range all {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}()

// Names lists the directives in order, aliases included.
func Names() []string { return names }

// Lookup finds a directive by one of its names, in any case; nil if there is none.
func Lookup(name string) *Directive { return all[strings.ToLower(name)] }

// Protected reports whether CONFIG SET needs a permission for a directive.
func Protected(name string) bool {
	d := all[name]
	return d != nil && d.Protected
}

// Parse checks a value and returns it as CONFIG GET shows it. The error is
// the text of Redis.
func (d *Directive) Parse(text string) (string, error) {
	switch d.Kind {
	case Bool:
		return d.word(text, []string{"yes", "no"}, "argument must be 'yes' or 'no'")
	case Enum:
		words := strings.Fields(d.Words)
		return d.word(text, words, "argument(s) must be one of the following: "+strings.Join(words, ", "))
	case EnumSet:
		return d.set(text)
	case Int:
		n, err := ParseInt(text)
		if err != nil {
			return "", err
		}
		return strconv.FormatInt(d.clamp(n), 10), d.inBounds(n)
	case Memory, Unsigned:
		return d.memory(text)
	case Percent:
		return parsePercent(text)
	case Octal:
		n, err := strconv.ParseUint(text, 8, 32)
		if err != nil || n > 0o777 {
			return "", errors.New("argument couldn't be parsed as an octal number")
		}
		return strconv.FormatUint(n, 8), nil
	default:
		if check := checks[d.Name]; check != nil {
			return text, check(text)
		}
		return text, nil
	}
}

func (d *Directive) word(text string, words []string, problem string) (string, error) {
	lower := strings.ToLower(text)
	if !slices.Contains(words, lower) {
		return "", errors.New(problem)
	}
	return lower, nil
}

// set reads some of the words. The first stands for none of the others.
func (d *Directive) set(text string) (string, error) {
	words := strings.Fields(d.Words)
	given := strings.Fields(strings.ToLower(text))
	if len(given) == 0 {
		given = []string{""}
	}
	for _, word := range given {
		if !slices.Contains(words, word) {
			return "", errors.New("argument(s) must be one of the following: " + strings.Join(words, ", "))
		}
	}
	if slices.Contains(given, "save") && slices.Contains(given, "nosave") {
		return "", errors.New("shutdown options SAVE and NOSAVE can't be used simultaneously")
	}
	var shown []string
	for _, word := range words[1:] {
		if slices.Contains(given, word) {
			shown = append(shown, word)
		}
	}
	if len(shown) == 0 {
		return words[0], nil
	}
	return strings.Join(shown, " "), nil
}

func (d *Directive) inBounds(n int64) error {
	if n < d.Min || n > d.Max {
		return fmt.Errorf("argument must be between %d and %d inclusive", d.Min, d.Max)
	}
	return nil
}

func (d *Directive) memory(text string) (string, error) {
	n, ok := ParseMemory(text)
	switch {
	case !ok:
		return "", errors.New("argument must be a memory value")
	case d.Kind == Unsigned:
		return strconv.FormatUint(n, 10), nil
	}
	signed := int64(n) //nolint:gosec // as Redis: what is larger becomes negative and is out of bounds
	return strconv.FormatInt(d.clamp(signed), 10), d.inBounds(signed)
}

// clamp moves a number that Redis accepts to the nearest that it uses.
func (d *Directive) clamp(n int64) int64 {
	switch d.Name {
	case "hz":
		return min(max(n, 1), 500)
	case "repl-backlog-size":
		return max(n, 16<<10)
	}
	return n
}

// ParseInt reads a whole number as Redis does: no sign but a minus, no
// leading zeros, no blanks.
func ParseInt(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text {
		return 0, errors.New("argument couldn't be parsed into an integer")
	}
	return n, nil
}

// units are those of a number of bytes.
var units = map[string]uint64{
	"": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 1000 * 1000, "mb": 1 << 20,
	"g": 1000 * 1000 * 1000, "gb": 1 << 30,
}

// ParseMemory reads a number of bytes as Redis does: 100, 1k (1000), 1kb (1024),
// likewise m and g; nothing at all is 0. Digits that do not fit 64 bits are the
// largest number, and a product that does not fit is cut off, both as in Redis.
func ParseMemory(text string) (uint64, bool) {
	digits := strings.TrimRight(text, "bBkKmMgG")
	factor := units[strings.ToLower(text[len(digits):])]
	if text == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if factor == 0 || err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return n * factor, true
}

// parsePercent reads a number of bytes, or a percentage.
func parsePercent(text string) (string, error) {
	if share, ok := strings.CutSuffix(text, "%"); ok {
		n, err := strconv.ParseUint(share, 10, 63)
		switch {
		case errors.Is(err, strconv.ErrRange) || err == nil && n > 100:
			return "", errors.New("percentage argument must be less or equal to 100")
		case err == nil:
			return text, nil
		}
	} else if n, ok := ParseMemory(text); ok && n <= maxInt64 {
		return strconv.FormatUint(n, 10), nil
	}
	return "", errors.New("argument must be a memory or percent value")
}

// checks are those of texts and words.
var checks = map[string]func(string) error{
	"bind": func(text string) error {
		if len(strings.Fields(text)) > 16 {
			return errors.New("Too many bind addresses specified.") //nolint:revive,staticcheck // Redis' text
		}
		return nil
	},
	"client-output-buffer-limit": func(text string) error {
		_, err := ParseOutputLimits(text)
		return err
	},
	"save": func(text string) error {
		_, err := ParseSave(text)
		return err
	},
	"server-cpulist": func(text string) error {
		if text == "" {
			return nil
		}
		_, err := parseCPUs(text)
		return err
	},
	"dbfilename": func(text string) error {
		if strings.ContainsRune(text, '/') {
			return errors.New("dbfilename can't be a path, just a filename")
		}
		return nil
	},
	"oom-score-adj-values": func(text string) error {
		words := strings.Fields(text)
		if len(words) != 3 {
			return errors.New("wrong number of arguments")
		}
		for _, word := range words {
			if n, err := strconv.Atoi(word); err != nil || n < -2000 || n > 2000 {
				return errors.New("Invalid oom-score-adj-values, elements must be between -2000 and 2000.") //nolint:revive,staticcheck // Redis' text
			}
		}
		return nil
	},
	"proc-title-template": checkTitle,
	"locale-collate": func(text string) error {
		if text != "" && text != "C" && text != "POSIX" {
			return errors.New("Invalid locale name") //nolint:revive,staticcheck // Redis' text
		}
		return nil
	},
	"cluster-announce-hostname": func(text string) error {
		if len(text) > 255 {
			return errors.New("Hostnames must be less than 256 characters") //nolint:revive,staticcheck // Redis' text
		}
		if strings.ContainsFunc(text, func(r rune) bool { return !alphanumeric(r) && r != '-' && r != '.' }) {
			return errors.New("Hostnames may only contain alphanumeric characters, hyphens or dots") //nolint:revive,staticcheck // Redis' text
		}
		return nil
	},
	"cluster-announce-human-nodename": func(text string) error {
		if strings.ContainsAny(text, "!#$%&()*+:;<>?@[]^{|}~") {
			return errors.New("Announced human node name contained invalid character") //nolint:revive,staticcheck // Redis' text
		}
		return nil
	},
}

func alphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// checkTitle wants variables that are known, and something in the end.
func checkTitle(text string) error {
	rest := text
	for _, name := range []string{"title", "listen-addr", "server-mode", "port", "tls-port", "unixsocket", "config-file"} {
		rest = strings.ReplaceAll(rest, "{"+name+"}", "x")
	}
	if strings.TrimSpace(rest) == "" || strings.ContainsAny(rest, "{}") {
		return errors.New("template format is invalid or contains unknown variables")
	}
	return nil
}
