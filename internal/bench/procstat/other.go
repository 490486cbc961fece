//go:build !linux

package procstat

import "time"

// ReadCPU needs Linux.
func ReadCPU(int) (CPU, error) { return CPU{}, ErrUnsupported }

// ReadThreadCPU needs Linux.
func ReadThreadCPU(int) (time.Duration, error) { return 0, ErrUnsupported }

// ReadMemory needs Linux.
func ReadMemory(int) (Memory, error) { return Memory{}, ErrUnsupported }

// ReadBusy needs Linux.
func ReadBusy([]int) (busy, stolen time.Duration, err error) { return 0, 0, ErrUnsupported }

// ListenerOf needs Linux.
func ListenerOf(int) (pid int, err error) { return 0, ErrUnsupported }

// OnlineCPUs needs Linux.
func OnlineCPUs() ([]int, error) { return nil, ErrUnsupported }

// PinThread refuses to pretend: asking for CPUs where there is no affinity is an error.
func PinThread(cpus []int) error { return refuse(cpus) }

// PinProcess refuses as PinThread does.
func PinProcess(cpus []int) error { return refuse(cpus) }

// WithPinned runs start when no CPUs are asked for, and refuses otherwise.
func WithPinned(cpus []int, start func() error) error {
	if err := refuse(cpus); err != nil {
		return err
	}
	return start()
}

// ThreadID needs Linux; 0 names no thread.
func ThreadID() int { return 0 }

func refuse(cpus []int) error {
	if len(cpus) > 0 {
		return ErrUnsupported
	}
	return nil
}
