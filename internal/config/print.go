package config

import (
	"bufio"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/crucible-cache/crucible/internal/redisconf"
)

// Print writes the effective values as a profile, each with a comment that
// says where it came from. The output can be served as a profile, but for
// secrets, which are left out.
func (c *Config) Print(w io.Writer) error {
	out := bufio.NewWriter(w)
	section := ""
	for _, k := range sectionKeys() {
		if s := k.section(); s != section {
			if section != "" {
				fmt.Fprintln(out)
			}
			fmt.Fprintf(out, "[%s]\n", s)
			section = s
		}
		printKey(out, k.Name(), k.of(c), c.Origin(k.Path))
	}
	for i := range c.Listeners {
		fmt.Fprintf(out, "\n[[%s]]\n", listenerSection)
		for _, k := range listenerKeys() {
			name := strings.TrimPrefix(k.Path, listenerSection+".")
			printKey(out, name, k.of(&c.Listeners[i]), c.Origin(listenerPath(i, k.Path)))
		}
	}
	return out.Flush()
}

// secrets are the keys whose values are not shown.
var secrets = map[string]bool{"requirepass": true, "users": true}

func printKey(w io.Writer, name string, v reflect.Value, o Origin) {
	if secrets[name] && !v.IsZero() {
		fmt.Fprintf(w, "# %s is set and not shown  # %s\n", name, o)
		return
	}
	fmt.Fprintf(w, "%s = %s  # %s\n", name, tomlValue(v), o)
}

// tomlValue writes a value as TOML.
func tomlValue(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case CPUList:
		quoted := make([]string, len(x))
		for i, r := range x {
			quoted[i] = strconv.Quote(r.String())
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	case []string:
		quoted := make([]string, len(x))
		for i, s := range x {
			quoted[i] = redisconf.QuoteTOML(s)
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	case []Parameter:
		quoted := make([]string, len(x))
		for i, each := range x {
			quoted[i] = redisconf.QuoteTOML(each.String())
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	case bool, int:
		return fmt.Sprint(x)
	case Duration:
		return strconv.Quote(x.String())
	case fmt.Stringer:
		return strconv.Quote(x.String())
	}
	return redisconf.QuoteTOML(v.String())
}
