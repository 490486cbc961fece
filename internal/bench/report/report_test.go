package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/compare"
	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/load"
	"github.com/crucible-cache/crucible/internal/bench/sample"
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

func TestFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	written, err := example().Files(dir)
	if err != nil || len(written) != 2 {
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
