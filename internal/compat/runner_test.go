package compat

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/crucible-cache/crucible/internal/compat/script"
)

var errTest = errors.New("broken on purpose")

// fakeServer answers each request line of a tiny Redis with what reply returns; "" closes.
// It reads requests as arrays of bulk strings, which is all the replay sends outside raw steps.
func fakeServer(t *testing.T, reply func(args []string) string) Endpoint {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer c.Close()
				serve(c, reply)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		serving.Wait()
	})
	return Endpoint{Title: "fake " + l.Addr().String(), Address: l.Addr().String()}
}

func serve(c net.Conn, reply func(args []string) string) {
	in := bufio.NewScanner(c)
	for in.Scan() {
		var args []string
		n, _ := strconv.Atoi(in.Text()[1:])
		for range n {
			in.Scan() // the length
			in.Scan()
			args = append(args, in.Text())
		}
		out := reply(args)
		if out == "" {
			return
		}
		if _, err := c.Write([]byte(out)); err != nil {
			return
		}
	}
}

func honest(args []string) string {
	switch args[0] {
	case "FLUSHALL":
		return "+OK\r\n"
	case "HELLO":
		return "%1\r\n$5\r\nproto\r\n:3\r\n"
	case "QUIT":
		return ""
	default:
		return "$" + string('0'+rune(len(args[1]))) + "\r\n" + args[1] + "\r\n"
	}
}

func runText(t *testing.T, reference, target Endpoint, text string) *Results {
	t.Helper()
	file, err := script.Parse("group/file.txt", text, script.Redis)
	if err != nil {
		t.Fatal(err)
	}
	runner := Runner{Protocol: script.Redis, Reference: reference, Target: target}
	results, err := runner.Run(context.Background(), []script.File{*file})
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func TestRunEqual(t *testing.T) {
	results := runText(t, fakeServer(t, honest), fakeServer(t, honest), `
case echo
ECHO a
B: ECHO b
times 3 ECHO ${i}
let x = ECHO y
ECHO ${x}
send ECHO c
read
QUIT
`)
	if len(results.Cases) != 2 || results.Different() != 0 {
		t.Fatalf("%+v", results)
	}
	if got := results.Cases[0].Replies; got != 7 {
		t.Errorf("%d replies compared, want 7", got)
	}
}

func TestRunFindsDifferences(t *testing.T) {
	liar := func(args []string) string {
		if args[0] == "ECHO" && args[1] == "b" {
			return "$1\r\nB\r\n"
		}
		return honest(args)
	}
	talker := func(args []string) string {
		if args[0] == "ECHO" {
			return honest(args) + "+more\r\n"
		}
		return honest(args)
	}
	quitter := func(args []string) string {
		if args[0] == "ECHO" {
			return ""
		}
		return honest(args)
	}
	for _, tc := range []struct {
		name   string
		target func([]string) string
		want   string
	}{
		{"other bytes", liar, "other bytes"},
		{"one reply too many", talker, "no step read"},
		{"connection closed", quitter, "the connection was closed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			results := runText(t, fakeServer(t, honest), fakeServer(t, tc.target), "case echo\nonly resp2\nECHO b\n")
			if results.Different() != 1 {
				t.Fatalf("%d different, want 1", results.Different())
			}
			if got := results.Cases[0].Differences[0].Reason; !strings.Contains(got, tc.want) {
				t.Errorf("reason %q, want %q", got, tc.want)
			}
		})
	}
}

// A difference that does not come again is told of, and is none.
func TestSpoiled(t *testing.T) {
	var echoed atomic.Int32
	late := func(args []string) string {
		if args[0] == "ECHO" && echoed.Add(1) == 1 {
			return "$1\r\nc\r\n"
		}
		return honest(args)
	}
	results := runText(t, fakeServer(t, honest), fakeServer(t, late), "case echo\nonly resp2\nECHO b\n")
	var told bytes.Buffer
	if err := results.WriteDifferences(&told); err != nil {
		t.Fatal(err)
	}
	if results.Different() != 0 || len(results.Spoiled) != 1 || !strings.Contains(results.Summary(), "1 of them when replayed again") {
		t.Errorf("%s", results.Summary())
	}
	if !strings.Contains(told.String(), "other bytes") {
		t.Errorf("told of it: %q", told.String())
	}
}

func TestReports(t *testing.T) {
	silent := func(args []string) string {
		if args[0] == "ECHO" {
			return "-ERR <no>\r\n"
		}
		return honest(args)
	}
	results := runText(t, fakeServer(t, honest), fakeServer(t, silent), "case one\nECHO b\ncase two\nGET k\n")
	var junit, markdown, table, differences bytes.Buffer
	if err := errors.Join(results.WriteJUnit(&junit), results.WriteMarkdown(&markdown),
		results.WriteTable(&table), results.WriteDifferences(&differences)); err != nil {
		t.Fatal(err)
	}
	var parsed junitSuites
	if err := xml.Unmarshal(junit.Bytes(), &parsed); err != nil {
		t.Fatal(err)
	}
	if parsed.Tests != 4 || parsed.Failures != 2 || len(parsed.Suites) != 1 || parsed.Suites[0].Cases[0].Failure == nil {
		t.Errorf("JUnit: %s", junit.String())
	}
	for name, text := range map[string]string{
		"markdown": markdown.String(), "differences": differences.String(),
	} {
		for _, want := range []string{"ECHO b", `"b"`, `(error) "ERR <no>"`, "group/file.txt:2"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %s:\n%s", name, want, text)
			}
		}
	}
	if !strings.Contains(table.String(), "total") {
		t.Errorf("table: %s", table.String())
	}
}

func TestSelected(t *testing.T) {
	const name = "string/set/SET NX keeps"
	for pattern, want := range map[string]bool{
		"": true, "string": true, "string/set": true, "STRING/*": true, "*nx*": true,
		"str": false, "string/get": false, "expire": false,
	} {
		if got := Selected(pattern, name); got != want {
			t.Errorf("%q: %v, want %v", pattern, got, want)
		}
	}
}

func TestSelectKeepsOneMode(t *testing.T) {
	var files []script.File
	for name, text := range map[string]string{
		"group/alone.txt": "case a\nGET k\ncase b\nGET k\n", "group/cluster.txt": "mode cluster\ncase a\nGET k\n",
	} {
		file, err := script.Parse(name, text, script.Redis)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, *file)
	}
	for _, tc := range []struct {
		mode script.Mode
		only string
		want int
	}{
		{script.Alone, "", 2},
		{script.Alone, "*/a", 1},
		{script.Alone, "group/cluster", 0},
		{script.Cluster, "", 1},
	} {
		n := 0
		for _, file := range Select(files, tc.mode, tc.only) {
			if n += len(file.Cases); file.Mode != tc.mode {
				t.Errorf("%s, %q: kept %s", tc.mode, tc.only, file.Path)
			}
		}
		if n != tc.want {
			t.Errorf("%s, %q: %d cases, want %d", tc.mode, tc.only, n, tc.want)
		}
	}
}

func TestRunOfNothing(t *testing.T) {
	server := fakeServer(t, honest)
	runner := Runner{Protocol: script.Redis, Reference: server, Target: server}
	if _, err := runner.Run(context.Background(), nil); err == nil {
		t.Error("a run of no cases succeeds")
	}
}
