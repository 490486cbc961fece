package command

import "testing"

// TestFieldsWithoutNumber lies here, not among the cases that are compared: the
// reference server reads on behind a request that ends so.
func TestFieldsWithoutNumber(t *testing.T) {
	c := newTestClient(t)
	for _, s := range []struct{ option, want string }{
		{"FIELDS", "-" + errFieldsPositive + "\r\n"},
		{"BOGUS", "-" + errFieldsMissing + "\r\n"},
	} {
		if got := c.do("HGETEX", "h", "EX", "10", s.option); got != s.want {
			t.Errorf("HGETEX with %s at the end replies %q, want %q", s.option, got, s.want)
		}
	}
}
