package redisconf

import (
	"slices"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, x := range []struct {
		line  string
		words []string
	}{
		{"  save 900\t1 ", []string{"save", "900", "1"}},
		{`requirepass "a b\"c\x41\n\\"`, []string{"requirepass", "a b\"cA\n\\"}},
		{`save ""`, []string{"save", ""}},
		{`save ''`, []string{"save", ""}},
		{`a 'it\'s "so"' b`, []string{"a", `it's "so"`, "b"}},
		{`a\b c`, []string{`a\b`, "c"}},
		{`ab"cd" e`, []string{"abcd", "e"}},
		{`"\xzz\q"`, []string{"xzzq"}},
		{"", nil},
	} {
		words, err := Split(x.line)
		if err != nil || !slices.Equal(words, x.words) {
			t.Errorf("%s: %q, %v", x.line, words, err)
		}
	}
	for _, line := range []string{`a "b`, `a 'b`, `a "b"c`, `a 'b'c`, `a "\`} {
		if words, err := Split(line); err == nil {
			t.Errorf("%s: %q", line, words)
		}
	}
}

func FuzzQuoteIsSplitBack(f *testing.F) {
	for _, s := range []string{"", "plain", "two words", "\"'\\", "\x00\n\x7f", "#x", "ä"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		words, err := Split(Quote(s))
		if err != nil || len(words) != 1 || words[0] != s {
			t.Errorf("%q is written %s and read %q, %v", s, Quote(s), words, err)
		}
	})
}
