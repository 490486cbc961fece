// Package machine describes the computer a benchmark ran on, as far as the result depends on it. It reads /proc and /etc
// once, when asked, and leaves empty what the operating system doesn't tell.
package machine

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Machine is the description.
type Machine struct {
	CPU    string `json:"cpu"`
	CPUs   int    `json:"cpus"`
	Kernel string `json:"kernel"`
	System string `json:"system"`
	// MemoryMiB is all the memory there is.
	MemoryMiB int `json:"memory_mib"`
	// Virtual says that a hypervisor is underneath, whose other guests may disturb.
	Virtual bool `json:"virtual"`
	// Load is the load average over one minute when the description was made.
	Load float64 `json:"load_average"`
	Go   string  `json:"go"`
}

// Describe returns this machine's description.
func Describe() Machine {
	cpuinfo := read("/proc/cpuinfo")
	m := Machine{
		CPU:    field(cpuinfo, "model name", ":"),
		CPUs:   runtime.NumCPU(),
		Kernel: strings.TrimSpace(read("/proc/sys/kernel/osrelease")),
		System: strings.Trim(field(read("/etc/os-release"), "PRETTY_NAME", "="), `"`),
		Go:     runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH,
	}
	m.Virtual = strings.Contains(" "+field(cpuinfo, "flags", ":")+" ", " hypervisor ")
	if kib, err := strconv.Atoi(strings.TrimSuffix(field(read("/proc/meminfo"), "MemTotal", ":"), " kB")); err == nil {
		m.MemoryMiB = kib >> 10
	}
	if first, _, ok := strings.Cut(read("/proc/loadavg"), " "); ok {
		m.Load, _ = strconv.ParseFloat(first, 64) // a load that can't be read is one nobody knows: 0
	}
	return m
}

// String is the description in one line.
func (m Machine) String() string {
	kind := ""
	if m.Virtual {
		kind = " (virtual)"
	}
	return fmt.Sprintf("%d x %s%s, %d MiB, Linux %s, %s, load average %.2f, %s", m.CPUs, m.CPU, kind, m.MemoryMiB, m.Kernel, m.System, m.Load, m.Go)
}

func read(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(b)
}

// field returns what follows the first line's name and separator.
func field(text, name, separator string) string {
	for line := range strings.Lines(text) {
		before, after, found := strings.Cut(line, separator)
		if found && strings.TrimSpace(before) == name {
			return strings.TrimSpace(after)
		}
	}
	return ""
}
