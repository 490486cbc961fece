package compare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/fake"
	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/bench/workload"
	"github.com/crucible-cache/crucible/internal/retry"
)

func TestMain(m *testing.M) {
	fake.Program()
	os.Exit(m.Run())
}

func plan(t *testing.T, said *[]string) *Plan {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the load driver is epoll")
	}
	t.Setenv(fake.As(wire.RESP))
	standIn := func(name string) contender.Contender {
		return contender.Contender{Name: name, Family: contender.Redis, Protocol: wire.RESP, Path: os.Args[0], Root: "/"}
	}
	return &Plan{
		Contenders:  []contender.Contender{standIn("a"), standIn("b")},
		Settings:    contender.Settings{Threads: 1, MemoryMiB: 64},
		Cells:       []Cell{{Name: "get", Pipeline: 1, Workload: workload.Uniform(100, 40, wire.RESP.Fetch())}, {Name: "set", Pipeline: 4, Workload: workload.Uniform(100, 40, wire.RESP.Store())}},
		Repetitions: 2, WarmUp: 30 * time.Millisecond, Window: 150 * time.Millisecond,
		Connections: 2, LoadThreads: 1,
		Progress: func(s string) { *said = append(*said, s) },
	}
}

func TestRun(t *testing.T) {
	retry.Undisturbed(t, func() error { return compared(t) })
}

// compared makes a comparison; CPU time, told in hundredths of a second, may be none in a short window on a busy machine.
func compared(t *testing.T) (err error) {
	var said []string
	o, err := Run(context.Background(), plan(t, &said))
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range o.Cells {
		for _, row := range cell.Rows {
			for what, series := range map[string][]float64{
				"throughput": row.Throughput, "p50": row.P50, "p99": row.P99, "p999": row.P999, "CPU": row.CPU, "RSS": row.Resident, "load": row.LoadUse,
			} {
				if len(series) != 2 {
					t.Errorf("%s, %s: %s %v", cell.Name, row.Contender, what, series)
				} else if slices.Min(series) <= 0 {
					err = fmt.Errorf("%s, %s: %s %v", cell.Name, row.Contender, what, series)
				}
			}
			if row.Misses != 0 || len(row.Errors) != 0 || len(row.Against) != 1 || row.Against[0].CPU == nil {
				t.Errorf("%s: %+v", cell.Name, row)
			}
		}
	}
	if !strings.Contains(o.CommandLines[0], "--port") {
		t.Errorf("command line %q", o.CommandLines[0])
	}
	if got := strings.Count(strings.Join(said, "\n"), "filled"); got != 2 {
		t.Errorf("filled %d times, want once a contender: %q", got, said)
	}
	return err
}

func TestOrderAlternates(t *testing.T) {
	if there, back := order(3, 0), order(3, 1); !slices.Equal(there, []int{0, 1, 2}) || !slices.Equal(back, []int{2, 1, 0}) {
		t.Errorf("%v, then %v", there, back)
	}
}

// While one has its turn the other is stopped: a stopped server uses no CPU time and answers nobody.
func TestOthersAreStopped(t *testing.T) {
	var said []string
	p := plan(t, &said)
	var pids []int
	p.Cells = p.Cells[:1]
	p.Cells[0].Fill = func(_ context.Context, server *contender.Process) error {
		pids = append(pids, server.PID)
		for _, pid := range pids {
			stopped := func() bool {
				stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
				return err == nil && stat[strings.LastIndex(string(stat), ")")+2] == 'T'
			}
			// A signal reaches a process when that has a CPU again.
			for range 3000 {
				if stopped() != (pid == server.PID) {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			if stopped() == (pid == server.PID) {
				t.Errorf("process %d: stopped is %v in the turn of %d", pid, stopped(), server.PID)
			}
		}
		return nil
	}
	if _, err := Run(context.Background(), p); err != nil || len(pids) != 2 {
		t.Errorf("%d filled, %v", len(pids), err)
	}
}

// One contender's failure is told, and doesn't keep the others from being measured.
func TestFill(t *testing.T) {
	var said []string
	p := plan(t, &said)
	filled := map[int]int{}
	for i := range p.Cells {
		p.Cells[i].Fill = func(_ context.Context, server *contender.Process) error { filled[server.PID]++; return nil }
	}
	o, err := Run(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range o.Cells {
		for _, row := range cell.Rows {
			if len(row.CPU) != 2 || slices.Min(row.CPU) <= 0 || row.Against[0].CPU == nil {
				t.Errorf("%s: %+v", cell.Name, row)
			}
		}
	}
	for pid, times := range filled {
		if len(filled) != 2 || times != 2 {
			t.Errorf("process %d of %d was filled %d times, want once a cell", pid, len(filled), times)
		}
	}
	p.Cells[1].Fill = func(context.Context, *contender.Process) error { return errors.New("no room") }
	if _, err := Run(context.Background(), p); err == nil || !strings.Contains(err.Error(), "a, set: no room") {
		t.Errorf("a fill that fails: %v", err)
	}
}

func TestOneFails(t *testing.T) {
	var said []string
	p := plan(t, &said)
	p.Contenders[1].Path = "/absent"
	o, err := Run(context.Background(), p)
	if err == nil || !strings.HasPrefix(err.Error(), "b, ") {
		t.Fatalf("got %v", err)
	}
	if len(o.Cells[0].Rows[0].Throughput) != 2 || len(o.Cells[0].Rows[1].Throughput) != 0 || len(o.Notes) != 1 {
		t.Errorf("%+v", o)
	}
}

// Ours are compared with every incumbent, incumbents with nobody.
func TestWhoIsComparedWithWhom(t *testing.T) {
	o := &Outcome{Cells: []CellOutcome{{}}}
	for name, family := range map[string]contender.Family{"1 ours": contender.Crucible, "2 redis": contender.Redis, "3 valkey": contender.Valkey, "4 ours too": contender.Crucible} {
		o.Contenders = append(o.Contenders, contender.Contender{Name: name, Family: family})
	}
	slices.SortFunc(o.Contenders, func(a, b contender.Contender) int { return strings.Compare(a.Name, b.Name) })
	for _, c := range o.Contenders {
		o.Cells[0].Rows = append(o.Cells[0].Rows, Row{Contender: c.Name, CPU: []float64{1, 1}})
	}
	o.compareRows()
	for i, want := range []string{"2 redis,3 valkey", "", "", "2 redis,3 valkey"} {
		var names []string
		for _, a := range o.Cells[0].Rows[i].Against {
			names = append(names, a.Contender)
			if a.CPU == nil || a.Throughput != nil {
				t.Errorf("row %d: only CPU was measured: %+v", i, a)
			}
		}
		if got := strings.Join(names, ","); got != want {
			t.Errorf("row %d is compared with %q, want %q", i, got, want)
		}
	}
}

func TestPlanRefused(t *testing.T) {
	for want, change := range map[string]func(*Plan){
		"no server":   func(p *Plan) { p.Contenders = nil },
		"nothing":     func(p *Plan) { p.Cells = nil },
		"repetitions": func(p *Plan) { p.Repetitions = 0 },
		"protocols":   func(p *Plan) { p.Contenders[1].Protocol = wire.Memcache },
	} {
		var said []string
		p := plan(t, &said)
		change(p)
		if _, err := Run(context.Background(), p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %q, got %v", want, err)
		}
	}
}
