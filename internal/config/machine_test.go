package config

import (
	"testing"
	"testing/fstest"
)

// tree makes a proc and sys of the files given.
func tree(files map[string]string) fstest.MapFS {
	fs := fstest.MapFS{}
	for name, text := range files {
		fs[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fs
}

const mountsV2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n"

const mountsV1 = "31 23 0:27 / /sys/fs/cgroup/memory rw shared:5 - cgroup cgroup rw,memory\n" +
	"32 23 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:6 - cgroup cgroup rw,cpu,cpuacct\n" +
	"33 23 0:29 / /sys/fs/cgroup/pids rw shared:7 - cgroup cgroup rw,pids\n"

func TestMachineMemory(t *testing.T) {
	const meminfo = "MemTotal:       16777216 kB\nMemFree: 1 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		bytes int64
		from  string
	}{
		"no cgroup": {map[string]string{"proc/meminfo": meminfo}, 16 << 30, "machine"},
		"v2 without a limit": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/mountinfo": mountsV2, "proc/self/cgroup": "0::/system.slice/c.service\n",
			"sys/fs/cgroup/system.slice/c.service/memory.max": "max\n",
		}, 16 << 30, "machine"},
		"v2 limit of a parent": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/mountinfo": mountsV2, "proc/self/cgroup": "0::/system.slice/c.service\n",
			"sys/fs/cgroup/system.slice/c.service/memory.max": "8589934592\n",
			"sys/fs/cgroup/system.slice/memory.max":           "4294967296\n",
		}, 4 << 30, "/sys/fs/cgroup/system.slice/memory.max"},
		"v2 memory.high": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/mountinfo": mountsV2, "proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "4294967296\n", "sys/fs/cgroup/memory.high": "2147483648\n",
		}, 2 << 30, "/sys/fs/cgroup/memory.high"},
		"v2 in a container that sees the path of the host": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/docker/abc\n",
			"proc/self/mountinfo":      "30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
			"sys/fs/cgroup/memory.max": "1073741824\n",
		}, 1 << 30, "/sys/fs/cgroup/memory.max"},
		"v1": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/mountinfo": mountsV1, "proc/self/cgroup": "9:pids:/x\n4:memory:/a/b\n0::/\n",
			"sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "9223372036854771712\n",
			"sys/fs/cgroup/memory/a/memory.limit_in_bytes":   "3221225472\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":     "9223372036854771712\n",
		}, 3 << 30, "/sys/fs/cgroup/memory/a/memory.limit_in_bytes"},
		"unknown": {map[string]string{"proc/self/mountinfo": "rubbish\n\n", "proc/self/cgroup": "x\n"}, 0, "machine"},
	} {
		t.Run(name, func(t *testing.T) {
			m := readMachine(tree(c.files), []int{0})
			if m.MemoryBytes != c.bytes || m.MemoryFrom != c.from {
				t.Errorf("%d from %s, want %d from %s", m.MemoryBytes, m.MemoryFrom, c.bytes, c.from)
			}
		})
	}
}

func TestMachineCores(t *testing.T) {
	// Two cores of two threads each, numbered as on most x86 machines.
	topology := map[string]string{}
	for cpu, siblings := range map[string]string{"0": "0,2", "2": "0,2", "1": "1,3", "3": "1,3"} {
		topology["sys/devices/system/cpu/cpu"+cpu+"/topology/core_cpus_list"] = siblings + "\n"
	}
	with := func(extra map[string]string) map[string]string {
		out := map[string]string{}
		for _, m := range []map[string]string{topology, extra} {
			for k, v := range m {
				out[k] = v
			}
		}
		return out
	}
	for name, c := range map[string]struct {
		files map[string]string
		cpus  []int
		cores int
	}{
		"hyper-threads share a core": {topology, []int{0, 1, 2, 3}, 2},
		"mask with one core":         {topology, []int{1, 3}, 1},
		"one thread of each core":    {topology, []int{0, 1}, 2},
		"no topology":                {nil, []int{0, 1, 2}, 3},
		"no CPUs known":              {nil, nil, 1},
		"old kernel": {map[string]string{
			"sys/devices/system/cpu/cpu0/topology/thread_siblings_list": "0-1\n",
			"sys/devices/system/cpu/cpu1/topology/thread_siblings_list": "0-1\n",
		}, []int{0, 1}, 1},
		"v2 quota of half a core, rounded up": {with(map[string]string{
			"proc/self/mountinfo": mountsV2, "proc/self/cgroup": "0::/s\n", "sys/fs/cgroup/s/cpu.max": "50000 100000\n",
		}), []int{0, 1, 2, 3}, 1},
		"v2 without a quota": {with(map[string]string{
			"proc/self/mountinfo": mountsV2, "proc/self/cgroup": "0::/s\n", "sys/fs/cgroup/s/cpu.max": "max 100000\n",
		}), []int{0, 1, 2, 3}, 2},
		"v1 quota": {with(map[string]string{
			"proc/self/mountinfo": mountsV1, "proc/self/cgroup": "3:cpu,cpuacct:/s\n",
			"sys/fs/cgroup/cpu,cpuacct/s/cpu.cfs_quota_us":  "100000\n",
			"sys/fs/cgroup/cpu,cpuacct/s/cpu.cfs_period_us": "100000\n",
		}), []int{0, 1, 2, 3}, 1},
		"v1 without a quota": {with(map[string]string{
			"proc/self/mountinfo": mountsV1, "proc/self/cgroup": "3:cpu,cpuacct:/s\n",
			"sys/fs/cgroup/cpu,cpuacct/s/cpu.cfs_quota_us":  "-1\n",
			"sys/fs/cgroup/cpu,cpuacct/s/cpu.cfs_period_us": "100000\n",
		}), []int{0, 1, 2, 3}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			if m := readMachine(tree(c.files), c.cpus); m.Cores != c.cores {
				t.Errorf("%d cores, want %d", m.Cores, c.cores)
			}
		})
	}
}

// Whatever machine runs the test, the real trees must give usable figures.
func TestThisMachine(t *testing.T) {
	m := ThisMachine()
	if m.Cores < 1 || m.Cores > MaxThreads || len(m.CPUs) < m.Cores || m.MemoryBytes < 64<<20 {
		t.Errorf("implausible: %+v", m)
	}
}
