package report

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

func TestListing(t *testing.T) {
	l := &Listing{
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Name: "stalls", Title: "Stalls", Command: "crucible-benchmark stalls",
		Results: []int{7}, Table: [][]string{{"what", "longest"}, {"a list", "7ms"}}, Notes: []string{"a note"},
	}
	var text strings.Builder
	if err := l.Text(&text); err != nil || !strings.Contains(text.String(), "what    longest\na list      7ms\n") {
		t.Errorf("%v:\n%s", err, &text)
	}
	written, err := l.Files(t.TempDir())
	if err != nil || len(written) != 2 {
		t.Fatalf("%v, %v", written, err)
	}
	for _, path := range written {
		b, err := os.ReadFile(path)
		if err != nil || !strings.Contains(path, "/stalls-2026-01-02T030405Z.") || !strings.Contains(string(b), "a note") {
			t.Errorf("%s: %v, %s", path, err, b)
		}
		switch {
		case strings.HasSuffix(path, ".md"):
			if !strings.Contains(string(b), "# Stalls, 2026-01-02 03:04 UTC\n") || !strings.HasSuffix(string(b), "| what | longest |\n|---|---:|\n| a list | 7ms |\n") {
				t.Errorf("%s", b)
			}
		default:
			var read Listing
			if err := json.Unmarshal(b, &read); err != nil || read.Command != l.Command || len(read.Results.([]any)) != 1 {
				t.Errorf("%+v, %v", read, err)
			}
		}
	}
}
