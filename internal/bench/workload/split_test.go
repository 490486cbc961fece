package workload

import (
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	words, err := Words(`  EVAL "return {KEYS[1], '{value}'}" 1 'a "b"'  x{y `)
	if want := []string{"EVAL", "return {KEYS[1], '{value}'}", "1", `a "b"`, "x{y"}; err != nil || !slices.Equal(words, want) {
		t.Errorf("%q, %v", words, err)
	}
	for _, bad := range []string{`GET "a`, `GET 'a'b`} {
		if _, err := Words(bad); err == nil {
			t.Errorf("%s must be refused", bad)
		}
	}
	c := MustCommand("", `EVAL "return {1}" 1 {key}`)
	if c.Words[1] != (Word{Kind: Literal, Text: "return {1}"}) || c.Words[3].Kind != Key {
		t.Errorf("%+v", c.Words)
	}
}

func TestCASCommand(t *testing.T) {
	c := MustCommand("", "ms {key} {value} C{cas}")
	if !c.UsesCAS() || c.Effect != Other || c.Words[3] != (Word{Kind: CAS, Text: "C"}) {
		t.Errorf("%+v", c)
	}
	if _, err := ParseCommand("", 1, "cas x{key} 1"); err == nil || !strings.Contains(err.Error(), "{cas}") {
		t.Errorf("got %v", err)
	}
}
