package resp

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// transcript runs input through p in pieces that end at the given offsets and
// tells what came out: one line of quoted arguments for each request, then the
// error or what was left incomplete.
func transcript(p *Parser, input string, ends ...int) string {
	var out strings.Builder
	var buf []byte
	fed := 0
	for _, end := range append(ends, len(input)) {
		// A new buffer each time: nothing may depend on where it lies.
		buf = append(append(make([]byte, 0, len(buf)+end-fed), buf...), input[fed:end]...)
		fed = end
		for len(buf) > 0 {
			n, err := p.Parse(buf)
			if err != nil {
				fmt.Fprintf(&out, "%s\n", err)
				return out.String()
			}
			if n == 0 {
				break
			}
			if n > len(buf) {
				return fmt.Sprintf("consumed %d of %d bytes", n, len(buf))
			}
			for _, arg := range p.Args() {
				fmt.Fprintf(&out, "%q ", arg)
			}
			out.WriteByte('\n')
			buf = buf[n:]
		}
	}
	if len(buf) > 0 {
		fmt.Fprintf(&out, "%d bytes incomplete\n", len(buf))
	}
	return out.String()
}

// everyByte returns the offsets that split s into single bytes.
func everyByte(s string) []int {
	ends := make([]int, len(s))
	for i := range ends {
		ends[i] = i + 1
	}
	return ends
}

