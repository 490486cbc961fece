package rdb

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/store"
)

// Blobs of forms that are only read.
const (
	// ziplist of "ab", 5, -3 (one byte), 300, "a long..."
	ziplistHead = "\x00\x02ab" + "\x04\xf6" + "\x02\xfe\xfd" + "\x03\xc0\x2c\x01"
	zipmapBlob  = "\x02" + "\x03foo\x03\x00bar" + "\x05hello\x05\x01world." + "\xff"
)

// ziplistOf completes a ziplist: header, elements, the offset of the last and
// their number.
func ziplistOf(elements string, last, n int) string {
	b := binary.LittleEndian.AppendUint32(nil, uint32(ziplistHeader+len(elements)+1))
	b = binary.LittleEndian.AppendUint32(b, uint32(last))
	b = binary.LittleEndian.AppendUint16(b, uint16(n))
	return string(b) + elements + "\xff"
}

func blob(s string) string {
	e := Encoder{}
	e.Length(uint64(len(s)))
	return string(e.B) + s
}

func le64(n uint64) string { return string(binary.LittleEndian.AppendUint64(nil, n)) }

func pack(elements ...string) string {
	var room packRoom
	p := object.NewPack(&room, 0)
	for _, e := range elements {
		p.Append([]byte(e))
	}
	return string(p.Bytes())
}

func TestOldForms(t *testing.T) {
	heap := newHeap(t)
	four := ziplistOf(ziplistHead, ziplistHeader+9, 4)
	far := "\x00\x40\xff" + strings.Repeat("x", 255) + "\xfe\x02\x01\x00\x00\x80\x00\x00\x00\x01y"
	for _, c := range []struct {
		name string
		in   string
		typ  store.Type
		want string
	}{
		{"list", "\x01\x02\x01a\xc0\x05", store.TypeList, `"a" "5" `},
		{"list ziplist", "\x0a" + blob(four), store.TypeList, `"ab" "5" "-3" "300" `},
		{"list ziplist far", "\x0a" + blob(ziplistOf(far, ziplistHeader+258, 2)), store.TypeList, `"` + strings.Repeat("x", 255) + `" "y" `},
		{"quicklist", "\x0e\x02" + blob(four) + blob(ziplistOf("\x00\x01z", ziplistHeader, 1)), store.TypeList, `"ab" "5" "-3" "300" "z" `},
		{"quicklist2 plain", "\x12\x02\x01\x03xyz\x02" + blob(pack("1", "b")), store.TypeList, `"xyz" "1" "b" `},
		{"set", "\x02\x03\x01a\xc0\x05\x01b", store.TypeSet, `"a" "5" "b" `},
		{"set packed", "\x14" + blob(pack("q", "7")), store.TypeSet, `"q" "7" `},
		{"zset", "\x03\x02\x01a\x031.5\x01b\xff", store.TypeZSet, `"b" "-inf" "a" "1.5" `},
		{"zset ziplist", "\x0c" + blob(four), store.TypeZSet, `"ab" "5" "-3" "300" `},
		{"hash ziplist", "\x0d" + blob(four), store.TypeHash, `"ab" "5" "-3" "300" `},
		{"hash zipmap", "\x09" + blob(zipmapBlob), store.TypeHash, `"foo" "bar" "hello" "world" `},
		{"hash of times, old", "\x16\x02\x05\x01a\x01b\x00\x01c\x01d", store.TypeHash, `"a" "b" "5" "c" "d" "0" `},
		{"hash of times", "\x18" + le64(1000) + "\x02\x01\x01a\x01b\x00\x01c\x01d", store.TypeHash, `"a" "b" "1000" "c" "d" "0" `},
		{"hash packed with times, old", "\x17" + blob(pack("a", "b", "5", "c", "d", "0")), store.TypeHash, `"a" "b" "5" "c" "d" "0" `},
		{"hash packed with times, out of order", "\x19" + le64(5) + blob(pack("c", "d", "0", "a", "b", "5")), store.TypeHash, `"a" "b" "5" "c" "d" "0" `},
		{"zset packed, out of order", "\x11" + blob(pack("a", "2", "b", "1")), store.TypeZSet, `"b" "1" "a" "2" `},
		{"hash packed, numbers as text", "\x10" + blob("\x0e\x00\x00\x00\x02\x00\x8212\x03\x81a\x02\xff"), store.TypeHash, `"12" "a" `},
	} {
		d := NewDecoder([]byte(c.in), nil, usual)
		v, _, err := d.Payload(heap)
		switch {
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		case v.Type != c.typ || show(v) != c.want || !d.atEnd():
			t.Errorf("%s: type %d %s, want %s", c.name, v.Type, show(v), c.want)
		}
		v.Release()
	}
}

