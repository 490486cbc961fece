package command

import "github.com/crucible-cache/crucible/internal/offheap"

// infoMemory reports on memory. What is used is what counts against maxmemory:
// all that is mapped, and what the Go runtime holds. The data set is the stored
// items; the rest is overhead.
func infoMemory(i *infoWriter) {
	s := i.w.Server
	used, rss := s.Keyspace.Resident(), residentBytes()
	data := offheap.Resident(offheap.Items)
	peak := s.rates.peakBytes(used)
	i.bytes("used_memory", used)
	i.bytes("used_memory_rss", rss)
	i.bytes("used_memory_peak", peak)
	i.text("used_memory_peak_perc", percent(used, peak))
	i.num("used_memory_overhead", used-data)
	i.num("used_memory_dataset", data)
	i.text("used_memory_dataset_perc", percent(data, used))
	for _, p := range offheap.Purposes() {
		i.num("mapped_"+p.String(), offheap.Resident(p))
	}
	if total := machineBytes(); total > 0 {
		i.bytes("total_system_memory", total)
	}
	i.bytes("maxmemory", s.Params.Maxmemory())
	i.text("maxmemory_policy", s.Params.MaxmemoryPolicy())
	i.float("mem_fragmentation_ratio", ratio(rss, used), 2)
	i.num("mem_fragmentation_bytes", rss-used)
	i.num("mem_clients_normal", offheap.Resident(offheap.Input)+offheap.Resident(offheap.Output))
	i.text("mem_allocator", "offheap")
}

func ratio(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
