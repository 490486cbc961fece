package resp

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadValue(t *testing.T) {
	for _, tc := range []struct {
		name, wire, shown string
	}{
		{"simple string", "+OK\r\n", `"OK" (simple)`},
		{"empty simple string", "+\r\n", `"" (simple)`},
		{"error", "-ERR no such key\r\n", `(error) "ERR no such key"`},
		{"integer", ":-42\r\n", `(integer) "-42"`},
		{"bulk string", "$4\r\n\r\n\x00\xff\r\n", `"\r\n\x00\xff"`},
		{"empty bulk string", "$0\r\n\r\n", `""`},
		{"RESP2 nil", "$-1\r\n", "(nil, bulk string)"},
		{"RESP2 nil array", "*-1\r\n", "(nil, array)"},
		{"RESP3 null", "_\r\n", "(nil, null)"},
		{"true", "#t\r\n", `(boolean) "t"`},
		{"double", ",1.5e10\r\n", `(double) "1.5e10"`},
		{"infinity", ",-inf\r\n", `(double) "-inf"`},
		{"big number", "(-3492890328409238509324850943850943825024385\r\n", `(big number) "-3492890328409238509324850943850943825024385"`},
		{"bulk error", "!8\r\nERR a\r\nb\r\n", `(bulk error) "ERR a\r\nb"`},
		{"verbatim string", "=8\r\ntxt:Some\r\n", `(verbatim txt) "Some"`},
		{"empty array", "*0\r\n", "(array of 0) "},
		{"array", "*2\r\n:1\r\n$1\r\na\r\n", "(array of 2) \n    1) (integer) \"1\"\n    2) \"a\""},
		{"map", "%1\r\n+k\r\n:1\r\n", "(map of 2) \n    1) \"k\" (simple) => (integer) \"1\""},
		{"set", "~1\r\n:1\r\n", "(set of 1) \n    1) (integer) \"1\""},
		{"push", ">1\r\n+x\r\n", "(push of 1) \n    1) \"x\" (simple)"},
		{"attribute", "|1\r\n+ttl\r\n:9\r\n+v\r\n", "(attributes) \n    1) \"ttl\" (simple) => (integer) \"9\"\n\"v\" (simple)"},
		{"streamed string", "$?\r\n;2\r\nab\r\n;1\r\nc\r\n;0\r\n", `"abc"`},
		{"streamed array", "*?\r\n:1\r\n:2\r\n.\r\n", "(array of 2) \n    1) (integer) \"1\"\n    2) (integer) \"2\""},
		{"streamed map", "%?\r\n:1\r\n:2\r\n.\r\n", "(map of 2) \n    1) (integer) \"1\" => (integer) \"2\""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(tc.wire), iotest.OneByteReader(strings.NewReader(tc.wire))} {
				r := NewReader(in)
				v, err := r.ReadValue()
				if err != nil {
					t.Fatal(err)
				}
				if got := v.String(); got != tc.shown {
					t.Errorf("got %s, want %s", got, tc.shown)
				}
				if string(v.Raw) != tc.wire {
					t.Errorf("raw bytes %q, want %q", v.Raw, tc.wire)
				}
				if _, err := r.ReadValue(); !errors.Is(err, io.EOF) {
					t.Errorf("after the value: %v, want EOF", err)
				}
			}
		})
	}
}

func TestReadValueRawOfElements(t *testing.T) {
	v, err := NewReader(strings.NewReader("*2\r\n*1\r\n$2\r\nab\r\n|1\r\n+a\r\n+b\r\n,1\r\n")).ReadValue()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"*1\r\n$2\r\nab\r\n", "|1\r\n+a\r\n+b\r\n,1\r\n"} {
		if got := string(v.Elems[i].Raw); got != want {
			t.Errorf("element %d is %q, want %q", i, got, want)
		}
	}
}

func TestReadValueRefuses(t *testing.T) {
	for _, wire := range []string{
		"\r\n", "?\r\n", "+OK\n", ":\r\n", ":1x\r\n", ":9223372036854775808\r\n", "$-2\r\n", "$x\r\n",
		"$536870913\r\n", "$1\r\nab\r\n", "*-2\r\n", "*99999999999\r\n", "%-1\r\n", "~-1\r\n", "_x\r\n", "#x\r\n",
		",x\r\n", "(\r\n", "(-\r\n", "(1x\r\n", "=3\r\ntxt\r\n", "=-1\r\n", ".\r\n", "*1\r\n.\r\n",
		"%?\r\n:1\r\n.\r\n", "$?\r\n+x\r\n", strings.Repeat("*1\r\n", depthMax+2),
	} {
		_, err := NewReader(strings.NewReader(wire)).ReadValue()
		var broken *ProtocolError
		if !errors.As(err, &broken) {
			t.Errorf("%.40q: %v, want a ProtocolError", wire, err)
		}
	}
}

func TestReadValueCutShort(t *testing.T) {
	const wire = "*3\r\n$3\r\nabc\r\n%1\r\n+k\r\n:1\r\n=5\r\ntxt:x\r\n"
	for n := range len(wire) {
		v, err := NewReader(strings.NewReader(wire[:n])).ReadValue()
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes: %v, want the end of the stream", n, err)
		}
		if string(v.Raw) != wire[:n] {
			t.Errorf("%d bytes: kept %q", n, v.Raw)
		}
	}
}

func TestAppendCommand(t *testing.T) {
	got := string(Command("SET", "", "a\r\n"))
	if want := "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$3\r\na\r\n\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A reader must survive any peer, and what it accepts must be exactly the bytes it reports.
func FuzzReadValue(f *testing.F) {
	f.Add([]byte("*2\r\n$1\r\na\r\n%1\r\n+k\r\n,1.5\r\n"))
	f.Add([]byte("|1\r\n+a\r\n:1\r\n$?\r\n;1\r\nx\r\n;0\r\n"))
	f.Add([]byte("=8\r\ntxt:Some\r\n>1\r\n#t\r\n"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		v, err := NewReader(bytes.NewReader(wire)).ReadValue()
		if !bytes.HasPrefix(wire, v.Raw) {
			t.Fatalf("raw bytes %q are not those sent: %q", v.Raw, wire)
		}
		if err != nil {
			return
		}
		again, err := NewReader(bytes.NewReader(v.Raw)).ReadValue()
		if err != nil || again.String() != v.String() {
			t.Fatalf("read again: %v, %s, want %s", err, again.String(), v.String())
		}
	})
}
