package resp

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/protocol"
)

// written returns what reply writes in the given protocol version.
func written(proto int, reply func(*Writer)) string {
	pool := &protocol.Pool{}
	defer pool.Close()
	out := protocol.NewOutput(pool)
	defer out.Release()
	reply(&Writer{Out: out, Proto: proto})
	var b strings.Builder
	for _, run := range out.Vector(nil, math.MaxInt) {
		b.Write(run)
	}
	return b.String()
}

func TestReplies(t *testing.T) {
	long := strings.Repeat("x", 40000)
	for _, tt := range []struct {
		reply        func(*Writer)
		resp2, resp3 string // resp3 only where it differs
	}{
		{func(w *Writer) { w.Raw(OK) }, "+OK\r\n", ""},
		{func(w *Writer) { w.SimpleString("PONG") }, "+PONG\r\n", ""},
		{func(w *Writer) { w.Error("ERR no") }, "-ERR no\r\n", ""},
		{func(w *Writer) { w.Error("ERR a\r\n\xff") }, "-ERR a  \xff\r\n", ""},
		{func(w *Writer) { w.Error(ErrQuotes.Text) }, "-ERR Protocol error: unbalanced quotes in request\r\n", ""},
		{func(w *Writer) { w.Error(long) }, "-" + long + "\r\n", ""},
		{func(w *Writer) { w.Int(-7) }, ":-7\r\n", ""},
		{func(w *Writer) { w.Int(math.MinInt64) }, ":-9223372036854775808\r\n", ""},
		{func(w *Writer) { w.Bulk([]byte("a\r\n")) }, "$3\r\na\r\n\r\n", ""},
		{func(w *Writer) { w.Bulk(nil) }, "$0\r\n\r\n", ""},
		{func(w *Writer) { w.Bulk([]byte(long)) }, "$40000\r\n" + long + "\r\n", ""},
		{func(w *Writer) { w.BulkString("") }, "$0\r\n\r\n", ""},
		{func(w *Writer) { w.BulkString("abc") }, "$3\r\nabc\r\n", ""},
		{func(w *Writer) { w.BulkHeader(12) }, "$12\r\n", ""},
		{func(w *Writer) { w.BulkInt(-12) }, "$3\r\n-12\r\n", ""},
		{func(w *Writer) { w.Null() }, "$-1\r\n", "_\r\n"},
		{func(w *Writer) { w.NullArray() }, "*-1\r\n", "_\r\n"},
		{func(w *Writer) { w.PlugSetLen(w.SetLenLater(), 0) }, "*0\r\n", "~0\r\n"},
		{func(w *Writer) {
			w.Raw(long) // nearly fills the chunk that the set begins in
			hole := w.SetLenLater()
			for range 12 {
				w.Bulk([]byte(long))
			}
			w.PlugSetLen(hole, 12)
			w.Int(1)
		}, long + "*12\r\n" + strings.Repeat("$40000\r\n"+long+"\r\n", 12) + ":1\r\n", long + "~12\r\n" + strings.Repeat("$40000\r\n"+long+"\r\n", 12) + ":1\r\n"},
		{func(w *Writer) { w.ArrayLen(0) }, "*0\r\n", ""},
		{func(w *Writer) { w.ArrayLen(1234) }, "*1234\r\n", ""},
		{func(w *Writer) { w.MapLen(6) }, "*12\r\n", "%6\r\n"},
		{func(w *Writer) { w.SetLen(6) }, "*6\r\n", "~6\r\n"},
		{func(w *Writer) { w.PushLen(3) }, "*3\r\n", ">3\r\n"},
		{func(w *Writer) { w.Bool(true) }, ":1\r\n", "#t\r\n"},
		{func(w *Writer) { w.Bool(false) }, ":0\r\n", "#f\r\n"},
		{func(w *Writer) { w.Double(1.5) }, "$3\r\n1.5\r\n", ",1.5\r\n"},
		{func(w *Writer) { w.Double(math.Inf(-1)) }, "$4\r\n-inf\r\n", ",-inf\r\n"},
		{func(w *Writer) { w.BigNumber("123") }, "$3\r\n123\r\n", "(123\r\n"},
		{func(w *Writer) { w.Verbatim("txt", "a\nb") }, "$3\r\na\nb\r\n", "=7\r\ntxt:a\nb\r\n"},
		{func(w *Writer) { w.Verbatim("txt", long) }, "$40000\r\n" + long + "\r\n", "=40004\r\ntxt:" + long + "\r\n"},
	} {
		if tt.resp3 == "" {
			tt.resp3 = tt.resp2
		}
		if got := written(2, tt.reply); got != tt.resp2 {
			t.Errorf("RESP2: got %.80q, want %.80q", got, tt.resp2)
		}
		if got := written(3, tt.reply); got != tt.resp3 {
			t.Errorf("RESP3: got %.80q, want %.80q", got, tt.resp3)
		}
	}
}

func TestWritingDoesNotAllocate(t *testing.T) {
	pool := &protocol.Pool{}
	defer pool.Close()
	out := protocol.NewOutput(pool)
	defer out.Release()
	w := &Writer{Out: out, Proto: 3}
	value := []byte(strings.Repeat("v", 3*contiguous))
	mark := "-" // keeps the output from becoming empty, which would drop its chunk list
	w.Raw(mark)
	run := func() {
		w.Raw(OK)
		w.Error("ERR no")
		w.Int(12345)
		w.Bulk(value[:64])
		w.Bulk(value)
		w.BulkInt(12345)
		w.Double(1.0 / 3)
		w.MapLen(17)
		w.Verbatim("txt", "text")
		out.Truncate(len(mark))
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("%v allocations per run", n)
	}
}

// Every length of a number is written as strconv writes it.
func TestNumbers(t *testing.T) {
	for i := range int64(20_000) {
		n := i
		if i > 2000 {
			n = i * 7919 % (shortMost + 1000)
		}
		got := written(2, func(w *Writer) {
			w.Int(n)
			w.ArrayLen(int(n))
		})
		if want := fmt.Sprintf(":%d\r\n*%d\r\n", n, n); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
	}
}
