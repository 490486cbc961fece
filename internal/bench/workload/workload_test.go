package workload

import (
	"strings"
	"testing"
)

func TestKeyNames(t *testing.T) {
	keys := DefaultKeys(1_000_000)
	for id, want := range map[uint64]string{0: "key:000000000000", 42: "key:000000000042", 999_999: "key:000000999999"} {
		if got := string(keys.Append([]byte("x"), id)); got != "x"+want {
			t.Errorf("key %d is %q, want %q", id, got, want)
		}
	}
}

func TestValidateRefuses(t *testing.T) {
	get := MustCommand("", "GET {key}")
	for want, change := range map[string]func(*Workload){
		"no key":            func(w *Workload) { w.Keys.Count = 0 },
		"at most 250":       func(w *Workload) { w.Keys.Length = 251 },
		"tell 11 keys":      func(w *Workload) { w.Keys = Keys{Prefix: "k", Length: 2, Count: 11} },
		"no command":        func(w *Workload) { w.Commands = nil },
		"negative weight":   func(w *Workload) { w.Commands[0].Weight = -1 },
		"weights of all":    func(w *Workload) { w.Commands[0].Weight = 0 },
		"lacks a key":       func(w *Workload) { w.Access = nil },
		"at most 536870912": func(w *Workload) { w.Sizes = FixedSize(1 << 30) },
	} {
		w := Uniform(10, 64, get)
		change(w)
		if err := w.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	if err := Uniform(10, 64, get).Validate(); err != nil {
		t.Error(err)
	}
}

func TestValueRoundTrip(t *testing.T) {
	values := NewValues(1000)
	for _, size := range []int{0, 1, 16, 31, 32, 33, 64, 1000} {
		for _, key := range []uint64{0, 1, 4092, 4093, 1 << 40} {
			value := values.Append(nil, key, 7, size)
			if len(value) != size {
				t.Fatalf("size %d: got %d bytes", size, len(value))
			}
			version, err := values.Check(value, key)
			if err != nil {
				t.Errorf("size %d, key %d: %v", size, key, err)
			}
			if want := uint64(7); size >= 32 && version != want {
				t.Errorf("size %d: version %d, want %d", size, version, want)
			}
			if _, err := values.Check(value, key+1<<44); err == nil && size > 0 {
				t.Errorf("size %d: value %q passes for another key", size, value)
			}
		}
	}
}

// Any single changed byte of a value with a header must be noticed, except in the version, which any value may have.
func TestValueDamage(t *testing.T) {
	values := NewValues(100)
	for i := range 100 {
		if i >= valueKeyDigits && i < valueKeyDigits+valueVersionDigits {
			continue
		}
		value := values.Append(nil, 99, 1, 100)
		value[i] ^= 1
		if _, err := values.Check(value, 99); err == nil {
			t.Errorf("changed byte %d went unnoticed", i)
		}
	}
	other := values.Append(nil, 5, 1, 100)
	if _, err := values.Check(other, 99); err != ErrForeignValue {
		t.Errorf("another key's value: %v", err)
	}
	if _, err := values.Check(other, AnyKey); err != nil {
		t.Errorf("any key's value: %v", err)
	}
	if _, err := values.Check(other[:90], 5); err != ErrCutValue {
		t.Errorf("a cut value: %v", err)
	}
	if _, err := values.Check(make([]byte, 200), 0); err == nil {
		t.Error("a value longer than any stored must be refused")
	}
	huge := appendHeader(nil, 3, 1, 5000)
	huge = append(huge, make([]byte, 5000-valueHeader)...)
	if _, err := values.Check(huge, 3); err == nil {
		t.Error("a value longer than the pool must be refused")
	}
}

func TestParseCommand(t *testing.T) {
	c := MustCommand("", "MGET {keys:3} {key} lit m:{number:9} {ttl} {value}")
	kinds := []WordKind{Literal, KeyList, Key, Literal, Number, TTL, Value}
	for i, k := range kinds {
		if c.Words[i].Kind != k {
			t.Errorf("word %d has kind %d, want %d", i, c.Words[i].Kind, k)
		}
	}
	if c.Name != "MGET" || c.Effect != Read || c.Keys() != 3 || !c.HasValue() || c.Words[4].Text != "m:" {
		t.Errorf("%+v", c)
	}
	for _, bad := range []string{
		"", "{key}", "GET {kay}", "GET {key", "GET x{key}", "GET {key}x", "MGET {keys}", "MGET {keys:0}", "MGET {keys:4097}",
		"SET {key} {value} {value}", "X {number:x}", "X {key:1}",
	} {
		if _, err := ParseCommand("", 1, bad); err == nil {
			t.Errorf("%q must be refused", bad)
		}
	}
}

func TestGeneratorFollowsWeights(t *testing.T) {
	w := Uniform(100, 64, MustCommand("", "GET {key}"))
	w.Commands[0].Weight = 9
	w.Commands = append(w.Commands, MustCommand("", "SET {key} {value}"), MustCommand("", "MGET {keys:5}"))
	w.Commands[2].Weight = 0
	g, same := NewGenerator(w, 1, 1), NewGenerator(w, 1, 1)
	var counts [3]int
	seen := map[uint64]bool{}
	for range 100_000 {
		var r, again Request
		g.Next(&r)
		same.Next(&again)
		if r.Key != again.Key || r.Command != again.Command {
			t.Fatal("the same seed must give the same requests")
		}
		counts[r.Command]++
		seen[r.Key] = true
		if r.Key >= 100 {
			t.Fatalf("key %d of 100", r.Key)
		}
		if want := []int{0, 64}[r.Command]; r.Size != want {
			t.Fatalf("command %d carries %d bytes", r.Command, r.Size)
		}
	}
	if counts[2] != 0 || counts[1] < 9_000 || counts[1] > 11_000 {
		t.Errorf("9:1:0 gave %v", counts)
	}
	if len(seen) != 100 {
		t.Errorf("100,000 draws met %d of 100 keys", len(seen))
	}
}

func TestGeneratorDoesNotAllocate(t *testing.T) {
	w := Uniform(100, 64, MustCommand("", "MGET {keys:5}"))
	g := NewGenerator(w, 1, 1)
	var r Request
	if n := testing.AllocsPerRun(1000, func() { g.Next(&r) }); n != 0 {
		t.Errorf("%v allocations per request", n)
	}
	if len(r.List) != 5 || r.Key != r.List[0] {
		t.Errorf("%+v", r)
	}
}
