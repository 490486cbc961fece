package redisconf

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Profile is a profile in TOML that was made of a redis.conf.
type Profile struct {
	File    string
	notes   []note
	lines   []profileLine
	section string
}

// profileLine is a line of the TOML and the line it was made of, nil if none.
type profileLine struct {
	text string
	from *Line
}

// note is what is said of a line that became no key.
type note struct {
	line *Line
	fate Fate
	why  string
}

// Text is the profile: each value with the directive it comes from, and at the
// end those that became none, and why. Passwords are in it.
func (p *Profile) Text() []byte {
	var b bytes.Buffer
	for _, l := range p.lines {
		b.WriteString(l.text + "\n")
	}
	for _, fate := range []Fate{Mapped, NotNeeded, Unsupported} {
		title := fate.String() + ":"
		if fate == Mapped {
			title = "mapped, and the same without a key:"
		}
		for _, n := range p.notes {
			if n.fate != fate {
				continue
			}
			if title != "" {
				b.WriteString("\n# " + title + "\n")
				title = ""
			}
			fmt.Fprintf(&b, "#   %s, %s: %s\n", n.line.Name, inComment(n.line.Where()), n.why)
		}
	}
	return b.Bytes()
}

// Source is where a line of Text, counted from 1, comes from.
func (p *Profile) Source(line int) (where string, found bool) {
	if line < 1 || line > len(p.lines) || p.lines[line-1].from == nil {
		return "", false
	}
	return p.lines[line-1].from.Where(), true
}

// Refused is the error of the first line that asks for what cannot be had, nil if
// there is none.
func (p *Profile) Refused() error {
	for _, n := range p.notes {
		if n.fate == Unsupported {
			return n.line.fault("not supported here: " + n.why)
		}
	}
	return nil
}

// Complaints lists the lines that ask for what cannot be had.
func (p *Profile) Complaints() []string {
	var list []string
	for _, n := range p.notes {
		if n.fate == Unsupported {
			list = append(list, fmt.Sprintf("%s: %s is not supported: %s", n.line.Where(), n.line.Name, n.why))
		}
	}
	return list
}

func (p *Profile) add(text string, from *Line) { p.lines = append(p.lines, profileLine{text, from}) }

// table begins a section, if it is not the one that was begun.
func (p *Profile) table(header string) {
	if p.section == header {
		return
	}
	p.section = header
	p.add("", nil)
	p.add(header, nil)
}

// key writes a key and, as a comment, the directive that it is made of.
func (p *Profile) key(name, value string, from *Line) {
	p.add(name+" = "+value+comment(from), from)
}

func comment(from *Line) string {
	if from == nil {
		return "  # the default of Redis"
	}
	return fmt.Sprintf("  # %s: %s, %s", Mapped, from.Name, inComment(from.Where()))
}

// inComment keeps what stands in a comment on its line.
func inComment(text string) string {
	quoted := strconv.Quote(text)
	if quoted == `"`+text+`"` {
		return text
	}
	return quoted
}

// QuoteTOML quotes a string with the escapes that TOML knows.
func QuoteTOML(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, "\\u%04X", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
