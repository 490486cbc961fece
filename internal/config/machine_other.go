//go:build !linux

package config

import "runtime"

// ThisMachine returns what can be known of the machine: there are no cgroups
// here and hyper-threads are not told apart.
func ThisMachine() Machine {
	n := runtime.NumCPU()
	m := Machine{Cores: n, CoresFrom: "CPUs", MemoryBytes: memorySize(), MemoryFrom: "machine"}
	for cpu := range n {
		m.CPUs = append(m.CPUs, cpu)
	}
	return m
}

// NodesOnline lists the NUMA nodes of the machine, which is not known here.
func NodesOnline() []int { return nil }
