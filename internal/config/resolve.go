package config

import "fmt"

// resolve fills in what depends on the machine or on other values: 0 threads, 0
// maxmemory, 0 segment_size, 0 max_value_size, the policy, and whether clients need a certificate.
func (c *Config) resolve(m Machine) error {
	if p := defaultPolicy(c.Cache.Backend); p != "" && p != c.Cache.Policy && !c.isSet("cache.policy") {
		c.Cache.Policy = p
		c.mark("cache.policy", chosen("the default of backend "+c.Cache.Backend))
	}
	if c.Cache.Maxmemory == 0 {
		if m.MemoryBytes == 0 {
			return fmt.Errorf("cache.maxmemory: the memory of this machine could not be found out; set it, such as maxmemory = \"1gb\"")
		}
		c.Cache.Maxmemory = m.Maxmemory()
		c.mark("cache.maxmemory", chosen(fmt.Sprintf("%d %% of %dmb, limit from %s", memoryPercent, m.MemoryBytes>>20, m.MemoryFrom)))
	}
	if c.Cache.SegmentSize == 0 {
		c.Cache.SegmentSize = SegmentSizeFor(c.Cache.Maxmemory)
		c.mark("cache.segment_size", chosen(fmt.Sprintf("1mb, or less so that there are %d", goodSegments)))
	}
	if c.Workers.Threads == 0 {
		c.chooseThreads(m)
	}
	if c.Cache.MaxValueSize == 0 {
		c.Cache.MaxValueSize = min(MaxBulkBytes, c.Cache.Maxmemory/2)
		c.mark("cache.max_value_size", chosen("512mb, at most half of maxmemory"))
	}
	if len(c.Listeners) == 0 {
		c.Listeners = loopback()
	}
	for i := range c.Listeners {
		t := &c.Listeners[i].TLS
		if t.ClientAuth == "" {
			t.ClientAuth = "off"
			if t.ClientCA != "" {
				t.ClientAuth = "required"
			}
		}
	}
	return nil
}

// Maxmemory is what a process that was given no bound may take of the machine, 0
// if nothing is known of the machine.
func (m Machine) Maxmemory() Size {
	bytes := Size(m.MemoryBytes / 100 * memoryPercent)
	return bytes - bytes%(1<<20)
}

// Most is what a process that is to have no bound may take of the machine: all but an eighth, for
// the kernel needs memory on its behalf too, and who takes all is ended. 0 if nothing is known of the machine.
func (m Machine) Most() Size {
	bytes := Size(m.MemoryBytes - m.MemoryBytes/8)
	return bytes - bytes%(1<<20)
}

// SegmentSizeFor returns the segment size for a maxmemory: 1 MiB, less for a cache
// so small that eviction in such units would be coarse.
func SegmentSizeFor(maxmemory Size) Size {
	size := Size(maxGoodSegmentBytes)
	for size > minSegmentBytes && maxmemory/size < goodSegments {
		size /= 2
	}
	return size
}

// chooseThreads takes a loop for each CPU of cpu_affinity, or else for each
// physical core, but no more than half of maxmemory can pay for: a small cache
// on a large machine is for its items.
func (c *Config) chooseThreads(m Machine) {
	n, reason := m.Cores, fmt.Sprintf("%d, from %s", m.Cores, m.CoresFrom)
	if cpus, err := c.Workers.CPUAffinity.CPUs(); err == nil && len(cpus) > 0 {
		n, reason = len(cpus), "one for each CPU of cpu_affinity"
	}
	if each := c.loopBytes(); each > 0 {
		if most := int((c.Cache.Maxmemory - processBytes) / 2 / each); most < n {
			n = max(1, most)
			reason = fmt.Sprintf("%d, as many as maxmemory has room for", n)
		}
	}
	c.Workers.Threads = n
	c.mark("workers.threads", chosen(reason))
}
