package admin

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/config"
	"github.com/crucible-cache/crucible/internal/metrics"
)

var (
	hits  = &metrics.Family{Name: "crucible_hits_total", Help: "Hits.", Kind: metrics.Counts, Labels: []string{"protocol"}}
	items = &metrics.Family{Name: "crucible_items", Help: "Items.", Kind: metrics.Levels}
)

type loop struct{ hits metrics.Counter }

func (l *loop) Families() []*metrics.Family { return []*metrics.Family{hits, items} }

func (l *loop) Collect(emit metrics.Emit) {
	emit(hits, float64(l.hits.Load()), "resp")
	emit(items, 5)
}

// serve starts an admin server and returns a getter of its paths.
func serve(t *testing.T, c config.Metrics, state *State, sources ...metrics.Source) (s *Server, get func(path string) (int, string)) {
	t.Helper()
	c.Address = "127.0.0.1:0"
	s, err := Serve(socket(t, c), c, state, sources, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(context.Background()) })
	client := &http.Client{Timeout: time.Minute}
	t.Cleanup(client.CloseIdleConnections)
	return s, func(path string) (int, string) {
		t.Helper()
		r, err := client.Get("http://" + s.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, string(body)
	}
}

func always() bool { return true }

func TestMetricsAreSummedAtEachScrape(t *testing.T) {
	var a, b loop
	_, get := serve(t, config.Metrics{}, NewState(always), &a, &b)
	a.hits.Add(2)
	b.hits.Add(3)
	for _, want := range []string{"5", "6"} {
		code, body := get("/metrics")
		if code != 200 {
			t.Fatal(code, body)
		}
		for _, line := range []string{
			`crucible_hits_total{protocol="resp"} ` + want,
			"crucible_items 10",
			"# TYPE crucible_hits_total counter",
			"# TYPE crucible_items gauge",
			"# HELP crucible_items Items.",
			"go_goroutines ",
		} {
			if !strings.Contains(body, line) {
				t.Errorf("no %q in\n%s", line, body)
			}
		}
		b.hits.Add(1)
	}
}

func TestReadyFollowsThePhase(t *testing.T) {
	state := NewState(always)
	_, get := serve(t, config.Metrics{}, state)
	for _, step := range []struct {
		phase Phase
		code  int
		body  string
	}{{Starting, 503, "starting\n"}, {Serving, 200, "serving\n"}, {Draining, 503, "draining\n"}} {
		state.Enter(step.phase)
		if code, body := get("/readyz"); code != step.code || body != step.body {
			t.Errorf("%s: %d %q", step.phase, code, body)
		}
		if code, _ := get("/healthz"); code != 200 {
			t.Errorf("%s: /healthz says %d", step.phase, code)
		}
	}
}

func TestHealthFollowsTheLoops(t *testing.T) {
	var alive atomic.Bool
	_, get := serve(t, config.Metrics{}, NewState(alive.Load))
	if code, body := get("/healthz"); code != 503 || !strings.Contains(body, "progress") {
		t.Errorf("%d %q", code, body)
	}
	alive.Store(true)
	if code, body := get("/healthz"); code != 200 || body != "ok\n" {
		t.Errorf("%d %q", code, body)
	}
}

func TestProfilerOnlyWhenAskedFor(t *testing.T) {
	for _, pprof := range []bool{false, true} {
		_, get := serve(t, config.Metrics{Pprof: pprof}, NewState(always))
		want := map[bool]int{false: 404, true: 200}[pprof]
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/cmdline", "/debug/pprof/heap"} {
			if code, _ := get(path); code != want {
				t.Errorf("pprof %t: %s says %d, want %d", pprof, path, code, want)
			}
		}
	}
}

func TestOnlyKnownPathsAndMethods(t *testing.T) {
	s, get := serve(t, config.Metrics{}, NewState(always))
	if code, _ := get("/"); code != 404 {
		t.Errorf("/ says %d", code)
	}
	r, err := http.Post("http://"+s.Addr().String()+"/readyz", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST says %d", r.StatusCode)
	}
}

// A bug in one source must not hide the others.
func TestUndeclaredMetric(t *testing.T) {
	var log bytes.Buffer
	stray := &metrics.Family{Name: "crucible_stray", Help: "x"}
	c := config.Metrics{Address: "127.0.0.1:0"}
	s, err := Serve(socket(t, c), c, NewState(always), []metrics.Source{&loop{}, source{stray}}, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.Get("http://" + s.Addr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(r.Body)
	r.Body.Close()
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(body), "crucible_items 5") || !strings.Contains(log.String(), "crucible_stray") {
		t.Errorf("body:\n%s\nlog: %s", body, log.String())
	}
}

// source emits a family that it does not declare.
type source struct{ f *metrics.Family }

func (s source) Families() []*metrics.Family { return nil }
func (s source) Collect(emit metrics.Emit)   { emit(s.f, 1) }

func TestSameNameTwiceIsRefused(t *testing.T) {
	other := &metrics.Family{Name: hits.Name, Help: "other"}
	if _, err := newRegistry([]metrics.Source{&loop{}, declares{other}}); err == nil || !strings.Contains(err.Error(), "declared twice") {
		t.Errorf("error: %v", err)
	}
}

type declares struct{ f *metrics.Family }

func (d declares) Families() []*metrics.Family { return []*metrics.Family{d.f} }
func (d declares) Collect(metrics.Emit)        {}

func TestAddressInUse(t *testing.T) {
	s, _ := serve(t, config.Metrics{}, NewState(always))
	_, err := Listen(config.Metrics{Address: s.Addr().String()})
	if err == nil || !strings.Contains(err.Error(), "choose another one for metrics.address") {
		t.Errorf("error: %v", err)
	}
}

func TestClose(t *testing.T) {
	s, get := serve(t, config.Metrics{}, NewState(always))
	get("/healthz")
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if r, err := http.Get("http://" + s.Addr().String() + "/healthz"); err == nil {
		r.Body.Close()
		t.Error("still serves")
	}
}

func socket(t *testing.T, c config.Metrics) net.Listener {
	t.Helper()
	l, err := Listen(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
