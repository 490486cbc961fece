package report

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/crucible-cache/crucible/internal/bench/collection"
	"github.com/crucible-cache/crucible/internal/bench/compare"
	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/footprint"
	"github.com/crucible-cache/crucible/internal/bench/load"
	"github.com/crucible-cache/crucible/internal/bench/sample"
	"github.com/crucible-cache/crucible/internal/bench/search"
	"github.com/crucible-cache/crucible/internal/bench/simulate"
	"github.com/crucible-cache/crucible/internal/bench/trace"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

func example() *Comparison {
	lower := &sample.Ratio{Value: 0.5, Low: 0.45, High: 0.55, Confidence: 0.9, Verdict: sample.Lower}
	noise := &sample.Ratio{Value: 1.01, Low: 0.95, High: 1.05, Confidence: 0.9, Verdict: sample.Noise}
	return &Comparison{
		Started: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC), Command: "crucible-benchmark bench", Setup: "3 repetitions",
		Outcomes: []*compare.Outcome{{
			Title: "plain: tcp", Notes: []string{"valkey is left out"},
			Protocol:     wire.RESP,
			Contenders:   []contender.Contender{{Name: "crucible uring", Family: contender.Crucible, Version: "0.1"}, {Name: "redis 8.0.2", Family: contender.Redis, Version: "8.0.2"}},
			CommandLines: []string{"crucible-server compat/redis.toml", "redis-server --port 1"},
			Cells: []compare.CellOutcome{{
				Cell: compare.Cell{Name: "GET, pipeline 16", Pipeline: 16},
				Rows: []compare.Row{
					{
						Contender: "crucible uring", Throughput: sample.Series{1000, 1100, 900}, CPU: sample.Series{0.5, 0.6, 0.5}, LoadBound: 2,
						LoadUse: sample.Series{1}, ServerUse: sample.Series{0.5}, Against: []compare.Against{{Contender: "redis 8.0.2", CPU: lower, Throughput: noise}},
					},
					{Contender: "redis 8.0.2", Throughput: sample.Series{990}, Foreign: sample.Series{0.2}, Misses: 3, Errors: load.ErrorCounts{"OOM": 2}},
				},
			}},
		}},
	}
}

func TestTextAndMarkdown(t *testing.T) {
	var text, markdown strings.Builder
	if err := example().Text(&text); err != nil {
		t.Fatal(err)
	}
	if err := example().Markdown(&markdown); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"resp, plain: tcp", "GET, pipeline 16", "valkey is left out", "1000", "20.0%", "0.500", "0.500 (0.45-0.55)", "~1.010 (0.95-1.05)", "CPU / redis 8.0.2",
		"the load was the bottleneck in 2 of 3", "other processes used 20 %", `2 errors: 2 x "OOM"`, "3 misses", "redis-server --port 1",
	} {
		for form, got := range map[string]string{"text": text.String(), "markdown": markdown.String()} {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %q:\n%s", form, want, got)
			}
		}
	}
	rows := 0
	for line := range strings.Lines(markdown.String()) {
		if strings.HasPrefix(line, "|") {
			rows++
			if got, want := strings.Count(line, "|"), len(columns)+3; got != want {
				t.Errorf("a row of %d bars instead of %d: %s", got, want, line)
			}
		}
	}
	if rows != 4 {
		t.Errorf("%d table rows, want head, rule and two servers", rows)
	}
}

func TestTargetsAndWeights(t *testing.T) {
	c := example()
	c.Outcomes[0].Cells[0].Target = 0.4
	c.Weights = []collection.Weight{{Kind: collection.Set, Form: collection.Large, Contender: "a", Bytes: 10}, {Kind: collection.Set, Form: collection.Large, Contender: "b", Bytes: 40}}
	var text, markdown strings.Builder
	if err := c.Text(&text); err != nil {
		t.Fatal(err)
	}
	if err := c.Markdown(&markdown); err != nil {
		t.Fatal(err)
	}
	for form, got := range map[string]string{"text": text.String(), "markdown": markdown.String()} {
		squeezed := strings.Join(strings.Fields(strings.ReplaceAll(got, "|", " ")), " ")
		for _, want := range []string{"0.50 0.45 0.55 0.40 - MISSED", "set, large 10.0 40.0 0.25"} {
			if !strings.Contains(squeezed, want) {
				t.Errorf("%s lacks %q:\n%s", form, want, got)
			}
		}
	}
	c.Outcomes[0].Cells[0].Target = 0.5
	text.Reset()
	if err := c.Text(&text); err != nil || strings.Contains(text.String(), "MISSED") || !strings.Contains(text.String(), "kept") {
		t.Errorf("a target that is kept: %v\n%s", err, text.String())
	}
}

