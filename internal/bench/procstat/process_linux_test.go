package procstat

import (
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"testing"
	"time"
)

func TestParseStatWithBracketsInName(t *testing.T) {
	stat := "12 (a b) (c) S 1 12 12 0 -1 4194560 100 0 0 0 250 75 0 0 20 0 4 0 100 1000 10"
	got, err := parseStat([]byte(stat))
	if err != nil {
		t.Fatal(err)
	}
	want := CPU{Total: 3250 * time.Millisecond, User: 2500 * time.Millisecond, System: 750 * time.Millisecond}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, bad := range []string{"", "12 (a", "12 (a) S 1 2", "12 (a) S 1 12 12 0 -1 4194560 100 0 0 0 x 75 0"} {
		if _, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q must be refused", bad)
		}
	}
}

func TestParseCPULine(t *testing.T) {
	stat := []byte("cpu  9 9 9 9 9 9 9 9 9 9\ncpu1 1 2 3 100 50 4 5 7 0 0\ncpu11 9 9 9 9 9 9 9 9 9 9\n")
	busy, stolen, err := parseCPULine(stat, 1)
	if err != nil || busy != 150*time.Millisecond || stolen != 70*time.Millisecond {
		t.Errorf("busy %v, stolen %v, %v", busy, stolen, err)
	}
	if _, _, err := parseCPULine(stat, 2); err == nil {
		t.Error("there is no CPU 2")
	}
}

// A busy child's CPU time must grow about as fast as the clock, in whatever unit it is read.
func TestReadCPUOfChild(t *testing.T) {
	child := exec.Command("/bin/sh", "-c", "while :; do :; done")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Wait()
	defer child.Process.Kill()
	first, err := ReadCPU(child.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		time.Sleep(50 * time.Millisecond)
		now, err := ReadCPU(child.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		if spent := now.Sub(first); spent.Total >= 30*time.Millisecond {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("a busy loop used no CPU in a minute")
		}
	}
	if m, err := ReadMemory(child.Process.Pid); err != nil || m.Resident == 0 || m.Peak < m.Resident {
		t.Errorf("memory %+v, %v", m, err)
	}
}

func TestReadThreadCPU(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := ReadThreadCPU(ThreadID())
	if err != nil {
		t.Fatal(err)
	}
	for sum, i := 0, 0; i < 20_000_000; i++ {
		sum += i
		runtime.KeepAlive(sum)
	}
	after, err := ReadThreadCPU(ThreadID())
	if err != nil || after <= before {
		t.Errorf("%v then %v, %v", before, after, err)
	}
}

func TestWithPinnedIsInherited(t *testing.T) {
	cpus, err := OnlineCPUs()
	if err != nil {
		t.Fatal(err)
	}
	want := cpus[len(cpus)-1:]
	var out []byte
	err = WithPinned(want, func() error {
		got, err := OnlineCPUs()
		if err == nil && !slices.Equal(got, want) {
			t.Errorf("inside: CPUs %v, want %v", got, want)
		}
		out, err = exec.Command("/bin/grep", "Cpus_allowed_list", "/proc/self/status").Output()
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("%q, %v", out, err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if after, _ := OnlineCPUs(); !slices.Equal(after, cpus) {
		t.Errorf("afterwards: CPUs %v, want %v back", after, cpus)
	}
}

func TestListenerOf(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if pid, err := ListenerOf(port); err != nil || pid != os.Getpid() {
		t.Errorf("port %d is process %d's, want %d, %v", port, pid, os.Getpid(), err)
	}
	l.Close()
	if pid, err := ListenerOf(port); err != nil || pid != 0 {
		t.Errorf("nobody listens, but process %d is named, %v", pid, err)
	}
}

func TestMissingProcess(t *testing.T) {
	if _, err := ReadCPU(1 << 30); !os.IsNotExist(err) {
		t.Errorf("got %v", err)
	}
}
