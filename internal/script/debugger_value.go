package script

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// describe writes a value as the debugger shows it.
func (d *debugger) describe(v lua.LValue) string {
	var b strings.Builder
	describeValue(&b, v, 0)
	return b.String()
}

// describeValue appends a value that lies in depth tables. A description that is too long to be kept
// is not gone on with.
func describeValue(b *strings.Builder, v lua.LValue, depth int) {
	switch v := v.(type) {
	case lua.LString:
		writeQuoted(b, string(v))
	case lua.LNumber:
		b.WriteString(formatG(float64(v), 6))
	case *lua.LTable:
		if b.Len() < logMost {
			describeTable(b, v, depth)
		}
	case *lua.LFunction:
		fmt.Fprintf(b, "\"function@%p\"", v)
	case *lua.LState:
		fmt.Fprintf(b, "\"thread@%p\"", v)
	case *lua.LUserData:
		fmt.Fprintf(b, "\"userdata@%p\"", v)
	default:
		b.WriteString(v.String()) // nil, true, false
	}
}

const tooDeep = "<max recursion level reached! Nested table?>"

// describeTable appends a table, as a list if its keys are 1, 2, 3 and so on in that order.
func describeTable(b *strings.Builder, t *lua.LTable, depth int) {
	isList, expected := true, lua.LNumber(1)
	t.ForEach(func(k, _ lua.LValue) {
		isList = isList && k == lua.LValue(expected)
		expected++
	})
	part := func(v lua.LValue) {
		if depth+1 >= depthMost {
			b.WriteString(tooDeep)
		} else {
			describeValue(b, v, depth+1)
		}
	}
	b.WriteByte('{')
	between := ""
	t.ForEach(func(k, v lua.LValue) {
		if b.Len() >= logMost {
			return
		}
		b.WriteString(between)
		between = "; "
		if !isList {
			b.WriteByte('[')
			part(k)
			b.WriteString("]=")
		}
		part(v)
	})
	b.WriteByte('}')
}

// writeQuoted writes bytes in quotes, those that can't be printed as escapes.
func writeQuoted(b *strings.Builder, text string) {
	b.WriteByte('"')
	for _, c := range []byte(text) {
		switch c {
		case '\\', '"':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '\a':
			b.WriteString(`\a`)
		case '\b':
			b.WriteString(`\b`)
		default:
			if c >= ' ' && c <= '~' {
				b.WriteByte(c)
			} else {
				fmt.Fprintf(b, `\x%02x`, c)
			}
		}
	}
	b.WriteByte('"')
}

// wordsMost is how many words of a command are shown.
const wordsMost = 10

// tellCall prints a command that is about to be called.
func (d *debugger) tellCall(args [][]byte) {
	line := "<redis>"
	for i, a := range args {
		if i == wordsMost {
			line += fmt.Sprintf(" ... (%d more)", len(args)-i-1)
			break
		}
		line += " " + string(a)
	}
	d.print(line)
}

// tellError prints the text of an error.
func (d *debugger) tellError(text string) { d.print("<error> " + text) }

// tellReply prints a reply, which is whole.
func (d *debugger) tellReply(reply []byte) {
	if bytes.HasPrefix(reply, []byte("-")) {
		line, _, _ := bytes.Cut(reply, []byte("\r\n"))
		d.tellError(string(line))
	}
	var b strings.Builder
	b.WriteString("<reply> ")
	describeReply(&b, reply)
	d.printShort(b.String())
}

// describeReply appends the first value of reply, in RESP, and returns what follows it.
func describeReply(b *strings.Builder, reply []byte) []byte {
	line, rest, _ := bytes.Cut(reply, []byte("\r\n"))
	if len(line) == 0 {
		return nil
	}
	text := string(line[1:])
	n, _ := strconv.Atoi(text)
	switch line[0] {
	case ':':
		b.WriteString(text)
	case '+', '-':
		writeQuoted(b, string(line))
	case '$', '=':
		if n < 0 {
			b.WriteString("NULL")
			return rest
		}
		writeQuoted(b, string(rest[:n]))
		return rest[n+2:]
	case '*':
		if n < 0 {
			b.WriteString("NULL")
			return rest
		}
		return describeReplies(b, rest, n, "[", ",", "", "]")
	case '~':
		return describeReplies(b, rest, n, "~(", ",", "", ")")
	case '%':
		return describeReplies(b, rest, 2*n, "{", ",", " => ", "}")
	case '_':
		b.WriteString("(null)")
	case '#':
		b.WriteString(map[string]string{"t": "#true", "f": "#false"}[text])
	case ',':
		b.WriteString("(double) " + text)
	case '(':
		b.WriteString(text)
	}
	return rest
}

// describeReplies appends n values, pairs of them if there is an arrow.
func describeReplies(b *strings.Builder, reply []byte, n int, begin, between, arrow, end string) []byte {
	b.WriteString(begin)
	for i := range n {
		switch {
		case i == 0:
		case arrow != "" && i%2 == 1:
			b.WriteString(arrow)
		default:
			b.WriteString(between)
		}
		reply = describeReply(b, reply)
	}
	b.WriteString(end)
	return reply
}
