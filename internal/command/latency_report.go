package command

import (
	"fmt"
	"strings"
	"time"
)

// latencyDoctorCommand says in words what the latency monitor has seen, and
// what can be done about it.
func latencyDoctorCommand(c *Client, _ [][]byte) {
	server := c.W.Server
	var b strings.Builder
	names := server.spikes.names()
	switch threshold := server.Params.monitorMS.Load(); {
	case threshold == 0 && len(names) == 0:
		b.WriteString("The latency monitor is off. CONFIG SET latency-monitor-threshold <milliseconds> turns it on.\n")
	case len(names) == 0:
		fmt.Fprintf(&b, "Nothing took %d ms or longer so far.\n", threshold)
	default:
		b.WriteString("These took longer than latency-monitor-threshold:\n\n")
		for i, name := range names {
			fmt.Fprintf(&b, "%d. %s: %s\n", i+1, name, server.spikes.of(name).describe())
		}
		b.WriteString("\n" + server.advice(names))
	}
	c.Reply.Verbatim("txt", b.String())
}

// describe tells the spikes of one event in figures.
func (s spikes) describe() string {
	n := int64(len(s.samples))
	var sum, deviation int64
	for _, x := range s.samples {
		sum += x.ms
	}
	mean := sum / n
	for _, x := range s.samples {
		deviation += max(x.ms-mean, mean-x.ms)
	}
	text := fmt.Sprintf("%d spikes, mean %d ms, mean deviation %d ms, longest ever %d ms", n, mean, deviation/n, s.longest)
	if n > 1 {
		apart := float64(s.samples[n-1].unix-s.samples[0].unix) / float64(n-1)
		text += fmt.Sprintf(", %.2f s apart", apart)
	}
	return text
}

// advice says where to look next.
func (s *Server) advice(events []string) string {
	var b strings.Builder
	for _, event := range events {
		switch event {
		case "command", "fast-command":
			if slower, ms := s.Params.slowerThan.Load(), s.Params.monitorMS.Load(); slower < 0 || slower > times(ms, 1000) {
				fmt.Fprintf(&b, "- %s: CONFIG SET slowlog-log-slower-than %d makes SLOWLOG GET list each one.\n", event, times(ms, 1000))
			} else {
				fmt.Fprintf(&b, "- %s: SLOWLOG GET lists them with their arguments.\n", event)
			}
		case "expire-cycle":
			b.WriteString("- expire-cycle: many keys expire at the same time; spread their times to live.\n")
		}
	}
	return b.String()
}

func latencyGraphCommand(c *Client, args [][]byte) {
	event := string(args[2])
	s := c.W.Server.spikes.of(event)
	if len(s.samples) == 0 {
		c.Error("ERR No samples available for event '" + event + "'")
		return
	}
	c.Reply.Verbatim("txt", s.graph(event, time.UnixMilli(c.W.NowMS).Unix()))
}

// graphColumns is the width of LATENCY GRAPH.
const graphColumns = 80

// graph draws the spikes, and below each how long ago it was.
func (s spikes) graph(event string, now int64) string {
	low, high := s.samples[0].ms, s.samples[0].ms
	labels := make([]string, len(s.samples))
	for i, x := range s.samples {
		low, high = min(low, x.ms), max(high, x.ms)
		labels[i] = ago(now - x.unix)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s - high %d ms, low %d ms (all time high %d ms)\n", event, high, low, s.longest)
	b.WriteString(strings.Repeat("-", graphColumns) + "\n")
	for first := 0; first < len(s.samples); first += graphColumns {
		if first > 0 {
			b.WriteString("\n")
		}
		end := min(first+graphColumns, len(s.samples))
		sparkline(&b, s.samples[first:end], labels[first:end], low, max(high-low, 1))
	}
	return b.String()
}

// ago is a time that passed in its largest unit.
func ago(seconds int64) string {
	for _, u := range []struct {
		seconds int64
		name    byte
	}{{24 * 60 * 60, 'd'}, {60 * 60, 'h'}, {60, 'm'}} {
		if seconds >= u.seconds {
			return fmt.Sprintf("%d%c", seconds/u.seconds, u.name)
		}
	}
	return fmt.Sprintf("%ds", seconds)
}

// The heights that sparkline draws: rows of three steps each.
const (
	sparkSteps = "_o#"
	sparkRows  = 4
)

// sparkline draws a column for each sample, its height between low and
// low+span, an empty line, and the labels downwards.
func sparkline(b *strings.Builder, samples []spike, labels []string, low, span int64) {
	const top = int64(sparkRows * len(sparkSteps))
	line := make([]byte, len(samples))
	for row := range int64(sparkRows) {
		for i, x := range samples {
			step := min((x.ms-low)*top/span, top-1)
			switch above := step - (sparkRows-row-1)*int64(len(sparkSteps)); {
			case above < 0:
				line[i] = ' '
			case above < int64(len(sparkSteps)):
				line[i] = sparkSteps[above]
			default:
				line[i] = '|'
			}
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	longest := 0
	for _, l := range labels {
		longest = max(longest, len(l))
	}
	for row := -1; row < longest; row++ {
		for i, l := range labels {
			line[i] = ' '
			if row >= 0 && row < len(l) {
				line[i] = l[row]
			}
		}
		b.Write(line)
		b.WriteByte('\n')
	}
}
