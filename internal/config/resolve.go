package config

import "fmt"

// resolve fills in what depends on the machine: 0 threads, 0 maxmemory, 0
// max_value_size, and whether clients need a certificate.
func (c *Config) resolve(m Machine) error {
	if c.Workers.Threads == 0 {
		c.Workers.Threads = m.Cores
		reason := fmt.Sprintf("%d, from %s", m.Cores, m.CoresFrom)
		if n := len(c.Workers.CPUAffinity); n > 0 {
			if cpus, err := c.Workers.CPUAffinity.CPUs(); err == nil {
				c.Workers.Threads = len(cpus)
				reason = "one for each CPU of cpu_affinity"
			}
		}
		c.mark("workers.threads", chosen(reason))
	}
	if c.Cache.Maxmemory == 0 {
		if m.MemoryBytes == 0 {
			return fmt.Errorf("cache.maxmemory: the memory of this machine could not be found out; set it, such as maxmemory = \"1gb\"")
		}
		bytes := Size(m.MemoryBytes / 100 * memoryPercent)
		c.Cache.Maxmemory = bytes - bytes%(1<<20)
		c.mark("cache.maxmemory", chosen(fmt.Sprintf("%d %% of %dmb, limit from %s", memoryPercent, m.MemoryBytes>>20, m.MemoryFrom)))
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
