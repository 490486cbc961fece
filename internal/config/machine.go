package config

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Machine is what this process may use of the hardware.
type Machine struct {
	// MemoryBytes is the least of the installed memory and every limit of the
	// cgroups above us; 0 when it could not be found out.
	MemoryBytes int64
	// MemoryFrom names that limit: "machine" or the file of the cgroup.
	MemoryFrom string
	// AvailableBytes is what could be had when it was looked at without taking it from
	// another process; 0 when it could not be found out.
	AvailableBytes int64
	// Cores is the number of physical cores among CPUs, cut down to the CPU
	// quota of the cgroup; at least 1.
	Cores int
	// CoresFrom says what decided Cores.
	CoresFrom string
	// CPUs are the CPU numbers this process may run on, ascending.
	CPUs []int
}

// readMachine learns the limits from the proc and sys trees below root; cpus is
// the affinity mask of the process.
func readMachine(root fs.FS, cpus []int) Machine {
	groups := findCgroups(root)
	m := Machine{CPUs: cpus}
	m.MemoryBytes, m.MemoryFrom = memoryFact(root, "MemTotal:"), "machine"
	m.AvailableBytes = memoryFact(root, "MemAvailable:")
	for _, g := range groups {
		g.memoryLimits(root, func(file string, limit int64) {
			if m.MemoryBytes == 0 || limit < m.MemoryBytes {
				m.MemoryBytes, m.MemoryFrom = limit, "/"+file
			}
		})
	}
	m.Cores, m.CoresFrom = max(1, physicalCores(root, cpus)), "physical cores"
	for _, g := range groups {
		g.cpuQuotas(root, func(file string, quota int) {
			if quota < m.Cores {
				m.Cores, m.CoresFrom = quota, "CPU quota in /"+file
			}
		})
	}
	return m
}

// memoryFact reads what the kernel says of memory, in bytes; 0 when it doesn't.
func memoryFact(root fs.FS, name string) int64 {
	text, _ := fs.ReadFile(root, "proc/meminfo")
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == name {
			kb, _ := strconv.ParseInt(f[1], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// physicalCores counts the cores that the CPUs belong to: hyper-threads of one
// core have the same list of siblings. A CPU without topology counts as a core.
func physicalCores(root fs.FS, cpus []int) int {
	cores := map[string]bool{}
	for _, cpu := range cpus {
		dir := "sys/devices/system/cpu/cpu" + strconv.Itoa(cpu) + "/topology/"
		siblings, err := fs.ReadFile(root, dir+"core_cpus_list")
		if err != nil {
			siblings, err = fs.ReadFile(root, dir+"thread_siblings_list") // before Linux 5.2
		}
		if err != nil {
			siblings = []byte(strconv.Itoa(cpu))
		}
		cores[strings.TrimSpace(string(siblings))] = true
	}
	return len(cores)
}

// cgroup is one hierarchy this process is in: version 2, or a controller of
// version 1.
type cgroup struct {
	version int
	// mount and dir are relative to the root; dir is at or below mount.
	mount, dir string
}

// findCgroups matches /proc/self/cgroup with the mounted hierarchies. A
// hierarchy that is not mounted, or not from the part we live in, is skipped.
func findCgroups(root fs.FS) []cgroup {
	mounts, _ := fs.ReadFile(root, "proc/self/mountinfo")
	memberships, _ := fs.ReadFile(root, "proc/self/cgroup")
	var groups []cgroup
	for line := range strings.Lines(string(memberships)) {
		// hierarchy:controllers:path
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(f) != 3 {
			continue
		}
		version, controllers := 1, strings.Split(f[1], ",")
		if f[0] == "0" && f[1] == "" {
			version = 2
		}
		for mountLine := range strings.Lines(string(mounts)) {
			if g, ok := matchMount(mountLine, version, controllers, f[2]); ok {
				groups = append(groups, g)
				break
			}
		}
	}
	return groups
}

// matchMount reads a line of mountinfo (proc_pid_mountinfo(5)): "id parent dev
// root mountpoint options... - type source superoptions".
func matchMount(line string, version int, controllers []string, member string) (cgroup, bool) {
	left, right, found := strings.Cut(strings.TrimSpace(line), " - ")
	l, r := strings.Fields(left), strings.Fields(right)
	if !found || len(l) < 5 || len(r) < 3 {
		return cgroup{}, false
	}
	switch {
	case version == 2 && r[0] == "cgroup2":
	case version == 1 && r[0] == "cgroup" && slices.ContainsFunc(strings.Split(r[2], ","), func(o string) bool {
		return slices.Contains(controllers, o) && (o == "memory" || o == "cpu")
	}):
	default:
		return cgroup{}, false
	}
	mount := strings.TrimPrefix(l[4], "/")
	below := strings.TrimPrefix(member, strings.TrimSuffix(l[3], "/"))
	if !strings.HasPrefix(member, l[3]) || strings.HasPrefix(below, "/..") {
		below = "" // a container sees its own group as the root of the mount
	}
	return cgroup{version, mount, path.Join(mount, below)}, true
}

// upward calls f for the directory of the group and every one above it: the
// limit of a parent binds its children.
func (g cgroup) upward(f func(dir string)) {
	for dir := g.dir; ; dir = path.Dir(dir) {
		f(dir)
		if dir == g.mount || len(dir) <= len(g.mount) {
			return
		}
	}
}

// memoryLimits reports every memory limit on the group. memory.high counts: a
// process above it is throttled to a crawl.
func (g cgroup) memoryLimits(root fs.FS, report func(file string, limit int64)) {
	files := []string{"memory.max", "memory.high"}
	if g.version == 1 {
		files = []string{"memory.limit_in_bytes"}
	}
	g.upward(func(dir string) {
		for _, name := range files {
			file := path.Join(dir, name)
			if n, ok := readNumber(root, file); ok && n > 0 {
				report(file, n)
			}
		}
	})
}

// cpuQuotas reports every CPU quota on the group, in whole cores, rounded up.
func (g cgroup) cpuQuotas(root fs.FS, report func(file string, cores int)) {
	g.upward(func(dir string) {
		file := path.Join(dir, "cpu.max")
		var quota, period int64
		if g.version == 2 {
			text, _ := fs.ReadFile(root, file)
			f := strings.Fields(string(text))
			if len(f) != 2 {
				return
			}
			quota, _ = strconv.ParseInt(f[0], 10, 64) // "max" reads as no quota
			period, _ = strconv.ParseInt(f[1], 10, 64)
		} else {
			file = path.Join(dir, "cpu.cfs_quota_us")
			quota, _ = readNumber(root, file)
			period, _ = readNumber(root, path.Join(dir, "cpu.cfs_period_us"))
		}
		if quota > 0 && period > 0 {
			report(file, int((quota+period-1)/period))
		}
	})
}

func readNumber(root fs.FS, file string) (int64, bool) {
	text, err := fs.ReadFile(root, file)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}
