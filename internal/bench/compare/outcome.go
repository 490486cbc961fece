package compare

import (
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/load"
	"github.com/crucible-cache/crucible/internal/bench/sample"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// Outcome is what a plan found out.
type Outcome struct {
	Title      string                `json:"title"`
	Protocol   wire.Protocol         `json:"protocol"`
	Contenders []contender.Contender `json:"contenders"`
	// CommandLines are the contenders' of the first repetition.
	CommandLines []string `json:"command_lines"`
	// Notes say what a reader must know, such as who was left out.
	Notes []string      `json:"notes,omitempty"`
	Cells []CellOutcome `json:"cells"`
}

// CellOutcome is one cell with a row per contender, in the plan's order.
type CellOutcome struct {
	Cell
	Rows []Row `json:"rows"`
}

// Row is one contender in one cell: a value per repetition of everything measured.
type Row struct {
	Contender string `json:"contender"`
	// Throughput is in requests per second, the latencies and CPU per request in microseconds, Resident in MiB.
	Throughput sample.Series `json:"throughput"`
	P50        sample.Series `json:"p50_us"`
	P90        sample.Series `json:"p90_us"`
	P99        sample.Series `json:"p99_us"`
	P999       sample.Series `json:"p999_us"`
	Max        sample.Series `json:"max_us"`
	CPU        sample.Series `json:"cpu_us_per_request"`
	User       sample.Series `json:"user_us_per_request"`
	System     sample.Series `json:"system_us_per_request"`
	Resident   sample.Series `json:"resident_mib"`
	// ServerUse is how many CPUs the server kept busy, LoadUse the share of one the busiest load thread used.
	ServerUse sample.Series `json:"server_use"`
	LoadUse   sample.Series `json:"load_use"`
	// Foreign is the share of the server's CPUs that somebody else used, Stolen what the hypervisor withheld.
	Foreign sample.Series `json:"foreign"`
	Stolen  sample.Series `json:"stolen"`
	// Misses and Errors are sums over the repetitions; LoadBound counts those in which the load was the bottleneck.
	Misses    uint64           `json:"misses"`
	Errors    load.ErrorCounts `json:"errors,omitempty"`
	LoadBound int              `json:"load_bound"`
	// Against are the ratios of this row over every other one that it is to be compared with.
	Against []Against `json:"against,omitempty"`
}

// Against compares a row with another.
type Against struct {
	Contender  string        `json:"contender"`
	CPU        *sample.Ratio `json:"cpu,omitempty"`
	Throughput *sample.Ratio `json:"throughput,omitempty"`
	P999       *sample.Ratio `json:"p999,omitempty"`
	Resident   *sample.Ratio `json:"resident,omitempty"`
}

// Saturation is the median throughput of the first incumbent in the first cell, 0 when there is none.
func (o *Outcome) Saturation() float64 {
	for i := range o.Contenders {
		if o.Contenders[i].Incumbent() && len(o.Cells) > 0 && len(o.Cells[0].Rows[i].Throughput) > 0 {
			return o.Cells[0].Rows[i].Throughput.Median()
		}
	}
	return 0
}

func microseconds(ns int64) float64 { return float64(ns) / float64(time.Microsecond) }

// add takes one repetition in.
func (r *Row) add(m *load.Result) {
	r.Throughput = append(r.Throughput, m.Throughput())
	r.P50 = append(r.P50, microseconds(m.Latency.ValueAtQuantile(50)))
	r.P90 = append(r.P90, microseconds(m.Latency.ValueAtQuantile(90)))
	r.P99 = append(r.P99, microseconds(m.Latency.ValueAtQuantile(99)))
	r.P999 = append(r.P999, microseconds(m.Latency.ValueAtQuantile(99.9)))
	r.Max = append(r.Max, microseconds(m.Latency.Max()))
	r.LoadUse = append(r.LoadUse, m.LoadCPU)
	if s := m.Server; s != nil && m.Requests > 0 {
		per := func(d time.Duration) float64 { return microseconds(int64(d)) / float64(m.Requests) }
		r.CPU, r.User, r.System = append(r.CPU, per(s.CPU)), append(r.User, per(s.User)), append(r.System, per(s.System))
		r.Resident = append(r.Resident, float64(s.Resident)/(1<<20))
		r.ServerUse = append(r.ServerUse, m.ServerUse())
		r.Foreign, r.Stolen = append(r.Foreign, s.Foreign), append(r.Stolen, s.Stolen)
	}
	r.Misses += m.Misses
	if m.LoadWasBottleneck() {
		r.LoadBound++
	}
	for kind, n := range m.Errors {
		if r.Errors == nil {
			r.Errors = load.ErrorCounts{}
		}
		r.Errors[kind] += n
	}
}

// compareRows fills in Against: ours over each incumbent, and without one of ours each incumbent over the others.
func (o *Outcome) compareRows() {
	ours := 0
	for i := range o.Contenders {
		if !o.Contenders[i].Incumbent() {
			ours++
		}
	}
	for c := range o.Cells {
		rows := o.Cells[c].Rows
		for i := range rows {
			if ours > 0 && o.Contenders[i].Incumbent() {
				continue
			}
			for j := range rows {
				if i != j && o.Contenders[j].Incumbent() {
					rows[i].Against = append(rows[i].Against, rows[i].over(&rows[j]))
				}
			}
		}
	}
}

func (r *Row) over(other *Row) Against {
	ratio := func(a, b sample.Series) *sample.Ratio {
		if q, ok := sample.Compare(a, b); ok {
			return &q
		}
		return nil
	}
	return Against{
		Contender:  other.Contender,
		CPU:        ratio(r.CPU, other.CPU),
		Throughput: ratio(r.Throughput, other.Throughput),
		P999:       ratio(r.P999, other.P999),
		Resident:   ratio(r.Resident, other.Resident),
	}
}
