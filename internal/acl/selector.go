package acl

import (
	"maps"
	"slices"
	"strings"
)

// Permission is what a pattern allows with the keys it matches, and what a
// request wants to do with a key.
type Permission uint8

// The permissions.
const (
	Read Permission = 1 << iota
	Write

	ReadWrite = Read | Write
)

// keyPattern allows keys.
type keyPattern struct {
	allows Permission
	glob   string
}

func (p keyPattern) String() string {
	switch p.allows {
	case Read:
		return "%R~" + p.glob
	case Write:
		return "%W~" + p.glob
	}
	return "~" + p.glob
}

// selector is a set of permissions that have to suffice for a request together.
// The first one of a user holds what rules outside of parentheses say.
type selector struct {
	catalogue *Catalogue

	allCommands bool // nothing was taken from all commands
	allKeys     bool
	allChannels bool

	later     bool // whether commands are allowed that no rule names
	commands  bitmap
	firstArgs map[int][]string // allowed first arguments of commands that are not, lower case
	rules     []string         // what commands and firstArgs came of: "+get" "-@string"

	keys     []keyPattern
	channels []string
}

func newSelector(c *Catalogue, allChannels bool) selector {
	return selector{catalogue: c, allChannels: allChannels, commands: newBitmap(len(c.commands))}
}

func (s *selector) clone() selector {
	n := *s
	n.commands = slices.Clone(s.commands)
	n.rules = slices.Clone(s.rules)
	n.keys = slices.Clone(s.keys)
	n.channels = slices.Clone(s.channels)
	n.firstArgs = nil
	for command, words := range s.firstArgs {
		if n.firstArgs == nil {
			n.firstArgs = map[int][]string{}
		}
		n.firstArgs[command] = slices.Clone(words)
	}
	return n
}

// unlimited reports whether every request is allowed.
func (s *selector) unlimited() bool { return s.allCommands && s.allKeys && s.allChannels }

// apply changes the selector by a rule about commands, keys or channels.
func (s *selector) apply(rule string) error {
	switch lower := strings.ToLower(rule); lower {
	case "allkeys", "~*":
		s.allKeys, s.keys = true, nil
	case "resetkeys":
		s.allKeys, s.keys = false, nil
	case "allchannels", "&*":
		s.allChannels, s.channels = true, nil
	case "resetchannels":
		s.allChannels, s.channels = false, nil
	case "allcommands", "+@all":
		s.setAll(true)
	case "nocommands", "-@all":
		s.setAll(false)
	default:
		return s.applyNamed(rule)
	}
	return nil
}

// applyNamed is apply for rules that name something.
func (s *selector) applyNamed(rule string) error {
	switch rest := rule[1:]; rule[0] {
	case '~':
		return s.addKeys(ReadWrite, rest)
	case '%':
		return s.addLimitedKeys(rest)
	case '&':
		return s.addChannels(rest)
	case '+', '-':
		return s.setCommands(rest, rule[0] == '+')
	}
	return errSyntax
}

// addLimitedKeys is the rule %RW~pattern, without its first character.
func (s *selector) addLimitedKeys(rule string) error {
	if s.allKeys {
		return errAfterAllKeys
	}
	letters, pattern, _ := strings.Cut(rule, "~")
	var allows Permission
	for _, letter := range letters {
		p := Permission(0)
		switch letter {
		case 'R', 'r':
			p = Read
		case 'W', 'w':
			p = Write
		}
		if p == 0 || allows&p != 0 {
			return errSyntax
		}
		allows |= p
	}
	if allows == 0 {
		return errSyntax
	}
	return s.addKeys(allows, pattern)
}

func (s *selector) addKeys(allows Permission, pattern string) error {
	switch {
	case s.allKeys:
		return errAfterAllKeys
	case hasSpaces(pattern):
		return errSyntax
	}
	for i := range s.keys {
		if s.keys[i].glob == pattern {
			s.keys[i].allows |= allows
			return nil
		}
	}
	s.keys = append(s.keys, keyPattern{allows, pattern})
	return nil
}

func (s *selector) addChannels(pattern string) error {
	switch {
	case s.allChannels:
		return errAfterAllChannels
	case hasSpaces(pattern):
		return errSyntax
	case !slices.Contains(s.channels, pattern):
		s.channels = append(s.channels, pattern)
	}
	return nil
}

