package report

import (
	"io"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/machine"
)

// Listing is a measurement whose results are one table, and the layout of its JSON.
type Listing struct {
	Started time.Time       `json:"started"`
	Took    float64         `json:"took_seconds"`
	Machine machine.Machine `json:"machine"`
	Command string          `json:"command"`
	// Results are what the table shows, as they were measured.
	Results any `json:"results"`

	Name  string     `json:"-"` // the first word of its files' names
	Title string     `json:"-"`
	Table [][]string `json:"-"` // the first row is its head
	Notes []string   `json:"notes,omitempty"`
}

// Text writes the table for a terminal.
func (l *Listing) Text(w io.Writer) error {
	p := &printer{w: w}
	l.head(p, "")
	p.printf("\n")
	p.aligned(l.Table)
	return p.err
}

// Markdown writes the same for a repository.
func (l *Listing) Markdown(w io.Writer) error {
	p := &printer{w: w}
	p.printf("# %s, %s\n\n", l.Title, l.Started.UTC().Format("2006-01-02 15:04 UTC"))
	l.head(p, "- ")
	p.printf("\n")
	p.pipes(l.Table)
	return p.err
}

// JSON writes everything.
func (l *Listing) JSON(w io.Writer) error { return writeJSON(w, l) }

// Files writes the measurement as NAME-TIME.json and .md into a directory, made if need be, and returns the paths.
func (l *Listing) Files(directory string) ([]string, error) {
	return writeFiles(directory, l.Name+"-"+stamp(l.Started), map[string]func(io.Writer) error{".json": l.JSON, ".md": l.Markdown})
}

func (l *Listing) head(p *printer, bullet string) {
	p.printf("%smachine: %s\n", bullet, l.Machine)
	p.printf("%scalled as: %s\n", bullet, l.Command)
	p.lines(bullet, l.Notes)
}
