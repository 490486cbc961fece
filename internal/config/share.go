package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Share is a number of bytes or, if negative, per cent of another size.
type Share int64

// UnmarshalText reads "5%" or a size.
func (s *Share) UnmarshalText(text []byte) error {
	digits, isShare := strings.CutSuffix(string(text), "%")
	if !isShare {
		var n Size
		if err := n.UnmarshalText(text); err != nil {
			return err
		}
		*s = Share(n)
		return nil
	}
	n, err := strconv.ParseUint(digits, 10, 8)
	if err != nil || n > 100 {
		return fmt.Errorf("%q is not a share: write 5%%, up to 100%%", text)
	}
	*s = -Share(n)
	return nil
}

// String returns the share as UnmarshalText reads it.
func (s Share) String() string {
	if s < 0 {
		return strconv.FormatInt(int64(-s), 10) + "%"
	}
	return Size(s).String()
}
