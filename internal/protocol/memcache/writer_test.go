package memcache

import (
	"math"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/protocol"
)

func TestReplies(t *testing.T) {
	long := strings.Repeat("x", 40000)
	for _, tt := range []struct {
		reply func(*Writer)
		want  string
	}{
		{func(w *Writer) { w.Status(Stored) }, "STORED\r\n"},
		{func(w *Writer) { w.Error(ErrTooLarge) }, "SERVER_ERROR object too large for cache\r\n"},
		{func(w *Writer) { w.Error(ErrLineTooLong) }, ""},
		{func(w *Writer) { w.Value([]byte("a"), 5, []byte("xyz"), 7, false) }, "VALUE a 5 3\r\nxyz\r\n"},
		{func(w *Writer) { w.Value([]byte("a"), math.MaxUint32, nil, math.MaxUint64, true) }, "VALUE a 4294967295 0 18446744073709551615\r\n\r\n"},
		{func(w *Writer) { w.Value([]byte("a"), 0, []byte(long), 7, true) }, "VALUE a 0 40000 7\r\n" + long + "\r\n"},
		{func(w *Writer) { w.ValueHeader([]byte("a"), 1, 1<<20, 7, false) }, "VALUE a 1 1048576\r\n"},
		{func(w *Writer) { w.Status(End) }, "END\r\n"},
		{func(w *Writer) { w.Number(math.MaxUint64) }, "18446744073709551615\r\n"},
		{func(w *Writer) { w.Version("1.6.38") }, "VERSION 1.6.38\r\n"},
		{func(w *Writer) { w.Stat("version", "1.6.38") }, "STAT version 1.6.38\r\n"},
		{func(w *Writer) { w.StatUint("cmd_get", 12) }, "STAT cmd_get 12\r\n"},
	} {
		pool := &protocol.Pool{}
		out := protocol.NewOutput(pool)
		tt.reply(&Writer{Out: out})
		var got strings.Builder
		for _, run := range out.Vector(nil, math.MaxInt) {
			got.Write(run)
		}
		if got.String() != tt.want {
			t.Errorf("got %.80q, want %.80q", got.String(), tt.want)
		}
		out.Release()
		pool.Close()
	}
}

func TestWritingDoesNotAllocate(t *testing.T) {
	pool := &protocol.Pool{}
	defer pool.Close()
	out := protocol.NewOutput(pool)
	defer out.Release()
	w := &Writer{Out: out}
	key, value := []byte("key"), []byte(strings.Repeat("v", 3*contiguous))
	w.Status(OK) // keeps the output from becoming empty, which would drop its chunk list
	mark := out.Len()
	run := func() {
		w.Value(key, 1, value[:64], 7, true)
		w.Value(key, 1, value, 7, false)
		w.Status(End)
		w.Error(ErrFormat)
		w.Number(12345)
		w.Stat("name", "value")
		w.StatUint("name", 7)
		out.Truncate(mark)
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("%v allocations per run", n)
	}
}
