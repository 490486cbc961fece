package config

import (
	"fmt"
	"strconv"
)

// FileMode is the permission of a unix socket, octal in text ("0770"). 0 leaves
// it to the umask, as unixsocketperm 0 does for Redis.
type FileMode uint32

// UnmarshalText reads octal digits, with or without a leading 0 or 0o.
func (m *FileMode) UnmarshalText(text []byte) error {
	s := string(text)
	digits := s
	if len(s) > 2 && (s[:2] == "0o" || s[:2] == "0O") {
		digits = s[2:]
	}
	v, err := strconv.ParseUint(digits, 8, 32)
	if err != nil || v > 0o777 {
		return fmt.Errorf("%q is not a file mode: write octal digits such as \"0770\"", s)
	}
	*m = FileMode(v)
	return nil
}

// String writes the mode as it is written in a profile.
func (m FileMode) String() string { return fmt.Sprintf("%04o", uint32(m)) }
