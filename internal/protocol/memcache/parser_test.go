package memcache

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func newParser() *Parser {
	return &Parser{MaxItem: DefaultMaxItem, MaxLine: DefaultMaxLine}
}

// describe tells all there is to tell about a request.
func describe(r *Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", r.Op)
	if r.Key != nil {
		fmt.Fprintf(&b, " %q", r.Key)
	}
	for keys, i := r.Keys, 0; i < r.Count; i++ {
		if key := keys.Next(); i > 0 {
			fmt.Fprintf(&b, " %q", key)
		}
	}
	for _, field := range []struct {
		name  string
		value uint64
	}{{"flags", uint64(r.Flags)}, {"cas", r.CAS}, {"delta", r.Delta}, {"level", uint64(r.Level)}} {
		if field.value != 0 {
			fmt.Fprintf(&b, " %s=%d", field.name, field.value)
		}
	}
	if r.Exptime != 0 {
		fmt.Fprintf(&b, " exptime=%d", r.Exptime)
	}
	if r.Data != nil {
		fmt.Fprintf(&b, " data=%q", r.Data)
	}
	for args := r.Args; ; {
		arg := args.Next()
		if arg == nil {
			break
		}
		fmt.Fprintf(&b, " arg=%q", arg)
	}
	if r.Noreply {
		b.WriteString(" noreply")
	}
	return b.String()
}

