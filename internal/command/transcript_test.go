package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestTranscripts replays testdata/*.txt: each request stands on a line of its
// own, and below it, indented, the reply of the reference server, line by line.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			replay(t, newTestClient(t), string(text))
		})
	}
}

// exchange is a request and the reply that is expected.
type exchange struct {
	line    int
	request string
	reply   []string
}

const transcriptIndent = "    "

func parseTranscript(text string) (all []exchange) {
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, transcriptIndent):
			last := &all[len(all)-1]
			last.reply = append(last.reply, strings.TrimPrefix(line, transcriptIndent))
		case line != "" && line[0] != '#':
			all = append(all, exchange{line: i + 1, request: line})
		}
	}
	return all
}

func replay(t *testing.T, c *testClient, text string) {
	t.Helper()
	all := parseTranscript(text)
	for _, x := range all {
		got := c.do(transcriptWords(t, x.request)...)
		lines := strings.Split(strings.TrimSuffix(got, "\r\n"), "\r\n")
		for i, l := range lines {
			lines[i] = transcriptEscape(l)
		}
		if strings.Join(lines, "\n") != strings.Join(x.reply, "\n") {
			t.Errorf("line %d: %s\n got %q\nwant %q", x.line, x.request, lines, x.reply)
		}
	}
	t.Logf("%d exchanges", len(all))
}

// transcriptWords splits a request at blanks; a word may stand in quotes, as Go
// writes them.
func transcriptWords(t *testing.T, line string) (words []string) {
	t.Helper()
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		if line[0] != '"' {
			word, rest, _ := strings.Cut(line, " ")
			words, line = append(words, word), rest
			continue
		}
		quoted, err := strconv.QuotedPrefix(line)
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		word, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%v: %s", err, quoted)
		}
		words, line = append(words, word), line[len(quoted):]
	}
	return words
}

// transcriptEscape makes a line of a reply printable.
func transcriptEscape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case c == '\\':
			b.WriteString(`\\`)
		case c >= ' ' && c < 0x7f:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	return b.String()
}
