package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
)

// Measures of every chart, in SVG user units.
const (
	chartWidth   = 860
	labelWidth   = 210
	barHeight    = 14
	groupGap     = 12
	lineHeight   = 220
	axisWidth    = 70
	legendHeight = 24
)

// colours is how many the page defines, for light and for dark, in the order of the contenders, ours first.
const colours = 8

func colour(i int) string { return fmt.Sprintf("var(--s%d)", i%colours) }

// svg collects the elements of one chart.
type svg struct {
	strings.Builder
	height float64
}

func (s *svg) add(format string, args ...any) { fmt.Fprintf(s, format+"\n", args...) }

func (s *svg) text(x, y float64, anchor, text string) {
	s.add(`<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, x, y, anchor, html.EscapeString(text))
}

// done wraps the elements. All text went through EscapeString and all numbers through a verb for numbers.
func (s *svg) done() template.HTML {
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %d %.0f" role="img">%s</svg>`, chartWidth, s.height, s.String()))
}

func (s *svg) legend(names []string) {
	x := float64(labelWidth)
	for i, name := range names {
		s.add(`<rect x="%.1f" y="4" width="12" height="12" rx="3" fill="%s"/>`, x, colour(i))
		s.text(x+17, 14, "start", name)
		x += 30 + 7.5*float64(len(name))
	}
	s.height = legendHeight
}

// group is one label with a value per series; NaN leaves a gap.
type group struct {
	label  string
	values []float64
}

// figureText writes a value by a verb, in few digits without one.
func figureText(format string, v float64) string {
	if format == "" {
		return short(v)
	}
	return fmt.Sprintf(format, v)
}

// bars draws groups of horizontal bars, a bar per series. An empty format writes values in few digits.
func bars(series []string, groups []group, format string) template.HTML {
	s := &svg{}
	s.legend(series)
	top := 0.0
	for _, g := range groups {
		for _, v := range g.values {
			top = max(top, finite(v))
		}
	}
	scale := (chartWidth - labelWidth - axisWidth) / max(top, math.SmallestNonzeroFloat32)
	for _, g := range groups {
		s.text(labelWidth-8, s.height+float64(len(g.values)*barHeight)/2+4, "end", g.label)
		for i, v := range g.values {
			if !math.IsNaN(v) {
				s.add(`<rect x="%d" y="%.1f" width="%.1f" height="%d" rx="2.5" fill="%s"/>`, labelWidth, s.height, max(v*scale, 1), barHeight-2, colour(i))
				s.text(labelWidth+v*scale+5, s.height+barHeight-4, "start", figureText(format, v))
			}
			s.height += barHeight
		}
		s.height += groupGap
	}
	return s.done()
}

// interval is a ratio with the bounds of its confidence.
type interval struct {
	label            string
	value, low, high float64
	series           int
	decided          bool
}

// intervals draws ratios as points with whiskers around the line of 1. An undecided one is hollow.
func intervals(series []string, items []interval) template.HTML {
	s := &svg{}
	s.legend(series)
	low, high := 0.9, 1.1
	for _, i := range items {
		low, high = min(low, i.low), max(high, i.high)
	}
	x := func(v float64) float64 {
		return labelWidth + (math.Log(v)-math.Log(low))/(math.Log(high)-math.Log(low))*(chartWidth-labelWidth-axisWidth)
	}
	top := s.height
	for _, i := range items {
		y := s.height + barHeight/2
		s.text(labelWidth-8, y+4, "end", i.label)
		s.add(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="2"/>`, x(i.low), y, x(i.high), y, colour(i.series))
		fill := "none"
		if i.decided {
			fill = colour(i.series)
		}
		s.add(`<circle cx="%.1f" cy="%.1f" r="5" fill="%s" stroke="%s" stroke-width="2"/>`, x(i.value), y, fill, colour(i.series))
		s.text(x(i.high)+8, y+4, "start", fmt.Sprintf("%.2f", i.value))
		s.height += barHeight + 4
	}
	s.add(`<line class="one" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, x(1), top, x(1), s.height)
	s.height += 14
	s.text(x(1), s.height, "middle", "1: equal")
	s.height += 6
	return s.done()
}

// curve is one series of points over common places on the x axis.
type curve struct {
	name   string
	values []float64
}

// lines draws curves over labelled places, on a logarithmic scale when the values span decades.
func lines(labels []string, curves []curve, unit string, logarithmic bool) template.HTML {
	s := &svg{}
	var names []string
	low, high := math.Inf(1), 0.0
	for _, c := range curves {
		names = append(names, c.name)
		for _, v := range c.values {
			if v = finite(v); v > 0 {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	s.legend(names)
	if high == 0 {
		s.text(labelWidth, s.height+14, "start", "nothing was measured")
		s.height += 20
		return s.done()
	}
	a := newAxis(low, high, logarithmic, s.height)
	a.draw(s, unit)
	step := float64(chartWidth-2*axisWidth) / max(1, float64(len(labels)-1))
	every := (len(labels) + 11) / 12
	for i, label := range labels {
		if i%every == 0 {
			s.text(axisWidth+step*float64(i), a.bottom+16, "middle", label)
		}
	}
	for i, c := range curves {
		var points []string
		for j, v := range c.values {
			if !math.IsNaN(v) {
				points = append(points, fmt.Sprintf("%.1f,%.1f", axisWidth+step*float64(j), a.y(v)))
			}
		}
		s.add(`<polyline points="%s" fill="none" stroke="%s" stroke-width="2.5" stroke-linejoin="round"/>`, strings.Join(points, " "), colour(i))
	}
	s.height = a.bottom + 24
	return s.done()
}

// axis is the vertical axis of lines.
type axis struct {
	low, high   float64
	logarithmic bool
	top, bottom float64
}

func newAxis(low, high float64, logarithmic bool, top float64) *axis {
	a := &axis{low: 0, high: high * 1.05, logarithmic: logarithmic, top: top + 8, bottom: top + 8 + lineHeight}
	if logarithmic {
		a.low, a.high = math.Pow(10, math.Floor(math.Log10(low))), math.Pow(10, math.Ceil(math.Log10(high*1.0001)))
	}
	return a
}

func (a *axis) y(v float64) float64 {
	at := v / a.high
	if a.logarithmic {
		v = max(v, a.low)
		at = math.Log(v/a.low) / math.Log(a.high/a.low)
	}
	return a.bottom - at*(a.bottom-a.top)
}

func (a *axis) draw(s *svg, unit string) {
	var ticks []float64
	if a.logarithmic {
		for v := a.low; v <= a.high*1.0001; v *= 10 {
			ticks = append(ticks, v)
		}
	} else {
		for i := range 5 {
			ticks = append(ticks, a.high*float64(i)/4)
		}
	}
	for _, v := range ticks {
		s.add(`<line class="grid" x1="%d" y1="%.1f" x2="%d" y2="%.1f"/>`, axisWidth, a.y(v), chartWidth-axisWidth, a.y(v))
		s.text(axisWidth-6, a.y(v)+4, "end", short(v)+unit)
	}
}

// short writes a number in few digits.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.3gM", v/1e6)
	case v >= 1e3:
		return fmt.Sprintf("%.3gk", v/1e3)
	}
	return fmt.Sprintf("%.3g", v)
}

func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