// transcript runs input through p in pieces that end at the given offsets and
// tells what came out: one line for each request or refusal.
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
			if n > len(buf) {
				return fmt.Sprintf("consumed %d of %d bytes", n, len(buf))
			}
			var refused *Error
			switch {
			case errors.As(err, &refused):
				if !p.Request.Noreply {
					fmt.Fprintf(&out, "%s\n", refused)
				}
				if refused.Close {
					return out.String()
				}
			case n > 0 && p.Request.Op != OpNone:
				fmt.Fprintf(&out, "%s\n", describe(&p.Request))
			}
			if n == 0 {
				break
			}
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
	key := strings.Repeat("k", MaxKey)
	long := key + "k"
	const (
		command = "ERROR\n"
		format  = "CLIENT_ERROR bad command line format\n"
		usage   = "CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\n"
		exptime = "CLIENT_ERROR invalid exptime argument\n"
		delta   = "CLIENT_ERROR invalid numeric delta argument\n"
		chunk   = "CLIENT_ERROR bad data chunk\n"
		large   = "SERVER_ERROR object too large for cache\n"
	)
	for _, tt := range []struct{ input, want string }{
		// Lines.
		{"\r\n\n  \r\n", command + command + command},
		{"get a\n", "get \"a\"\n"},
		{"get a\r\r\n", "get \"a\\r\"\n"},
		{"get a\x00b\r\n", "get \"a\"\n"},
		{"\tget a\r\n", command},
		{"GET a\r\nx\r\nfoo bar\r\n", command + command + command},
		{"get a", "5 bytes incomplete\n"},

		// Retrievals.
		{"get\r\ngets \r\ngat\r\n", command + command + command},
		{"  get  a   b  \r\n", "get \"a\" \"b\"\n"},
		{"gets a b c\r\n", "gets \"a\" \"b\" \"c\"\n"},
		{"bget a\r\n", "get \"a\"\n"},
		{"get a\tb noreply\r\n", "get \"a\\tb\" \"noreply\"\n"},
		{"get " + key + "\r\n", "get \"" + key + "\"\n"},
		{"get a " + long + " b\r\nget a\r\n", format + "get \"a\"\n"},
		{"gat 10 a b\r\n", "gat \"a\" \"b\" exptime=10\n"},
		{"gats -1 a\r\n", "gats \"a\" exptime=-1\n"},
		{"gat 10\r\n", "gat exptime=10\n"},
		{"gat a b\r\n", exptime},
		{"gat 1x b\r\ngat 1.5 b\r\ngat 0x10 b\r\n", exptime + exptime + exptime},
		{"gat +1 a\r\ngat 01 a\r\n", "gat \"a\" exptime=1\ngat \"a\" exptime=1\n"},
		{"gat x " + long + "\r\n", exptime},
		{"gat 1 " + long + "\r\n", format},

		// Storage.
		{"set a 5 10 1\r\nx\r\n", "set \"a\" flags=5 exptime=10 data=\"x\"\n"},
		{"set a 0 0 0\r\n\r\n", "set \"a\" data=\"\"\n"},
		{"set a 0 0 4 noreply\r\na\r\nb\r\n", "set \"a\" data=\"a\\r\\nb\" noreply\n"},
		{"set a 0 0 1 other\r\nx\r\n", "set \"a\" data=\"x\"\n"},
		{"set a 0 0 1\nx\r\n", "set \"a\" data=\"x\"\n"},
		{"set s 0 0 1\nx\r\n", "set \"s\" data=\"x\"\n"},
		{"add a 0 0 1\r\nx\r\nreplace a 0 0 1\r\nx\r\n", "add \"a\" data=\"x\"\nreplace \"a\" data=\"x\"\n"},
		{"append a 0 0 1\r\nx\r\nprepend a 0 0 1\r\nx\r\n", "append \"a\" data=\"x\"\nprepend \"a\" data=\"x\"\n"},
		{"cas a 0 0 1 18446744073709551615\r\nx\r\n", "cas \"a\" cas=18446744073709551615 data=\"x\"\n"},
		{"cas a 0 0 1 7 noreply\r\nx\r\n", "cas \"a\" cas=7 data=\"x\" noreply\n"},

		// A malformed line has no data block: what follows is a line.
		{"set a 0 0\r\nset a 0 0 1 x y\r\nadds a 0 0 1\r\n", command + command + command},
		{"set a 0 0 x\r\nversion\r\n", format + "version\n"},
		{"set a 0 0 -1\r\nversion\r\n", format + "version\n"},
		{"set a 0 0 -1 noreply\r\nversion\r\n", "version\n"},
		{"set a 0 0 noreply\r\nversion\r\n", "version\n"},
		{"set a x 0 1\r\nx\r\n", format + command},
		{"set a -1 0 1\r\nset a 0 x 1\r\n", format + format},
		{"set " + long + " 0 0 1\r\nversion\r\n", format + "version\n"},
		{"cas a 0 0 1\r\ncas a 0 0 1 x\r\ncas a 0 0 1 -1\r\ncas a 0 0 1 18446744073709551616\r\n", command + format + format + format},
		{"cas a 0 0 1 noreply\r\nversion\r\n", "version\n"},

		// Numbers are C's, and wrap.
		{"set a 4294967295 0 0\r\n\r\nset a 4294967297 0 0\r\n\r\n", "set \"a\" flags=4294967295 data=\"\"\nset \"a\" flags=1 data=\"\"\n"},
		{"set a 18446744073709551616 0 0\r\n", format},
		{"set a -18446744073709551615 0 0\r\n\r\n", "set \"a\" flags=1 data=\"\"\n"},
		{"set a -9223372036854775808 0 0\r\n", format},
		{"set a \v+07\tx -0 0\r\n\r\n", "set \"a\" flags=7 data=\"\"\n"},
		{"set a 0 4294967297 0\r\n\r\n", "set \"a\" exptime=1 data=\"\"\n"},
		{"set a 0 9223372036854775807 0\r\n\r\n", "set \"a\" exptime=-1 data=\"\"\n"},
		{"set a 0 9223372036854775808 0\r\nset a 0 -9223372036854775809 0\r\n", format + format},
		{"set a 0 0 4294967296\r\n\r\n", "set \"a\" data=\"\"\n"},
		{"set a 0 0 2147483646\r\nversion\r\n", format + "version\n"},
		{"set a - 0 0\r\nset a 0 + 0\r\n", format + format},

		// The bytes announced are consumed, whatever they are.
		{"set a 0 0 1\r\nabc\r\nversion\r\n", chunk + command + "version\n"},
		{"set a 0 0 1\r\na\n\nversion\r\n", chunk + "version\n"},
		{"set a 0 0 1 noreply\r\nabcget a\r\n", "get \"a\"\n"},
		{"set a 0 0 5\r\nabcdefg\r\nversion\r\n", chunk + command + "version\n"},
		{"set a 0 0 3\r\na\r\nversion\r\n", chunk + command},
		{"set a 0 0 2\r\nab", "15 bytes incomplete\n"},

		// A too large value is skipped, with the two bytes after it.
		{"set a 0 0 2000000\r\n" + strings.Repeat("x", 2000000) + "\r\nversion\r\n", large + "version\n"},
		{"set a 0 0 2000000 noreply\r\n" + strings.Repeat("x", 2000002) + "version\r\n", "version\n"},
		{"set a 0 0 2147483645\r\nversion\r\n", large},
		{"set a 0 0 1048516\r\n", "19 bytes incomplete\n"},
		{"set a 0 0 1048517\r\n", large},
		{"set a 1 0 1048512\r\n", "19 bytes incomplete\n"},
		{"set a 1 0 1048513\r\n", large},
		{"set " + key + " 0 0 1048267\r\n", "268 bytes incomplete\n"},
		{"set " + key + " 0 0 1048268\r\n", large},

		// The others.
		{"incr a 18446744073709551615\r\ndecr a 2 noreply\r\n", "incr \"a\" delta=18446744073709551615\ndecr \"a\" delta=2 noreply\n"},
		{"incr\r\nincr a\r\nincr a 1 x y\r\n", command + command + command},
		{"incr a x\r\nincr a -1\r\nincr a 18446744073709551616\r\n", delta + delta + delta},
		{"incr a noreply\r\nincr " + long + " x\r\n", format},
		{"touch a 10\r\ntouch a 0 noreply\r\n", "touch \"a\" exptime=10\ntouch \"a\" noreply\n"},
		{"touch a\r\ntouch a x\r\ntouch a 0 x y\r\ntouch " + long + " x\r\n", command + exptime + command + format},
		{"delete a\r\ndelete a 0\r\ndelete a noreply\r\ndelete a 0 noreply\r\n", "delete \"a\"\ndelete \"a\"\ndelete \"a\" noreply\ndelete \"a\" noreply\n"},
		{"delete noreply\r\ndelete  noreply\r\n", "delete \"noreply\"\ndelete \"noreply\"\n"},
		{"delete\r\ndelete a 1\r\ndelete a 0 x\r\ndelete a 0 noreply x\r\n", command + usage + usage + command},
		{"delete a 1 noreply\r\ndelete " + long + "\r\ndelete " + long + " x\r\n", format + usage},
		{
			"flush_all\r\nflush_all 10\r\nflush_all -1\r\nflush_all noreply\r\nflush_all 5 noreply\r\nflush_all 0 x\r\n",
			"flush_all\nflush_all exptime=10\nflush_all exptime=-1\nflush_all noreply\nflush_all exptime=5 noreply\nflush_all\n",
		},
		{"flush_all x\r\nflush_all noreply 0\r\nflush_all noreply noreply\r\nflush_all 0 x y\r\n", exptime + exptime + command},
		{"verbosity 1\r\nverbosity 2 noreply\r\nverbosity 0 1\r\n", "verbosity level=1\nverbosity level=2 noreply\nverbosity\n"},
		{"verbosity\r\nverbosity x\r\nverbosity -1\r\nverbosity noreply\r\nverbosity 1 2 3\r\n", command + format + format + command},
		{"version\r\nversion noreply\r\nquit\r\nquit now\r\n", "version\nversion\nquit\nquit\n"},
		{"stats\r\nstats detail on\r\nstats noreply\r\n", "stats\nstats arg=\"detail\" arg=\"on\"\nstats arg=\"noreply\"\n"},
		{"shutdown graceful\r\nslabs reassign 1 2\r\nlru_crawler enable\r\n", "shutdown arg=\"graceful\"\nslabs arg=\"reassign\" arg=\"1\" arg=\"2\"\nlru_crawler arg=\"enable\"\n"},
		{
			"cache_memlimit\r\ncache_memlimit 64\r\ncache_memlimit 64 noreply\r\ncache_memlimit 1 2 3\r\n",
			command + "cache_memlimit arg=\"64\"\ncache_memlimit arg=\"64\" arg=\"noreply\" noreply\n" + command,
		},
		{
			"lru\r\nlru mode flat\r\nlru 1 2 3 4 5 6 7 8 9 noreply \r\nwatch\r\n",
			command + "lru arg=\"mode\" arg=\"flat\"\nlru arg=\"1\" arg=\"2\" arg=\"3\" arg=\"4\" arg=\"5\" arg=\"6\" arg=\"7\" arg=\"8\" arg=\"9\" arg=\"noreply\" noreply\nwatch\n",
		},
	} {
		if got := transcript(newParser(), tt.input); got != tt.want {
			t.Errorf("%.80q\n got %.200q\nwant %.200q", tt.input, got, tt.want)
		}
		if len(tt.input) > 10000 {
			continue // one byte at a time would copy it too often
		}
		if got := transcript(newParser(), tt.input, everyByte(tt.input)...); got != tt.want {
			t.Errorf("%.80q byte by byte\n got %.200q\nwant %.200q", tt.input, got, tt.want)
		}
		for at := range min(len(tt.input), 200) {
			if got := transcript(newParser(), tt.input, at); got != tt.want {
				t.Errorf("%.80q split at %d\n got %.200q\nwant %.200q", tt.input, at, got, tt.want)
			}
		}
	}
}

