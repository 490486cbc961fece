package main

import (
	"fmt"
	"os"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/load"
)

// plainInterval is how often progress is printed where a line can't be rewritten.
const plainInterval = 10 * time.Second

// progressLine shows how far a load is: one line rewritten on a terminal, a line now and then elsewhere.
type progressLine struct {
	quiet, terminal bool
	open            bool // the cursor stands behind an unfinished line
	last            time.Time
}

func newProgressLine(quiet bool) *progressLine {
	info, err := os.Stderr.Stat()
	return &progressLine{quiet: quiet, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0, last: time.Now()}
}

// show prints a load's progress; it is load.Config's Progress.
func (l *progressLine) show(p load.Progress) {
	if l.quiet || !l.terminal && time.Since(l.last) < plainInterval {
		return
	}
	l.last = time.Now()
	text := fmt.Sprintf("%s: %.0f/s", p.Phase, p.Rate)
	if p.P99 > 0 {
		text += fmt.Sprintf(", p99 %v", p.P99.Round(time.Microsecond))
	}
	text += fmt.Sprintf(", %d done", p.Done)
	if p.Left > 0 {
		text += fmt.Sprintf(", %v left", p.Left.Round(time.Second))
	}
	if !l.terminal {
		fmt.Fprintln(os.Stderr, text)
		return
	}
	fmt.Fprintf(os.Stderr, "\r\x1b[K%s", text)
	l.open = true
}

// say prints a line of its own.
func (l *progressLine) say(format string, args ...any) {
	if l.quiet {
		return
	}
	l.end()
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// end finishes the line that is being rewritten.
func (l *progressLine) end() {
	if l.open {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
		l.open = false
	}
}
