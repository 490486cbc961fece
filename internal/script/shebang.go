package script

import (
	"strings"

	"github.com/crucible-cache/crucible/internal/script/lua51"
)

// Flags say what a script promises or asks for.
type Flags uint8

// The flags, in the order in which they are listed. Compat marks a script without a first line that
// would set any: what it calls decides.
const (
	NoWrites Flags = 1 << iota
	AllowOOM
	AllowStale
	NoCluster
	AllowCrossSlot
	Compat
)

var flagNames = []string{"no-writes", "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys"}

// flagNamed returns the flag of a name, 0 if there is none.
func flagNamed(name string) Flags {
	for i, n := range flagNames {
		if n == name {
			return 1 << i
		}
	}
	return 0
}

// Names lists the flags that are set.
func (f Flags) Names() (names []string) {
	for i, n := range flagNames {
		if f&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return names
}

// FlagsOf returns the flags that a script of EVAL gives itself, Compat if that can't be read. Any thread may call it.
func FlagsOf(source []byte) Flags {
	line, _, _ := strings.Cut(string(source[:min(len(source), shebangMax)]), "\n")
	_, flags, err := readShebang(line + "\n")
	if err != nil {
		return Compat
	}
	return flags
}

// shebangMax is how far FlagsOf reads: all flags together are shorter.
const shebangMax = 1024

// readShebang takes the first line of a script that begins with #! apart. What
// is returned keeps the line end, so that lines are counted as they were.
func readShebang(source string) (string, Flags, error) {
	if !strings.HasPrefix(source, "#!") {
		return source, Compat, nil
	}
	line, _, ok := strings.Cut(source, "\n")
	if !ok {
		return "", 0, &lua51.Error{Message: "ERR Invalid script shebang"}
	}
	words := strings.Fields(line)
	if words[0] != "#!lua" {
		return "", 0, &lua51.Error{Message: "ERR Unexpected engine in script shebang: " + words[0]}
	}
	var flags Flags
	for _, w := range words[1:] {
		list, ok := strings.CutPrefix(w, "flags=")
		if !ok {
			return "", 0, &lua51.Error{Message: "ERR Unknown lua shebang option: " + w}
		}
		for _, name := range strings.Split(list, ",") {
			if name == "" {
				continue
			}
			flag := flagNamed(name)
			if flag == 0 {
				return "", 0, &lua51.Error{Message: "ERR Unexpected flag in script shebang: " + name}
			}
			flags |= flag
		}
	}
	return source[len(line):], flags, nil
}
