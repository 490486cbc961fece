package config

import (
	"os"

	"golang.org/x/sys/unix"
)

// ThisMachine returns the limits of the machine and cgroup we run in.
func ThisMachine() Machine {
	return readMachine(os.DirFS("/"), affinity())
}

// affinity returns the CPUs this process may run on.
func affinity() []int {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return nil
	}
	var cpus []int
	for cpu, left := 0, set.Count(); left > 0; cpu++ {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
			left--
		}
	}
	return cpus
}