// hasSpaces reports whether text could not be written down in a line of rules.
func hasSpaces(text string) bool { return strings.ContainsAny(text, " \t\n\v\f\r\x00") }

func (s *selector) setAll(on bool) {
	s.allCommands, s.later, s.rules, s.firstArgs = on, on, nil, nil
	s.commands.fill(on)
}

// setCommands is the rule +name or -name, without its sign.
func (s *selector) setCommands(name string, on bool) error {
	if strings.HasPrefix(name, "@") {
		return s.setCategory(name, on)
	}
	if bar := strings.LastIndexByte(name, '|'); bar >= 0 && on {
		return s.allowWord(name, name[:bar], name[bar+1:])
	}
	n, known := s.catalogue.find(name)
	if !known {
		return errUnknown
	}
	s.set(n, on)
	s.note(s.catalogue.commands[n].Name, on)
	return nil
}

// allowWord is the rule +command|word: word is a subcommand or, where there are
// none, the first argument that is allowed.
func (s *selector) allowWord(name, command, word string) error {
	n, known := s.catalogue.find(command)
	switch {
	case !known:
		return errUnknown
	case s.catalogue.commands[n].Parent >= 0:
		return errFirstArg
	case word == "", hasSpaces(word): // Redis takes a blank, and can't read back what it prints then
		return errSyntax
	case len(s.catalogue.subs[n]) > 0:
		if n, known = s.catalogue.find(name); !known {
			return errUnknown
		}
		s.set(n, true)
	default:
		s.allowFirstArg(n, strings.ToLower(word))
	}
	s.note(strings.ToLower(name), true)
	return nil
}

// allowFirstArg has no effect on a command that is allowed as it is, until the
// command is forbidden.
func (s *selector) allowFirstArg(n int, word string) {
	if s.firstArgs == nil {
		s.firstArgs = map[int][]string{}
	}
	if !slices.Contains(s.firstArgs[n], word) {
		s.firstArgs[n] = append(s.firstArgs[n], word)
	}
}

// set allows or forbids a command with all of its subcommands.
func (s *selector) set(n int, on bool) {
	s.commands.set(n, on)
	maps.DeleteFunc(s.firstArgs, func(command int, _ []string) bool { return command == n })
	for _, sub := range s.catalogue.subs[n] {
		s.commands.set(sub, on)
	}
	s.allCommands = s.allCommands && on
}

func (s *selector) setCategory(name string, on bool) error {
	name = strings.ToLower(name)
	members, known := s.catalogue.categories[name[1:]]
	if !known {
		return errUnknown
	}
	s.note(name, on)
	for n := range s.catalogue.commands {
		if members.has(n) {
			s.set(n, on)
		}
	}
	return nil
}

// note writes a rule down behind the others, without those that it makes
// pointless: about the same command or category, or about its subcommands.
func (s *selector) note(name string, on bool) {
	s.rules = slices.DeleteFunc(s.rules, func(rule string) bool {
		rest, related := strings.CutPrefix(rule[1:], name)
		return related && (rest == "" || rest[0] == '|')
	})
	sign := "-"
	if on {
		sign = "+"
	}
	s.rules = append(s.rules, sign+name)
}

// describeCommands returns the rules that allow the selector's commands.
func (s *selector) describeCommands() string {
	base := "-@all"
	if s.later {
		base = "+@all"
	}
	return strings.Join(append([]string{base}, s.rules...), " ")
}

func (s *selector) describeKeys() string {
	if s.allKeys {
		return "~*"
	}
	texts := make([]string, len(s.keys))
	for i, p := range s.keys {
		texts[i] = p.String()
	}
	return strings.Join(texts, " ")
}

func (s *selector) describeChannels() string {
	if s.allChannels {
		return "&*"
	}
	texts := make([]string, len(s.channels))
	for i, pattern := range s.channels {
		texts[i] = "&" + pattern
	}
	return strings.Join(texts, " ")
}

// String returns rules that make the selector out of an empty one.
func (s *selector) String() string {
	var words []string
	if keys := s.describeKeys(); keys != "" {
		words = append(words, keys)
	}
	if !s.allChannels {
		words = append(words, "resetchannels")
	}
	if channels := s.describeChannels(); channels != "" {
		words = append(words, channels)
	}
	return strings.Join(append(words, s.describeCommands()), " ")
}