// TestRefused holds what must not be believed against its reason.
func TestRefused(t *testing.T) {
	heap := newHeap(t)
	for _, c := range []struct{ in, reason string }{
		{"", "truncated"},
		{"\x00\x05abc", "truncated"},
		{"\x00\x80\xff\xff\xff\xff", "longer than may be"},
		{"\x00\x81\x00\x00\x00\x00\x10\x00\x00\x00", "truncated"},
		{"\x00\xc4", "unknown encoding"},
		{"\x00\xc3\x02\x80\x00\xff\xff\xff\x00\x00", "can't stand for"},
		{"\x00\xc3\x02\x05\x40\x00", "compressed"},
		{"\x02\x81\xff\xff\xff\xff\xff\xff\xff\xff", "elements of"},
		{"\x02\x02\x01a\x01a", memberTwice},
		{"\x02\x02\xc0\x05\xc0\x05", memberTwice},
		{"\x0b" + blob("\x02\x00\x00\x00\x02\x00\x00\x00\x05\x00\x04\x00"), "ascending"},
		{"\x0b" + blob("\x03\x00\x00\x00\x00\x00\x00\x00"), "intset"},
		{"\x14" + blob(pack("a", "b", "a")), memberTwice},
		{"\x10" + blob(pack("a", "b", "a", "c")), fieldTwice},
		{"\x10" + blob(pack("a", "b", "c")), "within a field"},
		{"\x11" + blob(pack("a", "1", "a", "2")), memberTwice},
		{"\x11" + blob(pack("a", "nan")), badScore},
		{"\x11" + blob(pack("a", "b")), badScore},
		{"\x05\x01\x01a" + le64(0x7ff8000000000001), badScore},
		{"\x17" + blob(pack("a", "b", "x")), "time"},
		{"\x12\x01\x03\x01a", "container"},
		{"\x12\x01\x02" + blob("\x00"), "listpack"},
		{"\x06", "module"},
		{"\x07", "truncated"},
		{"\x07\x81\x00\x00\x00\x00\x00\x00\x00\x00", "of the module 0x0"},
		{"\x07\x81\xbd\xe7\x2d\xa2\xbb\x1e\xb4\x00\x05\x00", "a part of kind 5"},
		{"\x08", "unknown type"},
		{"\xff", "unknown type"},
		{"\x13\x01" + blob("short") + strings.Repeat("x", 20), "16 bytes"},
		{"\x13\x01" + blob(strings.Repeat("\x00", 16)) + blob(pack("1", "0", "0", "0")), "number of entries"},
		{"\x13\x01" + blob(strings.Repeat("\x00", 16)) + blob(pack("1", "0", "0", "0", "2", "1", "1", "3")) + "\x01\x00\x00", "last ID"},
		{"\x13\x01" + blob(strings.Repeat("\x00", 16)) + blob(pack("1", "0", "0", "0", "2", "1", "1", "4")), "entry is damaged"},
	} {
		d := NewDecoder([]byte(c.in), nil, usual)
		v, _, err := d.Payload(heap)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Reason, c.reason) {
			t.Errorf("%q: %v %v, want %s", c.in, show(v), err, c.reason)
		}
	}
	if n := heap.Bytes(); n > 8<<20 {
		t.Errorf("%d bytes of objects are left", n)
	}
}

// TestReadsInPieces decodes from a reader that gives a byte at a time.
func TestReadsInPieces(t *testing.T) {
	heap := newHeap(t)
	in := "\x02\x03\x01a\xc0\x05" + blob(strings.Repeat("b", windowSize+100))
	d := NewFileDecoder(iotest.OneByteReader(strings.NewReader(in)), int64(len(in)), usual)
	v, _, err := d.Payload(heap)
	if err != nil || v.Object.Len() != 3 || d.sum() != Checksum(0, []byte(in)) || d.Offset() != int64(len(in)) {
		t.Errorf("%v %v, sum %#x", v, err, d.sum())
	}
	v.Release()
	cut := NewFileDecoder(strings.NewReader(in[:9]), int64(len(in)), usual)
	if _, _, err := cut.Payload(heap); err == nil {
		t.Error("a file shorter than it said was read")
	}
}

// FuzzPayload looks for bytes that crash the decoder, leave memory behind, or
// make a value that can't be written and read again.
func FuzzPayload(f *testing.F) {
	for _, s := range []string{
		"\x00\x05hello", "\x01\x02\x01a\xc0\x05", "\x0e\x01" + blob(ziplistOf(ziplistHead, ziplistHeader+9, 4)),
		"\x09" + blob(zipmapBlob), "\x14" + blob(pack("q", "7")), "\x11" + blob(pack("a", "2", "b", "1")),
		"\x18" + le64(1000) + "\x02\x01\x01a\x01b\x00\x01c\x01d", "\x19" + le64(5) + blob(pack("a", "b", "5")),
		"\x12\x02\x01\x03xyz\x02" + blob(pack("1", "b")), "\x0b" + blob("\x02\x00\x00\x00\x01\x00\x00\x00\x05\x00"),
		"\x05\x01\x01a" + le64(0), "\x10" + blob(pack("a", "b")),
		"\x15\x01" + blob(strings.Repeat("\x00", 16)) + blob(pack("1", "0", "1", "f", "0", "2", "1", "1", "v", "4")) +
			"\x01\x01\x01\x00\x00\x00\x00\x01\x01\x01g\x01\x01\x01\x01" + strings.Repeat("\x00", 16) + le64(9) + "\x01" +
			"\x01\x01c" + le64(1) + le64(2) + "\x01" + strings.Repeat("\x00", 16),
	} {
		f.Add([]byte(s))
	}
	heap := newHeap(f)
	limits := usual
	limits.Memory = 1 << 20
	f.Fuzz(func(t *testing.T, p []byte) {
		d := NewDecoder(p, nil, limits)
		v, empty, err := d.Payload(heap)
		if err != nil || empty {
			return
		}
		// A hash whose fields had times once is not of that form any more the
		// second time.
		again := reread(t, heap, &v)
		third := reread(t, heap, &again)
		if show(third) != show(again) || v.Form == again.Form && show(v) != show(again) {
			t.Fatalf("%s became %s and %s", show(v), show(again), show(third))
		}
		third.Release()
		v.Release()
		again.Release()
		if heap.Bytes() > 8<<20 {
			t.Fatal("objects are left")
		}
	})
}

// reread writes a value and reads it again.
func reread(t *testing.T, heap *object.Heap, v *Value) Value {
	v.Bytes = append([]byte(nil), v.Bytes...)
	b := body(v, true, 100)
	again, empty, err := NewDecoder(b, nil, usual).Payload(heap)
	if err != nil || empty {
		t.Fatalf("%s can't be read: %v", show(*v), err)
	}
	return again
}