// A line for every window, with what was not measured left empty.
func TestWindowsAsCSV(t *testing.T) {
	var out strings.Builder
	if err := example().CSV(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil || len(rows) != 1+3+1 {
		t.Fatalf("%d lines, %v:\n%s", len(rows), err, out.String())
	}
	if got := strings.Join(rows[2], "|"); got != "resp|plain: tcp|GET, pipeline 16|crucible uring|2|1100||||||0.6||||" {
		t.Errorf("second window: %s", got)
	}
}

func TestFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	written, err := example().Files(dir)
	if err != nil || len(written) != 4 {
		t.Fatalf("%v, %v", written, err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "2026-02-03T040506Z.json"))
	if err != nil {
		t.Fatal(err)
	}
	var back Comparison
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	row := back.Outcomes[0].Cells[0].Rows[0]
	if row.CPU.Median() != 0.5 || row.Against[0].CPU.Verdict != sample.Lower || back.Outcomes[0].Cells[0].Pipeline != 16 {
		t.Errorf("read back %+v", row)
	}
}

func TestHTML(t *testing.T) {
	c := example()
	c.Command = "<script>alert(1)</script>"
	c.Outcomes[0].Cells[0].Target = 0.6
	var b strings.Builder
	if err := c.HTML(&b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"<svg", "crucible uring", "resp: plain", "1: equal", `class="tile win"`, "0.50×", "prefers-color-scheme: dark", `id="s0"`, "kept", "0.500 (0.45-0.55)", "&lt;script&gt;", "valkey is left out"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, never := range []string{"NaN", "<script", "http:", "https:", "Inf", "%!"} {
		if strings.Contains(page, never) {
			t.Errorf("the page contains %q", never)
		}
	}
}

func TestRunReport(t *testing.T) {
	latency := hdrhistogram.New(1, int64(time.Minute), 3)
	for i := range int64(1000) {
		latency.RecordValue((i + 1) * 1000)
	}
	r := &Run{Target: "127.0.0.1:6379", Asked: 600, Server: "redis 8.0.2"}
	r.Fill(&load.Result{
		Elapsed: 2 * time.Second, Requests: 1000, Hits: 900, Misses: 100, Latency: latency, Errors: load.ErrorCounts{"wrong value: stale": 4},
		Commands: []load.CommandResult{{Name: "GET", Requests: 1000, Latency: latency}, {Name: "SET", Latency: hdrhistogram.New(1, 1000, 3)}},
		Timeline: []load.Interval{{Length: time.Second, Requests: 500, P99: time.Millisecond}, {Start: time.Second, Length: time.Second, Requests: 500}},
		Server:   &load.ServerCost{CPU: time.Second, Resident: 64 << 20}, LoadCPU: 0.99, SlipMax: 30 * time.Microsecond, Reconnects: 7,
	})
	r.Objective, r.Search = "p99 <= 1ms", []search.Step{{Rate: 600, Reached: 500, Latency: time.Millisecond, Kept: true}, {Rate: 1200, Reached: 501}}
	var text, page, csv strings.Builder
	if err := errors.Join(r.Text(&text), r.HTML(&page), r.CSV(&csv)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"500 requests/s over 2.00 s (83.3 % of the 600 asked for)", "90.000 % of 1000 keys", "1000.000 us of CPU", "64 MiB", "99 % of a CPU",
		"at most 30 us", "7 connections made again", "BOTTLENECK", `4 x "wrong value: stale"`, "GET", "all", "highest rate with p99 <= 1ms: 600 requests/s", "1200",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, text.String())
		}
	}
	if !strings.Contains(page.String(), "<svg") || strings.Contains(page.String(), "NaN") || strings.Contains(page.String(), "%!") {
		t.Error("the page lacks a chart, or shows what isn't a number")
	}
	if got := strings.Count(csv.String(), "\n"); got != 3 {
		t.Errorf("%d lines of CSV:\n%s", got, csv.String())
	}
	if p50 := r.Commands[0].P50; p50 < 499 || p50 > 502 {
		t.Errorf("p50 %v us", p50)
	}
}

