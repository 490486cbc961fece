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
	Title, Subtitle string
	Tiles           []htmlTile
	Facts           []string
	Sections        []htmlSection
}

// htmlTile is one figure to see at a glance. Class is "win", "loss" or "even".
type htmlTile struct{ What, Value, Note, Class string }

type htmlSection struct {
	// Name is the title in short, for the way there.
	Name, Title, Subtitle string
	FactsTitle            string
	Facts                 []string
	Open                  bool // show the facts at once
	Parts, Details        []htmlPart
}

type htmlPart struct {
	Title string
	Chart template.HTML
	Table [][]string
	Notes []string
}

// HTML writes the comparison as one page that needs nothing else.
func (c *Comparison) HTML(w io.Writer) error {
	page := htmlPage{
		Title:    "Crucible beside the incumbents",
		Subtitle: fmt.Sprintf("%s, %s", c.Started.UTC().Format("2 January 2006, 15:04 UTC"), c.Machine),
		Facts:    append(collected(func(p *printer) { c.head(p, "") }), fmt.Sprintf("took: %.0f s", c.Took)),
	}
	for _, o := range c.Outcomes {
		page.Tiles = append(page.Tiles, tiles(o)...)
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

// tiles are the cells that have a target: the CPU time of the first of ours over that of the best incumbent.
func tiles(o *compare.Outcome) []htmlTile {
	var out []htmlTile
	for i := range o.Cells {
		c := &o.Cells[i]
		if c.Target == 0 || len(c.Rows) == 0 {
			continue
		}
		var best *compare.Against
		for j := range c.Rows[0].Against {
			if a := &c.Rows[0].Against[j]; a.CPU != nil && (best == nil || a.CPU.Value > best.CPU.Value) {
				best = a
			}
		}
		if best == nil {
			continue
		}
		class := map[sample.Verdict]string{sample.Lower: "win", sample.Higher: "loss", sample.Noise: "even"}[best.CPU.Verdict]
		out = append(out, htmlTile{
			What: fmt.Sprintf("%s, %s", o.Protocol, c.Name), Value: fmt.Sprintf("%.2f×", best.CPU.Value), Class: class,
			Note: fmt.Sprintf("the CPU time of %s (%.2f to %.2f)", best.Contender, best.CPU.Low, best.CPU.High),
		})
	}
	return out
}

func outcomeSection(o *compare.Outcome) htmlSection {
	name, setup, _ := strings.Cut(o.Title, ":")
	s := htmlSection{
		Name: fmt.Sprintf("%s %s", o.Protocol, name), Title: fmt.Sprintf("%s: %s", o.Protocol, name), Subtitle: strings.TrimSpace(setup),
		FactsTitle: "The servers' command lines", Facts: collected(func(p *printer) { servers(p, o, "") }), Open: len(o.Notes) > 0,
	}
	s.Parts = append(s.Parts,
		htmlPart{Title: "CPU time of the server per request in us (less is better)", Chart: rowBars(o, func(r *compare.Row) sample.Series { return r.CPU }, "%.2f")},
		htmlPart{Title: "Requests per second (more is better)", Chart: rowBars(o, func(r *compare.Row) sample.Series { return r.Throughput }, "")},
	)
	if len(o.Cells) > 0 && o.Cells[0].Rate > 0 {
		s.Parts[1] = htmlPart{Title: "Latency at p999 in us (less is better)", Chart: rowBars(o, func(r *compare.Row) sample.Series { return r.P999 }, "%.0f")}
	}
	if items := cpuIntervals(o); len(items) > 0 {
		s.Parts = append(s.Parts, htmlPart{Title: "CPU per request, ours over theirs, with the interval of the repetitions (hollow: no winner)", Chart: intervals(contenderNames(o), items)})
	}
	if table := summary(o); table != nil {
		s.Parts = append(s.Parts, htmlPart{Title: "Targets", Table: table})
	}
	for i := range o.Cells {
		s.Details = append(s.Details, cellPart(o, &o.Cells[i]))
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
		Title:    "Load of " + r.Target,
		Subtitle: fmt.Sprintf("%s, %s, %s", r.Server, r.Started.UTC().Format("2 January 2006, 15:04 UTC"), r.Machine),
		Facts:    []string{"called as: " + r.Command},
		Tiles:    r.tiles(),
	}
	if r.Failure != "" {
		page.Facts = append(page.Facts, "FAILED: "+r.Failure)
	}
	table := r.table()
	page.Sections = []htmlSection{{
		Title:      fmt.Sprintf("%.0f requests per second over %.1f s", r.Throughput, r.Seconds),
		FactsTitle: "Summary", Open: true,
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

// tiles are what one asks of a run first.
func (r *Run) tiles() []htmlTile {
	if len(r.Commands) == 0 {
		return nil
	}
	all := &r.Commands[0]
	for i := range r.Commands {
		if r.Commands[i].Name == allCommands {
			all = &r.Commands[i]
		}
	}
	out := []htmlTile{
		{What: "Throughput", Value: short(r.Throughput), Note: "requests per second"},
		{What: "p50", Value: short(all.P50), Note: "us"},
		{What: "p99", Value: short(all.P99), Note: "us"},
		{What: "p999", Value: short(all.P999), Note: "us"},
	}
	if r.ServerUse != nil {
		out = append(out, htmlTile{What: "Server", Value: fmt.Sprintf("%.2f", r.ServerUse.CPUPerRequest), Note: "us of CPU per request"})
	}
	if r.Faulty() || r.Failure != "" {
		out = append(out, htmlTile{What: "Faults", Value: short(float64(r.Errors.Total())), Note: "errors; see the summary", Class: "loss"})
	}
	return out
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