// A line may be long if it is a retrieval, or if it came with its end in one read.
func TestLongLines(t *testing.T) {
	const closed = "connection closed without a reply\n"
	keys := strings.Repeat("k ", 5000)
	for _, tt := range []struct{ input, want string }{
		{strings.Repeat("x", 2048), "2048 bytes incomplete\n"},
		{strings.Repeat("x", 2049), closed},
		{"gat 0 " + keys, closed},
		{"get " + keys, "10004 bytes incomplete\n"},
		{"gets " + keys, "10005 bytes incomplete\n"},
		{strings.Repeat(" ", 100) + "get " + keys, "10104 bytes incomplete\n"},
		{strings.Repeat(" ", 101) + "get " + keys, closed},
		{strings.Repeat("x", 5000) + "\r\n", "ERROR\n"},
		{strings.Repeat("x", 20000) + "\r\n", closed},
		{"get " + strings.Repeat("k", 70000) + "\r\n", "CLIENT_ERROR bad command line format\n"},
		{"get " + strings.Repeat("k ", DefaultMaxLine/2-2), fmt.Sprintf("%d bytes incomplete\n", DefaultMaxLine)},
		{"get " + strings.Repeat("k ", DefaultMaxLine/2), closed},
	} {
		if got := transcript(newParser(), tt.input); got != tt.want {
			t.Errorf("%.20q of %d bytes: got %.80q, want %q", tt.input, len(tt.input), got, tt.want)
		}
	}
}

