package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/crucible-cache/crucible/internal/bench/load"
	"github.com/crucible-cache/crucible/internal/bench/machine"
	"github.com/crucible-cache/crucible/internal/bench/search"
)

// Run is one load against one server, and the layout of its JSON.
type Run struct {
	Started time.Time       `json:"started"`
	Machine machine.Machine `json:"machine"`
	Command string          `json:"command"`
	Target  string          `json:"target"`
	// Server is what the server calls itself.
	Server string `json:"server"`
	// Failure is why the run broke off, empty for one that didn't.
	Failure string `json:"failure,omitempty"`

	Seconds    float64 `json:"seconds"`
	Requests   uint64  `json:"requests"`
	Throughput float64 `json:"requests_per_second"`
	// Asked is the rate of an open loop, 0 for a closed one.
	Asked    float64          `json:"asked_per_second,omitempty"`
	Hits     uint64           `json:"hits"`
	Misses   uint64           `json:"misses"`
	BytesIn  uint64           `json:"bytes_in"`
	BytesOut uint64           `json:"bytes_out"`
	Errors   load.ErrorCounts `json:"errors,omitempty"`
	// Stalls counts silences of the server beyond the limit; LongestStall is in seconds.
	Stalls       int              `json:"stalls"`
	LongestStall float64          `json:"longest_stall_seconds,omitempty"`
	Commands     []CommandLatency `json:"commands"`
	Timeline     []TimelineSecond `json:"timeline"`
	ServerUse    *ServerUse       `json:"server_cost,omitempty"`
	Generator    GeneratorUse     `json:"generator"`
	// Objective and Search are of a search for the highest rate; the measurements above are then of that rate.
	Objective string        `json:"objective,omitempty"`
	Search    []search.Step `json:"search,omitempty"`
}

// CommandLatency is the latency of one command, or of all, in microseconds.
type CommandLatency struct {
	Name     string  `json:"name"`
	Requests uint64  `json:"requests"`
	Mean     float64 `json:"mean_us"`
	P50      float64 `json:"p50_us"`
	P90      float64 `json:"p90_us"`
	P99      float64 `json:"p99_us"`
	P999     float64 `json:"p999_us"`
	P9999    float64 `json:"p9999_us"`
	Max      float64 `json:"max_us"`
}

// TimelineSecond is one interval of the run.
type TimelineSecond struct {
	At         float64 `json:"at_seconds"`
	Throughput float64 `json:"requests_per_second"`
	P50        float64 `json:"p50_us"`
	P99        float64 `json:"p99_us"`
	Max        float64 `json:"max_us"`
	Errors     uint64  `json:"errors"`
}

// ServerUse is what the server's process cost.
type ServerUse struct {
	CPUPerRequest    float64 `json:"cpu_us_per_request"`
	UserPerRequest   float64 `json:"user_us_per_request"`
	SystemPerRequest float64 `json:"system_us_per_request"`
	CPUs             float64 `json:"cpus_busy"`
	ResidentMiB      float64 `json:"resident_mib"`
	PeakMiB          float64 `json:"peak_mib"`
}

// GeneratorUse is how the load itself fared.
type GeneratorUse struct {
	// CPU is the share of one CPU the busiest load thread used.
	CPU        float64 `json:"cpu"`
	Bottleneck bool    `json:"bottleneck"`
	// SlipP99 and SlipMax are how late an open loop's requests left by the generator's own fault, in microseconds.
	SlipP99    float64 `json:"slip_p99_us"`
	SlipMax    float64 `json:"slip_max_us"`
	Reconnects uint64  `json:"reconnects"`
}

// allCommands is the name of the row over all commands, delivered that of the messages subscribers heard.
const (
	allCommands = "all"
	delivered   = "(delivery)"
)

