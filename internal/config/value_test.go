package config

import (
	"fmt"
	"reflect"
	"testing"
	"time"
)

// The values are what redis-server 7.0 answers to CONFIG SET maxmemory, plus
// the IEC and tera units that it refuses.
func TestParseSize(t *testing.T) {
	for text, want := range map[string]Size{
		"0": 0, "100": 100, "1b": 1,
		"1k": 1000, "1K": 1000, "1kb": 1024, "1Kb": 1024,
		"1m": 1000000, "1mb": 1 << 20,
		"1g": 1000000000, "1G": 1000000000, "1gb": 1 << 30, "4GB": 4 << 30,
		"4GiB": 4 << 30, "512mib": 512 << 20, "1tb": 1 << 40,
		"9223372036854775807": 1<<63 - 1,
	} {
		if got, err := ParseSize(text); err != nil || got != want {
			t.Errorf("ParseSize(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "gb", "1 gb", "1.5gb", "-1", "+1", "50%", "1x", "9223372036854775808", "99999999999gb", "0x10", "１gb"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("ParseSize(%q) = %d, want an error", text, got)
		}
	}
}

func TestSizeStringReadsBack(t *testing.T) {
	for _, s := range []Size{0, 1, 1000, 1024, 1025, 1 << 20, 1<<20 + 1, 3 << 30, 1 << 40} {
		if back, err := ParseSize(s.String()); err != nil || back != s {
			t.Errorf("%d prints as %s and reads back as %d, %v", int64(s), s, int64(back), err)
		}
	}
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "10": 10 * time.Second, "10s": 10 * time.Second, "1m30s": 90 * time.Second, "250ms": 250 * time.Millisecond,
	} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || d.Duration != want {
			t.Errorf("%q = %v, %v; want %v", text, d, err, want)
		}
	}
	for _, text := range []string{"", "-1", "-1s", "ten", "10 s", "99999999999999"} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q = %v, want an error", text, d)
		}
	}
}

func TestFileMode(t *testing.T) {
	for text, want := range map[string]FileMode{"0770": 0o770, "770": 0o770, "0o700": 0o700, "0": 0} {
		var m FileMode
		if err := m.UnmarshalText([]byte(text)); err != nil || m != want {
			t.Errorf("%q = %v, %v; want %v", text, m, err, want)
		}
	}
	for _, text := range []string{"", "0888", "1777", "rwx", "-1"} {
		var m FileMode
		if err := m.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q = %v, want an error", text, m)
		}
	}
}

func TestCPUList(t *testing.T) {
	read := func(texts ...string) ([]int, error) {
		l := make(CPUList, len(texts))
		for i, text := range texts {
			if err := l[i].UnmarshalText([]byte(text)); err != nil {
				return nil, err
			}
			if l[i].String() != text {
				t.Errorf("%q prints as %s", text, l[i])
			}
		}
		return l.CPUs()
	}
	got, err := read("8", "0-3")
	if err != nil || !reflect.DeepEqual(got, []int{8, 0, 1, 2, 3}) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, texts := range [][]string{{""}, {"a"}, {"3-1"}, {"1", "0-2"}, {"0-99999"}, {"-1"}, {"1-"}, {" 5 - 6"}} {
		if got, err := read(texts...); err == nil {
			t.Errorf("%q = %v, want an error", texts, got)
		}
	}
}

func TestOutputLimit(t *testing.T) {
	var l OutputLimit
	if err := l.UnmarshalText([]byte("normal 256mb 64mb 60")); err != nil {
		t.Fatal(err)
	}
	if want := (OutputLimit{Hard: 256 << 20, Soft: 64 << 20, SoftSeconds: 60}); l != want {
		t.Fatalf("got %+v", l)
	}
	if l.String() != "normal 256mb 64mb 60" {
		t.Fatalf("prints as %s", l)
	}
	for _, text := range []string{"", "normal 1gb 0", "pubsub 32mb 8mb 60", "normal x 0 0", "normal 0 x 0", "normal 0 0 x", "normal 0 0 -1"} {
		if err := l.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

func TestNearest(t *testing.T) {
	words := []string{"maxmemory", "policy", "backend"}
	for word, want := range map[string]string{"maxmemry": "maxmemory", "polcy": "policy", "policy": "policy", "zebra": "", "max_memory": "maxmemory"} {
		if got := nearest(word, words); got != want {
			t.Errorf("nearest(%q) = %q, want %q", word, got, want)
		}
	}
	if d := editDistance("kitten", "sitting"); d != 3 {
		t.Errorf("kitten to sitting is 3 edits, got %d", d)
	}
}

func TestSegmentSizeFor(t *testing.T) {
	for maxmemory, want := range map[Size]Size{
		1 << 30: 1 << 20, 256 << 20: 1 << 20, 255 << 20: 512 << 10, 64 << 20: 256 << 10, 16 << 20: 64 << 10, 1 << 20: 64 << 10, 0: 64 << 10,
	} {
		if got := SegmentSizeFor(maxmemory); got != want {
			t.Errorf("maxmemory %s: segments of %s, want %s", maxmemory, got, want)
		}
	}
}

func TestNodes(t *testing.T) {
	for text, want := range map[string]string{"none": "[] false", "interleave": "[0 1] true", "0": "[0] false", "0-2,5": "[0 1 2 5] false"} {
		nodes, interleave, err := (&Cache{NUMA: text}).Nodes([]int{0, 1})
		if got := fmt.Sprint(nodes, interleave); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", text, got, err, want)
		}
	}
	for _, bad := range []string{"", "x", "1-", "2-1", "0,,1"} {
		if nodes, _, err := (&Cache{NUMA: bad}).Nodes(nil); err == nil {
			t.Errorf("%q is %v", bad, nodes)
		}
	}
}
