package wire

import (
	"errors"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// binaryReply makes one by hand, after the protocol's description.
func binaryReply(opcode, status byte, extras, key, value string) string {
	total := len(extras) + len(key) + len(value)
	header := []byte{0x81, opcode, 0, byte(len(key)), byte(len(extras)), 0, 0, status, 0, 0, byte(total >> 8), byte(total)}
	return string(header) + strings.Repeat("\x00", 12) + extras + key + value
}

func init() {
	parserCases = append(parserCases, []parserCase{
		{MemcacheBinary, binaryReply(0x00, 0, "\x00\x00\x00\x00", "", "hello"), []outcome{{values: 1, bodies: "hello|"}}},
		{MemcacheBinary, binaryReply(0x00, 0, "\x00\x00\x00\x00", "", ""), []outcome{{values: 1, bodies: "|"}}},
		{MemcacheBinary, binaryReply(0x1d, 0, "\x00\x00\x00\x00", "key", "v") + binaryReply(0x00, 1, "", "", "Not found"), []outcome{{values: 1, bodies: "v|"}, {}}},
		{MemcacheBinary, binaryReply(0x01, 0, "", "", "") + binaryReply(0x01, 5, "", "", ""), []outcome{{}, {}}},
		{MemcacheBinary, binaryReply(0x01, 0x82, "", "", "Out of memory"), []outcome{{failed: true, text: "status 0x0082"}}},
	}...)
}

func TestBinaryParserRefuses(t *testing.T) {
	for _, in := range []string{
		strings.Repeat("E", 24),
		"\x80" + binaryReply(0, 0, "", "", "")[1:],
		"\x81\x00\x00\x09\x00\x00\x00\x00\x00\x00\x00\x08" + strings.Repeat("\x00", 12),
		"\x81\x00\x00\x00\x00\x00\x00\x00\xff\x00\x00\x00" + strings.Repeat("\x00", 12),
	} {
		if _, _, err := MemcacheBinary.NewParser().Feed([]byte(in)); !errors.Is(err, ErrProtocol) {
			t.Errorf("%q must be refused, got %v", in, err)
		}
	}
}

func TestEncodeBinary(t *testing.T) {
	const key = "key:000000000007"
	value := string(workload.NewValues(40).Append(nil, 7, 3, 40))
	zeros := strings.Repeat("\x00", 12)
	for _, c := range []struct {
		template string
		request  workload.Request
		want     string
	}{
		{"get {key}", workload.Request{Key: 7}, "\x80\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00\x10" + zeros + key},
		{
			"set {key} 0 {ttl} {value}",
			workload.Request{Key: 7, Version: 3, Size: 40, TTL: 60},
			"\x80\x01\x00\x10\x08\x00\x00\x00\x00\x00\x00\x40" + zeros + "\x00\x00\x00\x00\x00\x00\x00\x3c" + key + value,
		},
		{
			"incr {key} {number:1}",
			workload.Request{Key: 7},
			"\x80\x05\x00\x10\x14\x00\x00\x00\x00\x00\x00\x24" + zeros + strings.Repeat("\x00", 20) + key,
		},
		{"touch {key} {ttl}", workload.Request{Key: 7, TTL: 1}, "\x80\x1c\x00\x10\x04\x00\x00\x00\x00\x00\x00\x14" + zeros + "\x00\x00\x00\x01" + key},
		{"noop", workload.Request{}, "\x80\x0a" + strings.Repeat("\x00", 22)},
	} {
		if got := encode(t, MemcacheBinary, c.template, c.request); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.template, got, c.want)
		}
	}
	for _, bad := range []string{"mg {key}", "get {keys:2}"} {
		if _, err := NewEncoder(MemcacheBinary, workload.Uniform(1, 1, workload.MustCommand("", bad))); err == nil {
			t.Errorf("%q must be refused", bad)
		}
	}
}
