package resp

import (
	"fmt"
	"strconv"
	"strings"
)

// How much of a value a report shows before it says "and N more".
const (
	formatElementsMax = 40
	formatTextMax     = 400
)

// String shows the value for a human, one line per element, kinds spelled out where two kinds
// could be mistaken for one another.
func (v *Value) String() string {
	var b strings.Builder
	v.format(&b, "")
	return b.String()
}

func (v *Value) format(b *strings.Builder, indent string) {
	if len(v.Attributes) > 0 {
		b.WriteString("(attributes) ")
		formatElems(b, indent, v.Attributes, true)
		b.WriteString("\n" + indent)
	}
	switch {
	case v.Nil:
		b.WriteString("(nil, " + v.Kind.String() + ")")
	case v.Kind == SimpleString:
		b.WriteString(Quote(v.Text) + " (simple)")
	case v.Kind == BulkString:
		b.WriteString(Quote(v.Text))
	case v.Kind == VerbatimString:
		b.WriteString("(verbatim " + v.Format + ") " + Quote(v.Text))
	case v.IsAggregate():
		fmt.Fprintf(b, "(%s of %d) ", v.Kind, len(v.Elems))
		formatElems(b, indent, v.Elems, v.Kind == Map)
	default:
		b.WriteString("(" + v.Kind.String() + ") " + Quote(v.Text))
	}
}

func formatElems(b *strings.Builder, indent string, elems []Value, paired bool) {
	deeper := indent + "    "
	for i := range elems {
		if i == formatElementsMax {
			fmt.Fprintf(b, "\n%s... and %d more", deeper, len(elems)-i)
			return
		}
		switch {
		case paired && i%2 == 1:
			b.WriteString(" => ")
		case paired:
			fmt.Fprintf(b, "\n%s%d) ", deeper, i/2+1)
		default:
			fmt.Fprintf(b, "\n%s%d) ", deeper, i+1)
		}
		elems[i].format(b, deeper)
	}
}

// Quote shows bytes in double quotes with the escapes the case files use, cut after a few hundred.
func Quote(p []byte) string {
	rest := 0
	if len(p) > formatTextMax {
		rest = len(p) - formatTextMax
		p = p[:formatTextMax]
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range p {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	if rest > 0 {
		b.WriteString(" and " + strconv.Itoa(rest) + " bytes more")
	}
	return b.String()
}