// Fill takes the measurements in.
func (r *Run) Fill(m *load.Result) {
	r.Seconds, r.Requests, r.Throughput = m.Elapsed.Seconds(), m.Requests, m.Throughput()
	r.Hits, r.Misses, r.BytesIn, r.BytesOut, r.Errors = m.Hits, m.Misses, m.BytesIn, m.BytesOut, m.Errors
	r.Stalls, r.LongestStall = m.Stalls, m.LongestStall.Seconds()
	for i := range m.Commands {
		r.Commands = append(r.Commands, latencyRow(m.Commands[i].Name, m.Commands[i].Latency))
	}
	if len(m.Commands) > 1 {
		r.Commands = append(r.Commands, latencyRow(allCommands, m.Latency))
	}
	if d := m.Delivery; d != nil {
		row := latencyRow(delivered, d.Latency)
		row.Requests = d.Messages
		r.Commands = append(r.Commands, row)
	}
	for _, i := range m.Timeline {
		r.Timeline = append(r.Timeline, TimelineSecond{
			At: i.Start.Seconds(), Throughput: i.Rate(), P50: micros(i.P50), P99: micros(i.P99), Max: micros(i.Max), Errors: i.Errors,
		})
	}
	r.Generator = GeneratorUse{CPU: m.LoadCPU, Bottleneck: m.LoadWasBottleneck(), SlipP99: micros(m.SlipP99), SlipMax: micros(m.SlipMax), Reconnects: m.Reconnects}
	if s := m.Server; s != nil && m.Requests > 0 {
		per := func(d time.Duration) float64 { return micros(d) / float64(m.Requests) }
		r.ServerUse = &ServerUse{
			per(s.CPU), per(s.User), per(s.System), m.ServerUse(), float64(s.Resident) / (1 << 20), float64(s.Peak) / (1 << 20),
		}
	}
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func latencyRow(name string, h *hdrhistogram.Histogram) CommandLatency {
	at := func(q float64) float64 { return micros(time.Duration(h.ValueAtQuantile(q))) }
	return CommandLatency{
		name, uint64(h.TotalCount()), h.Mean() / float64(time.Microsecond), at(50), at(90), at(99), at(99.9), at(99.99), micros(time.Duration(h.Max())),
	}
}

// Faulty reports whether something was wrong with the server, though the run went through.
func (r *Run) Faulty() bool { return r.Errors.Total() > 0 || r.Stalls > 0 }

// HitRatio is the share of the keys read that were there; ok is false when nothing was read.
func (r *Run) HitRatio() (ratio float64, ok bool) {
	if r.Hits+r.Misses == 0 {
		return 0, false
	}
	return float64(r.Hits) / float64(r.Hits+r.Misses), true
}

// Text writes the summary for a terminal.
func (r *Run) Text(w io.Writer) error {
	p := &printer{w: w}
	p.printf("\n")
	if r.Objective != "" {
		p.aligned(r.searchTable())
		p.printf("\nhighest rate with %s: %.0f requests/s; there:\n\n", r.Objective, r.Asked)
	}
	p.aligned(r.table())
	p.printf("\n")
	r.summary(p)
	return p.err
}

// table is the latency of every command.
func (r *Run) table() [][]string {
	table := [][]string{{"command", "requests", "requests/s", "mean us", "p50 us", "p90 us", "p99 us", "p999 us", "p9999 us", "max us"}}
	us := func(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) }
	for _, c := range r.Commands {
		table = append(table, []string{
			c.Name, strconv.FormatUint(c.Requests, 10), us(float64(c.Requests) / r.Seconds), us(c.Mean), us(c.P50), us(c.P90), us(c.P99), us(c.P999), us(c.P9999), us(c.Max),
		})
	}
	return table
}

// searchTable is the way to the highest rate.
func (r *Run) searchTable() [][]string {
	table := [][]string{{"asked/s", "reached/s", "latency us", "kept"}}
	for _, s := range r.Search {
		kept := "no"
		if s.Kept {
			kept = "yes"
		}
		table = append(table, []string{fmt.Sprintf("%.0f", s.Rate), fmt.Sprintf("%.0f", s.Reached), fmt.Sprintf("%.0f", micros(s.Latency)), kept})
	}
	return table
}

// summary is everything else worth a line.
func (r *Run) summary(p *printer) {
	p.printf("%-12s %.0f requests/s over %.2f s", "throughput", r.Throughput, r.Seconds)
	if r.Asked > 0 {
		p.printf(" (%.1f %% of the %.0f asked for)", 100*r.Throughput/r.Asked, r.Asked)
	}
	p.printf(", %.1f MB/s in, %.1f MB/s out\n", float64(r.BytesIn)/1e6/r.Seconds, float64(r.BytesOut)/1e6/r.Seconds)
	if ratio, ok := r.HitRatio(); ok {
		p.printf("%-12s %.3f %% of %d keys read\n", "hits", 100*ratio, r.Hits+r.Misses)
	}
	if s := r.ServerUse; s != nil {
		p.printf("%-12s %.3f us of CPU per request (user %.2f, system %.2f), %.2f CPUs busy, %.0f MiB resident\n",
			"server", s.CPUPerRequest, s.UserPerRequest, s.SystemPerRequest, s.CPUs, s.ResidentMiB)
	}
	r.generatorText(p)
	if r.Stalls > 0 {
		p.printf("%-12s the server was silent too long %d times, once for %.1f s\n", "STALLED", r.Stalls, r.LongestStall)
	}
	if r.Errors.Total() > 0 {
		p.printf("%-12s %d: %v\n", "errors", r.Errors.Total(), r.Errors)
	}
}

func (r *Run) generatorText(p *printer) {
	g := &r.Generator
	p.printf("%-12s %.0f %% of a CPU", "generator", 100*g.CPU)
	if r.Asked > 0 {
		p.printf(", requests left late by its own fault: p99 %.0f us, at most %.0f us", g.SlipP99, g.SlipMax)
	}
	if g.Reconnects > 0 {
		p.printf(", %d connections made again", g.Reconnects)
	}
	if g.Bottleneck {
		p.printf("; IT WAS THE BOTTLENECK: throughput and latency are the generator's, not the server's")
	}
	p.printf("\n")
}

// JSON writes everything.
func (r *Run) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// CSV writes the timeline, one line a second.
func (r *Run) CSV(w io.Writer) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"at_seconds", "requests_per_second", "p50_us", "p99_us", "max_us", "errors"}}
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }
	for _, s := range r.Timeline {
		rows = append(rows, []string{number(s.At), number(s.Throughput), number(s.P50), number(s.P99), number(s.Max), strconv.FormatUint(s.Errors, 10)})
	}
	return c.WriteAll(rows)
}
