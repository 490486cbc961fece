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

// NodesOnline lists the NUMA nodes of the machine; empty if it is not known.
func NodesOnline() []int {
	text, err := os.ReadFile("/sys/devices/system/node/online")
	if err != nil {
		return nil
	}
	nodes, err := parseNodes(string(text))
	if err != nil {
		return nil
	}
	return nodes
}
