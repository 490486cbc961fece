package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/crucible-cache/crucible/internal/bench/compare"
	"github.com/crucible-cache/crucible/internal/bench/sample"
)

//go:embed page.html.tmpl
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// htmlPage is what the template shows.
type htmlPage struct {
	Title    string
	Facts    []string
	Sections []htmlSection
}

type htmlSection struct {
	Title string
	Facts []string
	Parts []htmlPart
}

type htmlPart struct {
	Title string
	Chart template.HTML
	Table [][]string
	Notes []string
}

// HTML writes the comparison as one page that needs nothing else.
func (c *Comparison) HTML(w io.Writer) error {
	page := htmlPage{Title: "Benchmark of " + c.Started.UTC().Format("2006-01-02 15:04 UTC"), Facts: collected(func(p *printer) { c.head(p, "") })}
	for _, o := range c.Outcomes {
		page.Sections = append(page.Sections, outcomeSection(o))
	}
	return pageTemplate.Execute(w, &page)
}

// collected returns the lines something prints.
func collected(write func(*printer)) []string {
	var b strings.Builder
	write(&printer{w: &b})
	return strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
}

func outcomeSection(o *compare.Outcome) htmlSection {
	s := htmlSection{Title: fmt.Sprintf("%s, %s", o.Protocol, o.Title), Facts: collected(func(p *printer) { servers(p, o, "") })}
	s.Parts = append(s.Parts,
		htmlPart{Title: "CPU time of the server per request, us (less is better)", Chart: rowBars(o, func(r *compare.Row) sample.Series { return r.CPU }, "%.2f")},
		htmlPart{Title: "Requests per second (more is better)", Chart: rowBars(o, func(r *compare.Row) sample.Series { return r.Throughput }, "%.0f")},
	)
	if items := cpuIntervals(o); len(items) > 0 {
		s.Parts = append(s.Parts, htmlPart{Title: "CPU per request, ours over theirs, with the interval of the repetitions (hollow: no winner)", Chart: intervals(contenderNames(o), items)})
	}
	for i := range o.Cells {
		s.Parts = append(s.Parts, cellPart(o, &o.Cells[i]))
	}
	return s
}

func contenderNames(o *compare.Outcome) []string {
	var names []string
	for i := range o.Contenders {
		names = append(names, o.Contenders[i].Name)
	}
	return names
}

func rowBars(o *compare.Outcome, of func(*compare.Row) sample.Series, format string) template.HTML {
	var groups []group
	for i := range o.Cells {
		g := group{label: o.Cells[i].Name}
		for j := range o.Cells[i].Rows {
			g.values = append(g.values, of(&o.Cells[i].Rows[j]).Median())
		}
		groups = append(groups, g)
	}
	return bars(contenderNames(o), groups, format)
}

func cpuIntervals(o *compare.Outcome) []interval {
	var items []interval
	for i := range o.Cells {
		for j := range o.Cells[i].Rows {
			for _, a := range o.Cells[i].Rows[j].Against {
				if a.CPU == nil {
					continue
				}
				items = append(items, interval{
					label: o.Cells[i].Name + " / " + a.Contender, value: a.CPU.Value, low: a.CPU.Low, high: a.CPU.High,
					series: j, decided: a.CPU.Verdict != sample.Noise,
				})
			}
		}
	}
	return items
}

// cellPart is one cell's latency chart and table.
func cellPart(o *compare.Outcome, c *compare.CellOutcome) htmlPart {
	var curves []curve
	for i := range c.Rows {
		r := &c.Rows[i]
		curves = append(curves, curve{r.Contender, []float64{r.P50.Median(), r.P90.Median(), r.P99.Median(), r.P999.Median(), r.Max.Median()}})
	}
	return htmlPart{
		Title: fmt.Sprintf("%s, %s: latency", o.Protocol, c.Name),
		Chart: lines([]string{"p50", "p90", "p99", "p999", "max"}, curves, " us", true),
		Table: cellTable(c),
		Notes: notes(c),
	}
}

// HTML writes the run as one page that needs nothing else.
func (r *Run) HTML(w io.Writer) error {
	page := htmlPage{
		Title: "Load of " + r.Target + ", " + r.Started.UTC().Format("2006-01-02 15:04 UTC"),
		Facts: []string{"machine: " + r.Machine.String(), "called as: " + r.Command, "server: " + r.Server},
	}
	if r.Failure != "" {
		page.Facts = append(page.Facts, "FAILED: "+r.Failure)
	}
	table := r.table()
	page.Sections = []htmlSection{{
		Title: fmt.Sprintf("%.0f requests per second over %.1f s", r.Throughput, r.Seconds),
		Facts: collected(func(p *printer) { r.summary(p) }),
		Parts: []htmlPart{
			{Title: "Latency", Chart: r.latencyChart(), Table: table},
			{Title: "Requests per second", Chart: r.rateOverTime()},
			{Title: "Latency over time", Chart: r.latencyOverTime()},
		},
	}}
	if r.Objective != "" {
		way := htmlPart{Title: "The search for the highest rate with " + r.Objective, Table: r.searchTable()}
		page.Sections[0].Parts = append([]htmlPart{way}, page.Sections[0].Parts...)
	}
	return pageTemplate.Execute(w, &page)
}

func (r *Run) latencyChart() template.HTML {
	var curves []curve
	for _, c := range r.Commands {
		curves = append(curves, curve{c.Name, []float64{c.P50, c.P90, c.P99, c.P999, c.P9999, c.Max}})
	}
	return lines([]string{"p50", "p90", "p99", "p999", "p9999", "max"}, curves, " us", true)
}

func (r *Run) rateOverTime() template.HTML {
	labels, rate := r.overTime(func(s *TimelineSecond) float64 { return s.Throughput })
	return lines(labels, []curve{{"requests per second", rate}}, "", false)
}

func (r *Run) latencyOverTime() template.HTML {
	labels, p50 := r.overTime(func(s *TimelineSecond) float64 { return s.P50 })
	_, p99 := r.overTime(func(s *TimelineSecond) float64 { return s.P99 })
	_, top := r.overTime(func(s *TimelineSecond) float64 { return s.Max })
	return lines(labels, []curve{{"max", top}, {"p99", p99}, {"p50", p50}}, " us", true)
}

func (r *Run) overTime(of func(*TimelineSecond) float64) (labels []string, values []float64) {
	for i := range r.Timeline {
		labels = append(labels, fmt.Sprintf("%.0f s", r.Timeline[i].At))
		values = append(values, of(&r.Timeline[i]))
	}
	return labels, values
}
