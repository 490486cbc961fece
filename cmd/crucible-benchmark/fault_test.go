package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/fake"
	"github.com/crucible-cache/crucible/internal/bench/report"
	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/retry"
)

// asProgram makes this test binary the benchmark itself.
const asProgram = "CRUCIBLE_BENCHMARK_MAIN"

// serverProcess starts a server as a process of its own, which a signal can reach.
func serverProcess(t *testing.T) (address string, pid int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	name, value := fake.As(wire.RESP)
	server := exec.Command(os.Args[0], "--port", strconv.Itoa(port))
	server.Env = append(os.Environ(), name+"="+value)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	address = l.Addr().String()
	for range 6000 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return address, server.Process.Pid
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the server doesn't listen")
	return "", 0
}

// benchmark runs the program on a server and returns its exit status, what it printed, and its JSON.
func benchmark(t *testing.T, address string, args ...string) (status int, printed string, r report.Run) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the load driver needs Linux")
	}
	path := filepath.Join(t.TempDir(), "r.json")
	args = append([]string{"--target", address, "--keys", "100", "-c", "4", "--warmup", "100ms", "--json", path}, args...)
	program := exec.Command(os.Args[0], args...)
	program.Env = append(os.Environ(), asProgram+"=1")
	out, err := program.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; printed:\n%s", err, out)
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	return program.ProcessState.ExitCode(), string(out), r
}

func TestServerKilled(t *testing.T) {
	t.Parallel()
	after := 750 * time.Millisecond
	retry.Undisturbed(t, func() error {
		after *= 2 // on a busy machine the run may not have begun
		address, pid := serverProcess(t)
		time.AfterFunc(after, func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
		began := time.Now()
		status, printed, r := benchmark(t, address, "-d", "5m")
		if took := time.Since(began); status != 1 || took > after+time.Minute {
			t.Errorf("status %d after %v:\n%s", status, took, printed)
		}
		if !strings.Contains(r.Failure, "the server is gone") || !strings.Contains(printed, "the server is gone") || r.Requests == 0 || r.Errors.Total() == 0 {
			return fmt.Errorf("failure %q, %d requests, errors %v:\n%s", r.Failure, r.Requests, r.Errors, printed)
		}
		return nil
	})
}

// In an open loop a stall of a second in three is in the latency of a third of the requests. In a closed one only the
// connections' own requests meet it, four of thousands: there the report has to say it.
func TestServerStalls(t *testing.T) {
	for _, rate := range []string{"500", "0"} {
		t.Run(rate, func(t *testing.T) {
			t.Parallel()
			retry.Undisturbed(t, func() error { return stall(t, rate) })
		})
	}
}

func stall(t *testing.T, rate string) error {
	t.Helper()
	address, pid := serverProcess(t)
	time.AfterFunc(1200*time.Millisecond, func() {
		_ = syscall.Kill(pid, syscall.SIGSTOP)
		time.Sleep(time.Second)
		_ = syscall.Kill(pid, syscall.SIGCONT)
	})
	status, printed, r := benchmark(t, address, "-d", "3s", "--rate", rate)
	if status != 1 || r.Stalls != 1 || r.LongestStall < 0.8 || r.LongestStall > 3 || !strings.Contains(printed, "STALLED") {
		return fmt.Errorf("rate %s: status %d, %d stalls of up to %v s:\n%s", rate, status, r.Stalls, r.LongestStall, printed)
	}
	if c := r.Commands[0]; rate != "0" && (c.P999 < 900_000 || c.P90 < 300_000) {
		return fmt.Errorf("a stall of a second left p90 at %v us and p999 at %v us", c.P90, c.P999)
	}
	return nil
}

func TestServerAnswersWrong(t *testing.T) {
	f := startFake(t)
	f.Misbehave(func(n int) (string, bool) {
		if n > 1000 && n%100 == 0 {
			return "$64\r\n" + strings.Repeat("x", 64) + "\r\n", true
		}
		return "", true
	})
	status, printed, r := benchmark(t, f.Address(), "--verify", "-n", "2000")
	if status != 1 || r.Errors["wrong value: not one of this workload"] == 0 || !strings.Contains(printed, "wrong value") {
		t.Errorf("status %d, errors %v:\n%s", status, r.Errors, printed)
	}
}

// And one that does everything right: status 0.
func TestNothingWrong(t *testing.T) {
	status, printed, r := benchmark(t, startFake(t).Address(), "--verify", "-n", "2000")
	if status != 0 || r.Faulty() {
		t.Errorf("status %d, errors %v:\n%s", status, r.Errors, printed)
	}
	for _, phase := range []string{"precheck:", "prefill:", "connect:", "warm-up:", "run:", "drain:"} {
		if !strings.Contains(printed, phase) {
			t.Errorf("no word of %s\n%s", phase, printed)
		}
	}
}
