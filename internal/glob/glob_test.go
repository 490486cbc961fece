package glob

import (
	"strings"
	"testing"
	"time"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern string
		yes, no []string
	}{
		{"abc", []string{"abc"}, []string{"ab", "abcd", "ABC", ""}},
		{"", []string{""}, []string{"a"}},
		{"*", []string{"a", "abc"}, []string{""}},
		{"a*", []string{"a", "abc"}, []string{"ba", ""}},
		{"*a", []string{"a", "bca"}, []string{"ab"}},
		{"a**c", []string{"ac", "abbc"}, []string{"abcd"}},
		{"a?c", []string{"abc", "a?c"}, []string{"ac", "abbc"}},
		{"h[ae]llo", []string{"hallo", "hello"}, []string{"hillo", "hllo"}},
		{"h[^e]llo", []string{"hallo", "h^llo"}, []string{"hello", "hllo"}},
		{"[a-c]", []string{"a", "b", "c"}, []string{"d", "-"}},
		{"[c-a]", []string{"a", "b", "c"}, []string{"d", "-"}},
		{"[a-]", []string{"a", "]", "^"}, []string{"b", "-"}},
		{"[a-]]", []string{"]", "^", "a"}, []string{"b", "-]"}},
		{"[\\]]", []string{"]"}, []string{"\\", "\\]"}},
		{"[\\a-c]", []string{"a", "-", "c"}, []string{"b", "\\"}},
		{"[a-\\c]", []string{"a", "\\", "]", "c"}, []string{"b", "-"}},
		{"[]", nil, []string{"", "[", "]", "[]"}},
		{"[^]", []string{"a", "]"}, []string{"", "ab"}},
		{"[abc", []string{"a", "c"}, []string{"[", "d"}},
		{"[^", []string{"x"}, []string{"", "xx"}},
		{"[", nil, []string{"[", ""}},
		{"\\*", []string{"*"}, []string{"a", "\\*"}},
		{"a\\", []string{"a\\"}, []string{"a"}},
		{"\\\\", []string{"\\"}, []string{"\\\\"}},
		{"[a-\xff]", []string{"a", "\xff", "\x00", " "}, []string{"b", "\x80", "\xfe"}},
		{"[\x80-\xff]", []string{"\x80", "\xc0", "\xff"}, []string{"\x7f", "a"}},
		{"a\x00b*", []string{"a\x00bc"}, []string{"a", "a\x00"}},
	}
	for _, tt := range tests {
		for _, name := range tt.yes {
			if !Match([]byte(tt.pattern), []byte(name)) {
				t.Errorf("%q should match %q", tt.pattern, name)
			}
		}
		for _, name := range tt.no {
			if Match([]byte(tt.pattern), []byte(name)) {
				t.Errorf("%q should not match %q", tt.pattern, name)
			}
		}
	}
}

// TestManyStars would take longer than the universe without the bound on
// what stars retry.
func TestManyStars(t *testing.T) {
	name := []byte(strings.Repeat("a", 10000))
	begin := time.Now()
	if Match([]byte(strings.Repeat("a*", 500)+"b"), name) {
		t.Error("matched a name without a b")
	}
	if Match([]byte(strings.Repeat("*?", 5000)+"b"), name) {
		t.Error("matched a name without a b")
	}
	if took := time.Since(begin); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestNesting(t *testing.T) {
	name := []byte(strings.Repeat("a", 3000))
	for _, tt := range []struct {
		stars int
		want  bool
	}{{1000, true}, {1001, false}} {
		// Stars that are separated each take a level of nesting.
		if got := Match([]byte(strings.Repeat("*a", tt.stars)), name); got != tt.want {
			t.Errorf("%d stars: %v, want %v", tt.stars, got, tt.want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add([]byte("a*[b-c]?\\d"), []byte("axxcyd"))
	f.Fuzz(func(t *testing.T, pattern, name []byte) {
		if len(pattern) > 1000 || len(name) > 1000 {
			return
		}
		Match(pattern, name)
		literal := make([]byte, 0, 2*len(name))
		for _, b := range name {
			literal = append(literal, '\\', b)
		}
		if !Match(literal, name) {
			t.Errorf("%q does not match itself", name)
		}
	})
}