// All keys of a line are there, however many.
func TestManyKeys(t *testing.T) {
	p := newParser()
	line := []byte("get " + strings.Repeat("key ", 100000) + "\r\n")
	if n, err := p.Parse(line); n != len(line) || err != nil {
		t.Fatal(n, err)
	}
	found := 0
	for keys := p.Request.Keys; keys.Next() != nil; {
		found++
	}
	if found != 100000 || p.Request.Count != found {
		t.Errorf("%d keys, Count is %d", found, p.Request.Count)
	}
}

// Need is exact, so that the rest of a value can be received in one piece.
func TestNeed(t *testing.T) {
	p := newParser()
	for _, step := range []struct {
		input   string
		n, need int
	}{
		{"set a 0 0 10", 0, 0},
		{"set a 0 0 10\r\n", 0, 12},
		{"set a 0 0 10\r\n01234567", 0, 4},
		{"set a 0 0 10\r\n0123456789\r\n", 26, 0},
		{"set a 0 0 2000000\r\n", 19, 2000002},
		{"0123456789", 10, 1999992},
		{"", 0, 1999992},
	} {
		n, err := p.Parse([]byte(step.input))
		if n != step.n || (err != nil && !errors.Is(err, ErrTooLarge)) || p.Need() != step.need {
			t.Errorf("%q: consumed %d, %v, need %d; want %d and %d", step.input, n, err, p.Need(), step.n, step.need)
		}
	}
}

// A too large set names its key, so that the old item can be deleted.
func TestTooLargeNamesTheKey(t *testing.T) {
	p := newParser()
	if _, err := p.Parse([]byte("set a 0 0 2000000 noreply\r\n")); !errors.Is(err, ErrTooLarge) {
		t.Fatal(err)
	}
	if r := p.Request; r.Op != OpSet || string(r.Key) != "a" || !r.Noreply {
		t.Errorf("got %s", describe(&r))
	}
}

func TestParseDoesNotAllocate(t *testing.T) {
	p := newParser()
	requests := []byte("get a b c\r\nset k 1 2 5\r\nvalue\r\nincr n 1\r\nfoo\r\nset k 0 0 x\r\nset k 0 0 1\r\nxxx")
	run := func() {
		for buf := requests; len(buf) > 0; {
			for cut := range 4 { // in part first
				if n, _ := p.Parse(buf[:min(cut, len(buf))]); n != 0 {
					t.Fatal("whole too early")
				}
			}
			n, _ := p.Parse(buf)
			if n == 0 {
				t.Fatalf("nothing in %q", buf)
			}
			buf = buf[n:]
		}
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("%v allocations per run", n)
	}
}
