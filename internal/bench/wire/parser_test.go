package wire

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// outcome is a reply in a comparable form.
type outcome struct {
	failed bool
	text   string
	values int
	bodies string
}

type parserCase struct {
	protocol Protocol
	in       string
	want     []outcome
}

var parserCases = []parserCase{
	{RESP, "+OK\r\n", []outcome{{}}},
	{RESP, ":42\r\n:-1\r\n", []outcome{{}, {}}},
	{RESP, "-ERR no such thing\r\n+OK\r\n", []outcome{{failed: true, text: "ERR no such thing"}, {}}},
	{RESP, "$5\r\nhello\r\n", []outcome{{values: 1, bodies: "hello|"}}},
	{RESP, "$0\r\n\r\n$-1\r\n", []outcome{{values: 1, bodies: "|"}, {}}},
	{RESP, "$6\r\na\r\n$9b\r\n+OK\r\n", []outcome{{values: 1, bodies: "a\r\n$9b|"}, {}}},
	{RESP, "*-1\r\n*0\r\n_\r\n", []outcome{{}, {}, {}}},
	{RESP, "*3\r\n$1\r\na\r\n$-1\r\n$1\r\nb\r\n+x\r\n", []outcome{{values: 2, bodies: "a|b|"}, {}}},
	{RESP, "*2\r\n*2\r\n:1\r\n*0\r\n*1\r\n$1\r\nz\r\n:7\r\n", []outcome{{values: 1, bodies: "z|"}, {}}},
	{RESP, "%1\r\n+k\r\n~2\r\n#t\r\n,1.5\r\n(123\r\n", []outcome{{}, {}}},
	{RESP, "=5\r\ntxt:a\r\n!3\r\nbad\r\n", []outcome{{values: 1, bodies: "txt:a|"}, {failed: true, text: "blob error", bodies: "bad|"}}},
	{RESP, ">2\r\n+message\r\n$1\r\nq\r\n+OK\r\n", []outcome{{bodies: "q|"}}},
	{RESP, "|1\r\n+ttl\r\n:60\r\n$1\r\na\r\n+OK\r\n", []outcome{{values: 1, bodies: "a|"}, {}}},
	{RESP, "*2\r\n-ERR one\r\n-ERR two\r\n", []outcome{{failed: true, text: "ERR one"}}},

	{Memcache, "STORED\r\nNOT_STORED\r\n", []outcome{{}, {}}},
	{Memcache, "END\r\n", []outcome{{}}},
	{Memcache, "VALUE k 0 5\r\nhello\r\nEND\r\nEND\r\n", []outcome{{values: 1, bodies: "hello|"}, {}}},
	{Memcache, "VALUE a 0 3 77\r\nE\r\n\r\nVALUE b 1 0\r\n\r\nEND\r\nSTORED\r\n", []outcome{{values: 2, bodies: "E\r\n||"}, {}}},
	{Memcache, "VA 5 t0 f1\r\nEND\r\n\r\nHD\r\nEN\r\nMN\r\n", []outcome{{values: 1, bodies: "END\r\n|"}, {}, {}, {}}},
	{Memcache, "VA 1\r\nx\r\nNS\r\n", []outcome{{values: 1, bodies: "x|"}, {}}},
	{Memcache, "STAT pid 1\r\nSTAT x y\r\nEND\r\nOK\r\n", []outcome{{}, {}}},
	{Memcache, "ERROR\r\n", []outcome{{failed: true, text: "ERROR"}}},
	{Memcache, "CLIENT_ERROR bad data chunk\r\n", []outcome{{failed: true, text: "CLIENT_ERROR bad data chunk"}}},
	{Memcache, "SERVER_ERROR out of memory\r\n11\r\n", []outcome{{failed: true, text: "SERVER_ERROR out of memory"}, {}}},
}

// parse feeds the pieces to a fresh parser and returns the replies.
func parse(t *testing.T, p Parser, pieces ...string) []outcome {
	t.Helper()
	var got []outcome
	var bodies strings.Builder
	p.Keep(func(body []byte) { fmt.Fprintf(&bodies, "%s|", body) })
	for _, piece := range pieces {
		b := []byte(piece)
		for len(b) > 0 {
			n, done, err := p.Feed(b)
			if err != nil {
				t.Fatalf("%q: %v", piece, err)
			}
			if !done && n != len(b) {
				t.Fatalf("%q: took %d of %d bytes without a reply", piece, n, len(b))
			}
			if b = b[n:]; done {
				r := p.Reply()
				got = append(got, outcome{r.Failed, string(r.Text), r.Values, bodies.String()})
				bodies.Reset()
			}
		}
	}
	return got
}

func TestParsers(t *testing.T) {
	for _, c := range parserCases {
		check := func(how string, got []outcome) {
			t.Helper()
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%q %s:\n got %+v\nwant %+v", c.in, how, got, c.want)
			}
		}
		check("whole", parse(t, c.protocol.NewParser(), c.in))
		check("byte by byte", parse(t, c.protocol.NewParser(), strings.Split(c.in, "")...))
		for i := range c.in {
			check(fmt.Sprintf("cut at %d", i), parse(t, c.protocol.NewParser(), c.in[:i], c.in[i:]))
		}
		p := c.protocol.NewParser()
		for i := range c.in {
			p.Feed([]byte(c.in[:i]))
			p.Reset()
			check(fmt.Sprintf("after a reset at %d", i), parse(t, p, c.in))
		}
	}
}