func TestRequests(t *testing.T) {
	stranger := func(input, want string) [3]string { return [3]string{"stranger", input, want} }
	known := func(input, want string) [3]string { return [3]string{"", input, want} }
	zeros := strings.Repeat("0", 70000)

	tests := [][3]string{
		known("*1\r\n$4\r\nPING\r\n", "\"PING\" \n"),
		known("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n", "\"SET\" \"k\" \"\" \n"),
		known("*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "\"PING\" \n\"GET\" \"k\" \n"),
		known("*1\r\n$6\r\na\r\nb\x00\xff\r\n", "\"a\\r\\nb\\x00\\xff\" \n"),

		// Empty requests are skipped.
		known("*0\r\n", "\n"),
		known("*-1\r\n*-10\r\n", "\n\n"),
		known("\r\n", "\n"),
		known("\n \t\v\f\r\n", "\n\n"),

		// What follows the \r of a length, and the two bytes after an argument, are skipped unseen.
		known("*1\rx$4\rxPINGxxPING\r\n", "\"PING\" \n\"PING\" \n"),
		known("*1\n$4\r\nPING\r\n", "ERR Protocol error: invalid multibulk length\n"),

		// Counts.
		known("*\r\n", "ERR Protocol error: invalid multibulk length\n"),
		known("*a\r\n", "ERR Protocol error: invalid multibulk length\n"),
		known("*1a\r\n", "ERR Protocol error: invalid multibulk length\n"),
		known("*01\r\n", "ERR Protocol error: invalid multibulk length\n"),
		known("*+1\r\n", "ERR Protocol error: invalid multibulk length\n"),
		known("* 1\r\n", "ERR Protocol error: invalid multibulk length\n"),
		known("*-0\r\n", "ERR Protocol error: invalid multibulk length\n"),
		known("*2147483647\r\n", "13 bytes incomplete\n"),
		known("*2147483648\r\n", "ERR Protocol error: invalid multibulk length\n"),
		known("*9223372036854775807\r\n", "ERR Protocol error: invalid multibulk length\n"),
		known("*99999999999999999999\r\n", "ERR Protocol error: invalid multibulk length\n"),
		known("*a\r", "3 bytes incomplete\n"),
		known("*"+zeros, "ERR Protocol error: too big mbulk count string\n"),

		// Lengths.
		known("*1\r\n$-1\r\n", "ERR Protocol error: invalid bulk length\n"),
		known("*3\r\n$3\r\nSET\r\n$-2\r\n", "ERR Protocol error: invalid bulk length\n"),
		known("*1\r\n$04\r\n", "ERR Protocol error: invalid bulk length\n"),
		known("*1\r\n$\r\n", "ERR Protocol error: invalid bulk length\n"),
		known("*1\r\n$536870912\r\n", "16 bytes incomplete\n"),
		known("*1\r\n$536870913\r\n", "ERR Protocol error: invalid bulk length\n"),
		known("*1\r\n$9223372036854775807\r\n", "ERR Protocol error: invalid bulk length\n"),
		known("*1\r\n$"+zeros, "ERR Protocol error: too big bulk count string\n"),
		known("*1\r\nz"+zeros, "ERR Protocol error: too big bulk count string\n"),

		// Something other than an argument is refused when its line has ended.
		known("*1\r\nx", "5 bytes incomplete\n"),
		known("*1\r\nx\r", "6 bytes incomplete\n"),
		known("*1\r\nx\r\n", "ERR Protocol error: expected '$', got 'x'\n"),
		known("*1\r\n\r\n", "ERR Protocol error: expected '$', got ' '\n"),
		known("*1\r\n\nx\r\n", "ERR Protocol error: expected '$', got ' '\n"),
		known("*1\r\n\xff\r\n", "ERR Protocol error: expected '$', got '\xff'\n"),

		// A line with a zero byte in it never ends.
		known("PING\x00\nPING\n", "11 bytes incomplete\n"),
		known("*1\r\n$4\x00\r\nPING\r\n", "15 bytes incomplete\n"),

		// Strangers.
		stranger("*10\r\n", "5 bytes incomplete\n"),
		stranger("*11\r\n", "ERR Protocol error: unauthenticated multibulk length\n"),
		stranger("*2147483648\r\n", "ERR Protocol error: invalid multibulk length\n"),
		stranger("*1\r\n$16384\r\n", "12 bytes incomplete\n"),
		stranger("*1\r\n$16385\r\n", "ERR Protocol error: unauthenticated bulk length\n"),
		stranger("*1\r\n$536870913\r\n", "ERR Protocol error: invalid bulk length\n"),

		// Inline requests.
		known("PING\r\n", "\"PING\" \n"),
		known("set  k\tv\n", "\"set\" \"k\" \"v\" \n"),
		known(" PING\r\r\n", "\"PING\" \n"),
		known("a\rb\n", "\"a\" \"b\" \n"),
		known("a\vb \vc\n", "\"a\\vb\" \"c\" \n"),
		known(`ECHO "" ''`+"\n", "\"ECHO\" \"\" \"\" \n"),
		known(`ECHO "a b" 'c d' e"f g"`+"\n", "\"ECHO\" \"a b\" \"c d\" \"ef g\" \n"),
		known(`ECHO "\x41\x4a\x4A\xzz\n\r\t\b\a\q\"\\\'"`+"\n", "\"ECHO\" \"AJJxzz\\n\\r\\t\\b\\aq\\\"\\\\'\" \n"),
		known(`ECHO "\x4"`+"\n", "\"ECHO\" \"x4\" \n"),
		known(`ECHO 'it\'s\n'`+"\n", "\"ECHO\" \"it's\\\\n\" \n"),
		known(`ECHO "a`+"\n", "ERR Protocol error: unbalanced quotes in request\n"),
		known(`ECHO "a\`+"\n", "ERR Protocol error: unbalanced quotes in request\n"),
		known(`ECHO 'a`+"\n", "ERR Protocol error: unbalanced quotes in request\n"),
		known(`ECHO '\\'`+"\n", "ERR Protocol error: unbalanced quotes in request\n"),
		known(`ECHO '\n\'`+"\n", "ERR Protocol error: unbalanced quotes in request\n"),
		known(`ECHO "a"b`+"\n", "ERR Protocol error: unbalanced quotes in request\n"),
		known(`ECHO a\"b`+"\n", "ERR Protocol error: unbalanced quotes in request\n"),
		known(strings.Repeat("a", 64<<10), "65536 bytes incomplete\n"),
		known(strings.Repeat("a", 64<<10+1), "ERR Protocol error: too big inline request\n"),
	}
	for _, tt := range tests {
		who, input, want := tt[0], tt[1], tt[2]
		newParser := func() *Parser {
			return &Parser{MaxBulk: DefaultMaxBulk, Authenticated: who == ""}
		}
		if got := transcript(newParser(), input); got != want {
			t.Errorf("%s %.60q\n got %q\nwant %q", who, input, got, want)
		}
		if len(input) > 1000 {
			continue // what is too long has to arrive at once to be worth a byte by byte run
		}
		if got := transcript(newParser(), input, everyByte(input)...); got != want {
			t.Errorf("%s %.60q byte by byte\n got %q\nwant %q", who, input, got, want)
		}
		for at := range min(len(input), 200) {
			if got := transcript(newParser(), input, at); got != want {
				t.Errorf("%s %.60q split at %d\n got %.200q\nwant %.200q", who, input, at, got, want)
			}
		}
	}
}

// Need is exact, so that the rest of an argument can be received in one piece.
func TestNeed(t *testing.T) {
	p := &Parser{MaxBulk: DefaultMaxBulk, Authenticated: true}
	for _, step := range []struct {
		input string
		need  int
	}{
		{"*2\r\n", 0},
		{"*2\r\n$3\r", 0},
		{"*2\r\n$3\r\n", 5},
		{"*2\r\n$3\r\nGET", 2},
		{"*2\r\n$3\r\nGET\r\n", 0},
		{"*2\r\n$3\r\nGET\r\n$100000\r\nab", 100000},
	} {
		if n, err := p.Parse([]byte(step.input)); n != 0 || err != nil {
			t.Fatalf("%q: %d, %v", step.input, n, err)
		}
		if p.Need() != step.need {
			t.Errorf("%q: Need is %d, want %d", step.input, p.Need(), step.need)
		}
	}
}

func TestNeedDoesNotOverflow(t *testing.T) {
	p := &Parser{MaxBulk: math.MaxInt - 2, Authenticated: true}
	n, err := p.Parse([]byte("*1\r\n$9223372036854775805\r\n"))
	if n != 0 || err != nil || p.Need() != math.MaxInt {
		t.Fatalf("%d, %v, need %d", n, err, p.Need())
	}
}

// A count costs nothing until the arguments are there, and what a long request
// took is given back after it.
func TestMemoryIsBoundedByWhatArrived(t *testing.T) {
	p := &Parser{MaxBulk: DefaultMaxBulk, Authenticated: true}
	if _, err := p.Parse([]byte("*2147483647\r\n$1\r\na\r\n")); err != nil {
		t.Fatal(err)
	}
	if cap(p.spans) > 64 {
		t.Errorf("room for %d arguments after one arrived", cap(p.spans))
	}
	p.Reset()

	request := []byte("*100000\r\n" + strings.Repeat("$1\r\na\r\n", 100000))
	if n, err := p.Parse(request); n != len(request) || err != nil || len(p.Args()) != 100000 {
		t.Fatalf("%d, %v, %d arguments", n, err, len(p.Args()))
	}
	if n, err := p.Parse(nil); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	if cap(p.spans)+cap(p.args) != 0 {
		t.Errorf("room for %d and %d arguments kept", cap(p.spans), cap(p.args))
	}
}

func TestParseDoesNotAllocate(t *testing.T) {
	p := &Parser{MaxBulk: DefaultMaxBulk, Authenticated: true}
	requests := []byte("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\nSET k \"quoted value\"\r\n*0\r\n")
	run := func() {
		for buf := requests; len(buf) > 0; {
			for cut := range 4 { // in part first
				if n, _ := p.Parse(buf[:cut]); n != 0 {
					t.Fatal("whole too early")
				}
			}
			n, err := p.Parse(buf)
			if n == 0 || err != nil {
				t.Fatal(n, err)
			}
			buf = buf[n:]
		}
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("%v allocations per run", n)
	}
}
