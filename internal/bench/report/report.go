// Package report writes results down: as a table for a terminal, as Markdown for a repository, as JSON for a program, as
// one HTML page with its charts for a browser that may be offline. It only formats; what to measure and how to compare is decided elsewhere.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/collection"
	"github.com/crucible-cache/crucible/internal/bench/compare"
	"github.com/crucible-cache/crucible/internal/bench/machine"
)

// Comparison is everything about one session, and the layout of its JSON.
type Comparison struct {
	Started time.Time       `json:"started"`
	Took    float64         `json:"took_seconds"`
	Machine machine.Machine `json:"machine"`
	// Command is how the benchmark itself was called; Setup says in words what every cell has in common.
	Command  string             `json:"command"`
	Setup    string             `json:"setup"`
	Outcomes []*compare.Outcome `json:"outcomes"`
	// Weights is what elements of collections weigh, when that was measured.
	Weights []collection.Weight `json:"weights,omitempty"`
}

// Files writes the comparison as NAME.json, NAME.csv, NAME.md and NAME.html into a directory, made if need be, and returns the paths.
// NAME is the time of the start.
func (c *Comparison) Files(directory string) ([]string, error) {
	return writeFiles(directory, stamp(c.Started), map[string]func(io.Writer) error{".json": c.JSON, ".md": c.Markdown, ".html": c.HTML, ".csv": c.CSV})
}

// stamp is a moment as part of a file's name.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T150405Z") }

// writeFiles writes a report in several forms, by the suffix of their files' names, and returns the paths.
func writeFiles(directory, name string, forms map[string]func(io.Writer) error) ([]string, error) {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return nil, err
	}
	base := filepath.Join(directory, name)
	var written []string
	for suffix, write := range forms {
		if err := WriteFile(base+suffix, write); err != nil {
			return written, err
		}
		written = append(written, base+suffix)
	}
	return written, nil
}

// WriteFile creates a file, or replaces it, with what write writes.
func WriteFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Close()
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.Close()
}

// JSON writes everything, repetition by repetition.
func (c *Comparison) JSON(w io.Writer) error { return writeJSON(w, c) }

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
