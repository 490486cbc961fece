package procstat

import (
	"fmt"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// OnlineCPUs returns the CPUs this process may run on.
func OnlineCPUs() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, err
	}
	var cpus []int
	for cpu := range len(set) * 64 {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}

// PinThread binds the calling thread, which the caller has locked, to the CPUs. Threads and processes it starts from now
// on inherit them. No CPUs means no change.
func PinThread(cpus []int) error {
	if len(cpus) == 0 {
		return nil
	}
	set := cpuSet(cpus)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("pin to CPUs %v: %w", cpus, err)
	}
	return nil
}

// PinProcess binds every thread of this process, present and future, to the CPUs. Threads started while it works are
// caught by going over the list until it holds no new one.
func PinProcess(cpus []int) error {
	if len(cpus) == 0 {
		return nil
	}
	set := cpuSet(cpus)
	pinned := map[int]bool{}
	for before := -1; before != len(pinned); {
		before = len(pinned)
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		for _, task := range tasks {
			tid, err := strconv.Atoi(task.Name())
			if err != nil || pinned[tid] {
				continue
			}
			if err := unix.SchedSetaffinity(tid, &set); err != nil && err != unix.ESRCH {
				return fmt.Errorf("pin to CPUs %v: %w", cpus, err)
			}
			pinned[tid] = true
		}
	}
	return nil
}

// WithPinned runs start on a thread bound to the CPUs, so that a process started inside is born there with all its
// future threads, then gives the thread its own CPUs back.
func WithPinned(cpus []int, start func() error) error {
	if len(cpus) == 0 {
		return start()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var own unix.CPUSet
	if err := unix.SchedGetaffinity(0, &own); err != nil {
		return err
	}
	if err := PinThread(cpus); err != nil {
		return err
	}
	defer func() { _ = unix.SchedSetaffinity(0, &own) }() // the set it had a moment ago cannot be refused
	return start()
}

// ThreadID returns the kernel's id of the calling thread, which the caller has locked.
func ThreadID() int { return unix.Gettid() }

func cpuSet(cpus []int) unix.CPUSet {
	var set unix.CPUSet
	for _, cpu := range cpus {
		set.Set(cpu)
	}
	return set
}
