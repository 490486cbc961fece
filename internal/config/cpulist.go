package config

import (
	"fmt"
	"strconv"
	"strings"
)

// CPUList is a list of CPU numbers and ranges of them, ["0-3", "8"], in the
// notation of taskset and /sys. The order is kept: it is the order in which
// loops are placed.
type CPUList []CPURange

// CPURange is the CPUs First to Last, both included.
type CPURange struct{ First, Last int }

// maxCPU bounds the CPU numbers of a list to what a kernel mask can hold.
const maxCPU = 8191

// UnmarshalText reads "3" or "0-3".
func (r *CPURange) UnmarshalText(text []byte) error {
	lo, hi, isRange := strings.Cut(string(text), "-")
	first, err := cpuNumber(lo)
	last := first
	if err == nil && isRange {
		last, err = cpuNumber(hi)
	}
	if err != nil || last < first {
		return fmt.Errorf("%q is not a CPU or a range of CPUs: write 3 or 0-3", text)
	}
	*r = CPURange{first, last}
	return nil
}

func cpuNumber(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n > maxCPU {
		return 0, fmt.Errorf("%q is not a CPU number", s)
	}
	return int(n), nil
}

// String writes the range as it is written in a profile.
func (r CPURange) String() string {
	if r.First == r.Last {
		return strconv.Itoa(r.First)
	}
	return fmt.Sprintf("%d-%d", r.First, r.Last)
}

// CPUs expands the list. A CPU that is named twice is an error.
func (l CPUList) CPUs() ([]int, error) {
	var cpus []int
	seen := map[int]bool{}
	for _, r := range l {
		for cpu := r.First; cpu <= r.Last; cpu++ {
			if seen[cpu] {
				return nil, fmt.Errorf("CPU %d is listed twice: remove one of them", cpu)
			}
			seen[cpu] = true
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}
