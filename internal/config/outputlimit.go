package config

import (
	"fmt"
	"strconv"
	"strings"
)

// OutputLimit bounds the replies that wait for a client who does not read
// them, in the form of Redis' client-output-buffer-limit: "normal HARD SOFT
// SECONDS". A client is closed when its output passes Hard, or stays above
// Soft for SoftSeconds. 0 switches a limit off.
type OutputLimit struct {
	Hard, Soft  Size
	SoftSeconds int
}

// UnmarshalText reads "normal 1gb 0 0". The class of plain clients is the only
// one there is; replicas and subscribers do not exist yet.
func (l *OutputLimit) UnmarshalText(text []byte) error {
	const form = "write \"normal HARD SOFT SECONDS\", such as \"normal 1gb 0 0\""
	f := strings.Fields(string(text))
	if len(f) != 4 {
		return fmt.Errorf("%q is not an output buffer limit: %s", text, form)
	}
	if f[0] != "normal" {
		return fmt.Errorf("client class %q is not available in this version; available: normal", f[0])
	}
	hard, err := ParseSize(f[1])
	if err != nil {
		return err
	}
	soft, err := ParseSize(f[2])
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseUint(f[3], 10, 31)
	if err != nil {
		return fmt.Errorf("%q is not a number of seconds: %s", f[3], form)
	}
	*l = OutputLimit{Hard: hard, Soft: soft, SoftSeconds: int(seconds)}
	return nil
}

// String writes the limit as it is written in a profile.
func (l OutputLimit) String() string {
	return fmt.Sprintf("normal %s %s %d", l.Hard, l.Soft, l.SoftSeconds)
}
