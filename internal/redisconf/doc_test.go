package redisconf

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The table of docs/operations/redis-configuration.md is this package's table.
// UPDATE_DOCS=1 writes it.
func TestDocumentation(t *testing.T) {
	const file, mark = "../../docs/operations/redis-configuration.md", "<!-- table -->\n"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, _, found := strings.Cut(string(text), mark)
	if !found {
		t.Fatalf("%s has no mark", file)
	}
	var b strings.Builder
	b.WriteString(head + mark + "| directive | default of Redis | here |\n|---|---|---|\n")
	for _, name := range Names() {
		d := Lookup(name)
		here := d.Fate.String()
		switch {
		case name == d.Alias:
			here = "as " + d.Name
		case d.Why != "":
			here += ": " + d.Why
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, d.Default, here)
	}
	if b.String() == string(text) {
		return
	}
	if os.Getenv("UPDATE_DOCS") == "" {
		t.Fatalf("%s is not what the table says: UPDATE_DOCS=1 go test ./internal/redisconf writes it", file)
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil { //nolint:gosec // documentation
		t.Fatal(err)
	}
}
