package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/crucible-cache/crucible/internal/bench/fake"
	"github.com/crucible-cache/crucible/internal/bench/profile"
	"github.com/crucible-cache/crucible/internal/bench/report"
	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/retry"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	fake.Program()
	os.Exit(m.Run())
}

// call parses arguments as main does, and runs the command.
func call(t *testing.T, args ...string) error {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the load driver is epoll")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var c commandLine
	parser, err := kong.New(&c, kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return err
	}
	return parsed.Run()
}

func startFake(t *testing.T) *fake.Server {
	t.Helper()
	f, err := fake.Start(wire.RESP, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Kill)
	return f
}

func TestRunWritesWhatItMeasured(t *testing.T) {
	f, dir := startFake(t), t.TempDir()
	paths := map[string]string{"--json": filepath.Join(dir, "r.json"), "--csv": filepath.Join(dir, "r.csv"), "--html": filepath.Join(dir, "r.html")}
	args := []string{"../../benchmark/redis.toml", "--target", f.Address(), "--keys", "50", "-c", "3", "-n", "600", "--warmup", "0s", "--verify", "-q"}
	for flag, path := range paths {
		args = append(args, flag, path)
	}
	if err := call(t, args...); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(paths["--json"])
	if err != nil {
		t.Fatal(err)
	}
	var r report.Run
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	if r.Requests != 600 || r.Misses != 0 || r.Errors.Total() != 0 || len(r.Commands) != 3 || r.Commands[0].Requests <= r.Commands[1].Requests {
		t.Errorf("%+v", r)
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestRunFailsOnErrors(t *testing.T) {
	f := startFake(t)
	f.Forget(true)
	err := call(t, "../../benchmark/redis.toml", "--target", f.Address(), "--keys", "5", "-c", "2", "-n", "500", "--verify", "--no-prefill", "-q")
	if err != nil {
		t.Errorf("a cache that misses is no fault: %v", err)
	}
	var served atomic.Int64 // from now on: the precheck is answered
	f.Misbehave(func(int) (string, bool) {
		if served.Add(1)%50 == 0 {
			return "-OOM no\r\n", true
		}
		return "", true
	})
	if err := call(t, "--target", f.Address(), "-c", "2", "-n", "500", "--no-prefill", "-q"); !errors.Is(err, errFaults) {
		t.Errorf("got %v, want %v", err, errFaults)
	}
	served.Store(0)
	if err := call(t, "--target", f.Address(), "--keys", "500", "-q"); err == nil || !strings.Contains(err.Error(), "prefill") {
		t.Errorf("a refused prefill: %v", err)
	}
	f.Kill()
	if err := call(t, "--target", f.Address(), "-q"); err == nil || !strings.Contains(err.Error(), "precheck") {
		t.Errorf("nobody there: %v", err)
	}
}

// The search ends near what the server can do, wherever the machine lets that be.
func TestRunSearches(t *testing.T) {
	retry.Undisturbed(t, func() error { return searched(t) })
}

func searched(t *testing.T) error {
	f, path := startFake(t), filepath.Join(t.TempDir(), "r.json")
	f.Misbehave(func(int) (string, bool) { time.Sleep(time.Millisecond); return "", true }) // at most 1000 a second
	err := call(t, "--target", f.Address(), "-c", "4", "--no-prefill", "--rate", "400", "-d", "150ms", "--warmup", "20ms", "--slo", "p90=60ms", "--json", path, "-q")
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r report.Run
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	if r.Objective != "p90 <= 60ms" {
		t.Errorf("objective %q", r.Objective)
	}
	if r.Asked < 100 || r.Asked > 1100 || len(r.Search) < 3 {
		return fmt.Errorf("found %v after %d steps", r.Asked, len(r.Search))
	}
	return nil
}

func TestOverride(t *testing.T) {
	zero, size, count := 0.0, 99, uint64(7)
	p := profile.Default()
	p.Load.Rate, p.Values.Sizes = 5, "lognormal"
	(&runCommand{Rate: &zero, ValueSize: &size, Requests: &count, Pipeline: 3}).override(p)
	if p.Load.Rate != 0 || p.Values.Sizes != "fixed" || p.Values.Size != 99 || p.Load.Requests != 7 || p.Load.Duration.Duration != 0 || p.Load.Pipeline != 3 || p.Load.Connections != 50 {
		t.Errorf("%+v", p)
	}
}

func TestRefusals(t *testing.T) {
	for want, args := range map[string][]string{
		"unknown flag":   {"--no-such-flag"},
		"protocol":       {"--protocol", "gopher"},
		"objective":      {"--slo", "p99", "--target", startFake(t).Address(), "--no-prefill"},
		"no server here": {"bench", "--against", "redis-0.1", "--engine", "none"},
		"no crucible":    {"bench", "--server", "/absent", "--against", "none"},
		"must be one of": {"compare", "--suite", "endless"},
		"no such file":   {"absent.toml"},
		"connections 1":  {"--threads", "2", "-c", "1", "--target", startFake(t).Address()},
	} {
		if err := call(t, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want an error with %q, got %v", args, want, err)
		}
	}
}

// A whole comparison, with this test binary as our server under two engines: what is measured must be written down.
func TestBench(t *testing.T) {
	t.Setenv(fake.As(wire.RESP))
	dir := t.TempDir()
	err := call(t, "bench", "--server", os.Args[0], "--engine", "uring,epoll", "--against", "none", "--protocol", "resp", "--keys", "20", "-n", "1",
		"--window", "50ms", "--warmup", "10ms", "--connections", "2", "--pipeline", "2", "--load-cpus", "", "--server-cpus", "", "--out", dir, "-q")
	if err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"json", "md", "html"} {
		files, err := filepath.Glob(filepath.Join(dir, "*."+suffix))
		if err != nil || len(files) != 1 {
			t.Fatalf("%v, %v", files, err)
		}
		raw, err := os.ReadFile(files[0])
		if err != nil || !strings.Contains(string(raw), "crucible epoll") || !strings.Contains(string(raw), "GET, pipeline 2") {
			t.Errorf("%s: %v", files[0], err)
		}
	}
}
