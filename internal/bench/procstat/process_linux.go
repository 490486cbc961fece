package procstat

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// clockTick is the unit of /proc/PID/stat: USER_HZ, which is 100 on every architecture Linux runs Go on.
const clockTick = 10 * time.Millisecond

// Kinds of CPU clock that can be encoded in a clock id: the low bits of the id, below the complemented pid.
const (
	clockScheduled = 2 // precise run time, as the scheduler accounts it
	clockPerThread = 4 // the pid names one thread rather than a whole process
)

// ReadCPU returns the CPU time of the process so far. The process may belong to another user, but not to another pid namespace.
func ReadCPU(pid int) (CPU, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return CPU{}, err
	}
	cpu, err := parseStat(stat)
	if err != nil {
		return CPU{}, err
	}
	if total, err := readClock(int32(^pid<<3 | clockScheduled)); err == nil {
		cpu.Total = total
	}
	return cpu, nil
}

// ReadThreadCPU returns the CPU time of one thread of this process, by its kernel thread id.
func ReadThreadCPU(tid int) (time.Duration, error) {
	return readClock(int32(^tid<<3 | clockScheduled | clockPerThread))
}

func readClock(id int32) (time.Duration, error) {
	var ts unix.Timespec
	if err := unix.ClockGettime(id, &ts); err != nil {
		return 0, err
	}
	return time.Duration(ts.Nano()), nil
}

// parseStat reads fields 14 and 15 (utime, stime) of /proc/PID/stat. The command name in field 2 may hold spaces and
// brackets, so fields are counted from the last closing one.
func parseStat(stat []byte) (CPU, error) {
	end := bytes.LastIndexByte(stat, ')')
	fields := bytes.Fields(stat[end+1:])
	const utime, stime = 14 - 3, 15 - 3 // field 3 is the first behind the name
	if end < 0 || len(fields) <= stime {
		return CPU{}, errors.New("malformed /proc/PID/stat")
	}
	user, errUser := strconv.ParseInt(string(fields[utime]), 10, 64)
	system, errSystem := strconv.ParseInt(string(fields[stime]), 10, 64)
	if err := errors.Join(errUser, errSystem); err != nil {
		return CPU{}, err
	}
	cpu := CPU{User: time.Duration(user) * clockTick, System: time.Duration(system) * clockTick}
	cpu.Total = cpu.User + cpu.System
	return cpu, nil
}

// ReadMemory returns the resident memory of the process.
func ReadMemory(pid int) (Memory, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Memory{}, err
	}
	return Memory{Resident: statusBytes(status, "VmRSS:"), Peak: statusBytes(status, "VmHWM:")}, nil
}

// statusBytes returns a "Name:  123 kB" line of /proc/PID/status in bytes, 0 when it is absent (a zombie has none).
func statusBytes(status []byte, name string) uint64 {
	for line := range bytes.Lines(status) {
		rest, ok := bytes.CutPrefix(line, []byte(name))
		if !ok {
			continue
		}
		fields := bytes.Fields(rest)
		if len(fields) == 0 {
			return 0
		}
		kib, err := strconv.ParseUint(string(fields[0]), 10, 64)
		if err != nil {
			return 0
		}
		return kib << 10
	}
	return 0
}

// ReadBusy returns how long the given CPUs have been doing anything but idle since boot, summed, and the part the
// hypervisor took away (steal). Both are in clock ticks of 10 ms.
func ReadBusy(cpus []int) (busy, stolen time.Duration, err error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, err
	}
	for _, cpu := range cpus {
		b, s, err := parseCPULine(stat, cpu)
		if err != nil {
			return 0, 0, err
		}
		busy, stolen = busy+b, stolen+s
	}
	return busy, stolen, nil
}

// parseCPULine reads "cpuN user nice system idle iowait irq softirq steal guest guest_nice". Guest time is already part
// of user time.
func parseCPULine(stat []byte, cpu int) (busy, stolen time.Duration, err error) {
	name := fmt.Appendf(nil, "cpu%d ", cpu)
	for line := range bytes.Lines(stat) {
		rest, ok := bytes.CutPrefix(line, name)
		if !ok {
			continue
		}
		fields := bytes.Fields(rest)
		const idle, iowait, steal = 3, 4, 7
		if len(fields) <= steal {
			break
		}
		for i, f := range fields[:steal+1] {
			ticks, err := strconv.ParseInt(string(f), 10, 64)
			if err != nil {
				return 0, 0, err
			}
			switch i {
			case idle, iowait:
			case steal:
				stolen = time.Duration(ticks) * clockTick
			default:
				busy += time.Duration(ticks) * clockTick
			}
		}
		return busy, stolen, nil
	}
	return 0, 0, fmt.Errorf("/proc/stat has no CPU %d", cpu)
}
