package compat

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/resp"
)

// shrink leaves out of an episode what the difference at its end does not need: halves, then ever smaller pieces, as
// long as there still is a difference (Zeller's delta debugging).
func (r *Random) shrink(e *episode, d *parting) *Finding {
	ends := time.Now().Add(shrinkTimeout)
	for size := max(len(e.requests)/2, 1); ; size = max(size/2, 1) {
		shorter := false
		for at := 0; at+size < len(e.sent()) && at < len(e.requests) && time.Now().Before(ends); {
			try := *e
			try.requests = slices.Concat(e.requests[:at], e.requests[min(at+size, len(e.requests)):])
			n, found, err := r.play(&try)
			if err != nil || found == nil {
				at += size
				continue
			}
			try.cut(n)
			*e, d, shorter = try, found, true
		}
		if size == 1 && !shorter || time.Now().After(ends) {
			break
		}
	}
	shown := e.requests
	if n := len(e.closing); n > 0 {
		shown = slices.Concat(shown, e.closing[n-1:])
	}
	return &Finding{Requests: shown, Settings: e.settings, Version: e.version, What: d.what, Reference: d.reference, Target: d.target}
}

// Write shows the finding: requests as one would type them, then the replies.
func (f *Finding) Write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "DIFFERENT in RESP%d: %s\n", f.Version, f.What)
	for _, request := range slices.Concat(f.Settings, f.Requests) {
		b.WriteString("   ")
		for _, a := range request.Args {
			b.WriteString(" " + typed(a))
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "  reference  %s\n  target     %s\n", indented(f.Reference), indented(f.Target))
	_, err := io.WriteString(w, b.String())
	return err
}

// typed is an argument as a person would type it.
func typed(a string) string {
	if a != "" && !strings.ContainsFunc(a, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\'' || r == '\\' }) {
		return a
	}
	return resp.Quote([]byte(a))
}