func TestFootprint(t *testing.T) {
	f := &Footprint{
		Started: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC),
		Outcome: &footprint.Outcome{
			Contenders: []contender.Contender{
				{Name: "crucible segment", Family: contender.Crucible}, {Name: "redis 8.0.2", Family: contender.Redis}, {Name: "redis 7.0.15", Family: contender.Redis},
			},
			CommandLines: []string{"a", "b", "c"}, Notes: []string{"FAILED: redis 7.0.15: absent"},
			Fills: []footprint.FillOutcome{{
				Fill: footprint.Fill{Keys: 1000, ValueSize: 64},
				Rows: []footprint.Row{{Contender: "crucible segment", Filled: 100_000, PerItem: 100}, {Contender: "redis 8.0.2", Filled: 200_000, PerItem: 200}, {Contender: "redis 7.0.15"}},
			}},
			Verdicts: []footprint.Verdict{{Goal: footprint.Goal{Contender: "crucible segment", Over: contender.Redis, AtMost: 0.4}, Measured: 0.5}},
		},
	}
	dir := t.TempDir()
	written, err := f.Files(dir)
	if err != nil || len(written) != 2 {
		t.Fatalf("%v, %v", written, err)
	}
	markdown, err := os.ReadFile(filepath.Join(dir, "memory-2026-02-03T040506Z.md"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := f.Text(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1000 items, keys of 16 B, values of 64 B", "100.0", "20.0", "0.500", "at most 0.40 of redis: 0.500, MISSED", "FAILED: redis 7.0.15"} {
		if !strings.Contains(text.String(), want) || !strings.Contains(string(markdown), want) {
			t.Errorf("a form lacks %q:\n%s\n%s", want, text.String(), markdown)
		}
	}
	if !strings.Contains(string(markdown), "| redis 7.0.15 | - | - | - | - | - |") {
		t.Errorf("no row without a value:\n%s", markdown)
	}
}

func TestSimulation(t *testing.T) {
	row := func(share float64, ours, theirs int) simulate.Row {
		return simulate.Row{
			Trace: "zipf", Share: share, Limit: 10 << 20, Summary: trace.Summary{Requests: 5},
			Results: []simulate.Result{{Reads: 1000, Misses: ours, Resident: 10 << 20}, {Reads: 1000, Misses: theirs, Resident: 25 << 20}, {}},
		}
	}
	s := &Simulation{
		Started: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC),
		Outcome: &simulate.Outcome{
			Caches: []string{"segment/s3fifo", "redis lru", "dead"}, Ours: []bool{true, false, false}, Subject: "segment/s3fifo",
			Rows: []simulate.Row{row(0.1, 100, 200), row(0.3, 60, 50)}, Notes: []string{"FAILED: dead"},
		},
	}
	dir := t.TempDir()
	written, err := s.Files(dir)
	if err != nil || len(written) != 3 {
		t.Fatalf("%v, %v", written, err)
	}
	markdown, err1 := os.ReadFile(filepath.Join(dir, "hitratio-2026-02-03T040506Z.md"))
	chart, err2 := os.ReadFile(filepath.Join(dir, "hitratio-2026-02-03T040506Z.svg"))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	var text strings.Builder
	if err := s.Text(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"0.1000*", "0.2000", "0.0500*", "FAILED: dead", "zipf, 30 %: segment/s3fifo misses no less than redis lru, which had 25 MiB resident at a limit of 10", "2.50"} {
		if !strings.Contains(text.String(), want) || !strings.Contains(string(markdown), want) {
			t.Errorf("a form lacks %q:\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "zipf, 10 %: segment") {
		t.Error("a row that was won is called lost")
	}
	if c := string(chart); !strings.HasPrefix(c, `<svg xmlns=`) || !strings.Contains(c, "zipf, 30 %") || strings.Contains(c, "NaN") || strings.Contains(c, "%!") {
		t.Errorf("chart: %s", c)
	}
	s.Outcome.Rows = s.Outcome.Rows[:1]
	text.Reset()
	if err := s.Text(&text); err != nil || !strings.Contains(text.String(), "misses less than every server") {
		t.Errorf("%v: %s", err, text.String())
	}
}