// Hits takes the values up to whatever else comes, and nothing that Feed would not take for the same.
func TestHits(t *testing.T) {
	const three = "$1\r\na\r\n$1\r\nb\r\n$2\r\ncc\r\n"
	for _, c := range []struct {
		in       string
		most     int
		n, count int
	}{
		{three, 9, len(three), 3},
		{three, 2, 14, 2},
		{three, 0, 0, 0},
		{three + "+OK\r\n" + three, 9, len(three), 3},
		{three + "$-1\r\n", 9, len(three), 3},
		{three + "-ERR no\r\n", 9, len(three), 3},
		{three + "$2\r\nd", 9, len(three), 3},
		{three + "$2\r", 9, len(three), 3},
		{"$0\r\n\r\n$0\r\n\r\n", 9, 12, 2},
		{"*1\r\n" + three, 9, 0, 0},
		{"$12345678\r\n", 9, 0, 0},
	} {
		p := new(RESPParser)
		if n, count := p.Hits([]byte(c.in), c.most); n != c.n || count != c.count {
			t.Errorf("%q, at most %d: %d bytes, %d hits; want %d, %d", c.in, c.most, n, count, c.n, c.count)
		}
	}
	p := new(RESPParser)
	if _, _, err := p.Feed([]byte(three[:3])); err != nil {
		t.Fatal(err)
	}
	if n, _ := p.Hits([]byte(three[3:]), 9); n != 0 {
		t.Errorf("took %d bytes in the midst of a reply", n)
	}
}

func TestParsersRefuse(t *testing.T) {
	endless := strings.Repeat("a", lineLengthMax+1)
	for p, ins := range map[Protocol][]string{
		RESP: {
			"hello\r\n", "\r\n", "+OK\n", "\n", "$x\r\n", "$-2\r\n", "$999999999\r\n", "$9999999999\r\n", "*-2\r\n", "*99999999\r\n",
			"*67108864\r\n*2\r\n", "+" + endless,
		},
		Memcache: {"\r\n", "VALUE k 0\r\n", "VALUE k 0 x\r\n", "VALUE k 0 999999999\r\n", "VA \r\n", "VA -1\r\n", "STORED\n", endless},
	} {
		for _, in := range ins {
			parser, b := p.NewParser(), []byte(in)
			var err error
			for len(b) > 0 && err == nil {
				var n int
				n, _, err = parser.Feed(b)
				b = b[n:]
			}
			if !errors.Is(err, ErrProtocol) {
				t.Errorf("%s: %.40q must be refused, got %v", p, in, err)
			}
		}
	}
}

func TestParsingDoesNotAllocate(t *testing.T) {
	for p, in := range map[Protocol]string{RESP: "$64\r\n" + strings.Repeat("x", 64) + "\r\n", Memcache: "VALUE k 0 64\r\n" + strings.Repeat("x", 64) + "\r\nEND\r\n"} {
		parser, b := p.NewParser(), []byte(in)
		if n := testing.AllocsPerRun(1000, func() { parser.Feed(b[:9]); parser.Feed(b[9:]) }); n != 0 {
			t.Errorf("%s: %v allocations per reply", p, n)
		}
	}
}

func FuzzParsers(f *testing.F) {
	for _, c := range parserCases {
		f.Add([]byte(c.in), 3)
	}
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		for _, protocol := range []Protocol{RESP, Memcache, MemcacheBinary} {
			whole, pieces := replay(protocol.NewParser(), in, len(in)), replay(protocol.NewParser(), in, max(1, cut&15))
			if whole != pieces {
				t.Errorf("%s: %q gives %q whole and %q in pieces", protocol, in, whole, pieces)
			}
		}
	})
}

// replay feeds the input in pieces and writes down the replies up to the first error.
func replay(p Parser, in []byte, step int) string {
	var out strings.Builder
	p.Keep(func(body []byte) { fmt.Fprintf(&out, "[%q]", body) })
	for len(in) > 0 {
		piece := in[:min(step, len(in))]
		in = in[len(piece):]
		for len(piece) > 0 {
			n, done, err := p.Feed(piece)
			if err != nil {
				out.WriteString("!")
				return out.String()
			}
			if piece = piece[n:]; done {
				fmt.Fprintf(&out, "{%v %q %d}", p.Reply().Failed, p.Reply().Text, p.Reply().Values)
			}
		}
	}
	return out.String()
}

func BenchmarkParse(b *testing.B) {
	for p, in := range map[Protocol]string{RESP: "$64\r\n" + strings.Repeat("x", 64) + "\r\n", Memcache: "VALUE key:000000000001 0 64\r\n" + strings.Repeat("x", 64) + "\r\nEND\r\n"} {
		b.Run(string(p), func(b *testing.B) {
			parser, in := p.NewParser(), []byte(in)
			b.ReportAllocs()
			for b.Loop() {
				parser.Feed(in)
			}
		})
	}
}
