package command

import "testing"

func TestLatencyMonitor(t *testing.T) {
	c := newTestClient(t)
	m := &c.W.Server.spikes
	c.do("CONFIG", "SET", "latency-monitor-threshold", "5")
	c.W.NowMS = 1_000_000
	for _, ms := range []int64{4, 7, 20, 9} {
		c.W.noteSpike("command", ms*1e6)
	}
	c.W.NowMS = 1_002_000
	c.W.noteSpike("command", 6e6)
	c.W.noteSpike("expire-cycle", 8e6)
	for request, want := range map[string]string{
		"LATEST":          "*2\r\n*4\r\n$7\r\ncommand\r\n:1002\r\n:6\r\n:20\r\n*4\r\n$12\r\nexpire-cycle\r\n:1002\r\n:8\r\n:8\r\n",
		"HISTORY command": "*2\r\n*2\r\n:1000\r\n:20\r\n*2\r\n:1002\r\n:6\r\n",
	} {
		if got := c.do(append([]string{"LATENCY"}, transcriptWords(t, request)...)...); got != want {
			t.Errorf("LATENCY %s: %q", request, got)
		}
	}
	if got := c.do("LATENCY", "RESET", "command", "nosuch"); got != ":1\r\n" || len(m.of("command").samples) != 0 {
		t.Errorf("LATENCY RESET %q", got)
	}
	for i := range int64(2 * spikeSamples) {
		m.add("command", i, 6)
	}
	if s := m.of("command").samples; len(s) != spikeSamples || s[0].unix != spikeSamples {
		t.Errorf("%d samples from %d on", len(s), s[0].unix)
	}
}

// The graph is what a Redis 8.0 server draws of the same samples.
func TestLatencyGraph(t *testing.T) {
	s := spikes{samples: []spike{{97, 20}, {98, 50}, {100, 30}}, longest: 50}
	const want = "command - high 50 ms, low 20 ms (all time high 50 ms)\n" +
		"--------------------------------------------------------------------------------\n" +
		" # \n | \n |o\n_||\n   \n320\nsss\n"
	if got := s.graph("command", 100); got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
	for seconds, want := range map[int64]string{0: "0s", 59: "59s", 60: "1m", 7200: "2h", 86400 * 3: "3d"} {
		if got := ago(seconds); got != want {
			t.Errorf("%d s: %s", seconds, got)
		}
	}
}
