package wire

import "testing"

// Tokens and numbers of replies, whatever stands around them.
func TestTokens(t *testing.T) {
	for reply, want := range map[string]uint64{
		"VALUE k 0 1 42\r\nx\r\nEND\r\n":          42,
		"VALUE k 0 1\r\nx\r\nEND\r\n":             0,
		"VA 1 f0 c17 t-1\r\nx\r\n":                17,
		"VA 1 f0\r\nx\r\n":                        0,
		"VALUE k 0 1 4x2\r\nx\r\nEND\r\n":         0,
		"END\r\n":                                 0,
		"VA 1 kcc c18446744073709551615\r\nx\r\n": 18446744073709551615,
	} {
		p := &MemcacheParser{}
		if n, done, err := p.Feed([]byte(reply)); n != len(reply) || !done || err != nil || p.Reply().CAS != want {
			t.Errorf("%q: token %d, want %d (%d of %d bytes, %v, %v)", reply, p.Reply().CAS, want, n, len(reply), done, err)
		}
	}
	for reply, want := range map[string]int64{":12\r\n": 12, ":-3\r\n": -3, ":x\r\n": 0, "+OK\r\n": 0} {
		p := &RESPParser{}
		if _, done, err := p.Feed([]byte(reply)); !done || err != nil || p.Reply().Number != want {
			t.Errorf("%q: %d, %v", reply, p.Reply().Number, err)
		}
	}
}
