package command

import "strings"

// argument is one node of the tree that COMMAND DOCS shows of a command's
// arguments. Spec.Arguments writes such a tree as text, its nodes apart by
// blanks, each as follows (what is in brackets may be missing):
//
//	name[:type[#spec]]['display'][<choices>|(block)][=TOKEN][@since][~deprecated][?][*[*]]
//
// A token that is a sign stands in quotes, ='~'.
// The type is string, or pure-token for a node that has a token and no type.
// Of <choices> one is given (oneof); those of a (block) are given together. A key
// belongs to the key spec of that number, 0 unless it says otherwise. The marks
// at the end: ? may be left out, * may be repeated, ** with its token each time.
type argument struct {
	name, kind, display string
	keySpec             int // -1 if it is no key
	token, since        string
	deprecated          string
	optional            bool
	multiple            bool
	multipleToken       bool
	inner               []argument
}

// hasToken says whether the argument is documented with a token, which is empty for
// one that is the empty string.
func (a *argument) hasToken() bool { return a.token != "" || a.kind == "pure-token" }

// parseArguments reads the notation. A mistake in it is a mistake in the table,
// which a test finds: it panics.
func parseArguments(text string) []argument {
	p := argumentParser{text}
	list := p.list()
	if p.rest != "" {
		panic("arguments: can't read " + p.rest)
	}
	return list
}

// argumentParser reads a tree from the front of rest.
type argumentParser struct{ rest string }

func (p *argumentParser) list() (list []argument) {
	for p.rest != "" && p.rest[0] != '>' && p.rest[0] != ')' {
		list = append(list, p.one())
		p.accept(" ")
	}
	return list
}

func (p *argumentParser) one() argument {
	a := argument{name: p.word(), kind: "string", keySpec: -1}
	typed := p.accept(":")
	if typed {
		a.kind = p.word()
		if a.kind == "key" {
			a.keySpec = 0
		}
		if p.accept("#") {
			a.keySpec = int(p.word()[0] - '0')
		}
	}
	a.display = a.name
	if p.accept("'") {
		a.display, p.rest, _ = strings.Cut(p.rest, "'")
	}
	switch {
	case p.accept("<"):
		a.kind, typed, a.display = "oneof", true, ""
		a.inner = p.list()
		p.expect(">")
	case p.accept("("):
		a.kind, typed, a.display = "block", true, ""
		a.inner = p.list()
		p.expect(")")
	}
	if p.accept("=") {
		if p.accept("'") { // "''" too: the argument is the empty string
			a.token, p.rest, _ = strings.Cut(p.rest, "'")
		} else {
			a.token = p.word()
		}
		if !typed {
			a.kind = "pure-token"
		}
	}
	p.marks(&a)
	return a
}

func (p *argumentParser) marks(a *argument) {
	if p.accept("@") {
		a.since = p.word()
	}
	if p.accept("~") {
		a.deprecated = p.word()
	}
	a.optional = p.accept("?")
	a.multiple = p.accept("*")
	a.multipleToken = p.accept("*")
}

// word takes the characters of a name, a type, a token or a version.
func (p *argumentParser) word() string {
	n := strings.IndexAny(p.rest, ":#'<>()=@~?* ")
	if n < 0 {
		n = len(p.rest)
	}
	if n == 0 {
		panic("arguments: a word is missing before " + p.rest)
	}
	w := p.rest[:n]
	p.rest = p.rest[n:]
	return w
}

func (p *argumentParser) accept(mark string) bool {
	rest, ok := strings.CutPrefix(p.rest, mark)
	p.rest = rest
	return ok
}

func (p *argumentParser) expect(mark string) {
	if !p.accept(mark) {
		panic("arguments: " + mark + " is missing before " + p.rest)
	}
}
