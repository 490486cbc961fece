package apptest

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// resident returns the resident bytes of the server, 0 when it is gone.
func (s *server) resident() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// cpu returns the CPU time that the process has used, in ticks of 10 ms.
func (s *server) cpu() (ticks int64) {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	var user, system int64
	_, after, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(after) // from the state on, the third of all
	if len(fields) < 13 {
		s.t.Fatalf("%q", text)
	}
	_, _ = fmt.Sscan(fields[11], &user)
	_, _ = fmt.Sscan(fields[12], &system)
	return user + system
}

// rests waits until the server, which nobody asks anything, takes less than a tenth of a CPU.
func (s *server) rests() {
	s.t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		s.t.Log("*** NOT TESTED: ", err)
		return
	}
	const window, most = 300 * time.Millisecond, 3
	until(s.t, patience, "a server with nothing to do rests", func() bool {
		before := s.cpu()
		time.Sleep(window)
		return s.cpu()-before < most
	})
}

// rollup returns the resident bytes as the exact, slower account has them.
func (s *server) rollup() int64 {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	var kb int64
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, "Rss: %d kB", &kb); err == nil {
			return kb << 10
		}
	}
	s.t.Fatalf("no Rss in %s", text)
	return 0
}

// files returns how many descriptors the server has open.
func (s *server) files() int {
	s.t.Helper()
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	return len(list)
}

// watch samples the resident bytes until it is stopped, and then returns the
// most it saw.
func (s *server) watch() (stop func() int64) {
	quit, most := make(chan struct{}), make(chan int64)
	go func() {
		every := time.NewTicker(5 * time.Millisecond)
		defer every.Stop()
		peak := int64(0)
		for {
			select {
			case <-every.C:
				peak = max(peak, s.resident())
			case <-quit:
				most <- peak
				return
			}
		}
	}()
	return func() int64 {
		close(quit)
		return <-most
	}
}

// needProc skips where the system does not account for processes as Linux does.
func needProc(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/proc/self/smaps_rollup"); err != nil {
		t.Skip("*** NOT TESTED: ", err)
	}
}

const mb = 1 << 20
