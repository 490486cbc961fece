package command

import "github.com/crucible-cache/crucible/internal/offheap"

// infoMemory reports on memory; see memoryReport for what the figures are.
func infoMemory(i *infoWriter) {
	s := i.w.Server
	m := s.memory()
	i.bytes("used_memory", m.used)
	i.bytes("used_memory_rss", m.rss)
	i.bytes("used_memory_peak", m.peak)
	i.text("used_memory_peak_perc", percent(m.used, m.peak))
	i.num("used_memory_overhead", m.overhead())
	i.num("used_memory_startup", m.startup)
	i.num("used_memory_dataset", m.dataset)
	i.text("used_memory_dataset_perc", percent(m.dataset, m.grown()))
	i.num("allocator_allocated", m.allocated)
	i.num("allocator_active", m.active)
	i.num("allocator_resident", m.resident)
	i.num("allocator_muzzy", 0)
	for _, p := range offheap.Purposes() {
		i.num("mapped_"+p.String(), offheap.Resident(p))
	}
	i.num("mem_go_heap", m.process.GoHeap)
	i.num("mem_go_stacks", m.process.GoStacks)
	i.num("mem_go_runtime", m.process.GoRuntime)
	i.num("mem_program", m.process.Program)
	if total := machineBytes(); total > 0 {
		i.bytes("total_system_memory", total)
	}
	i.scripts()
	i.bytes("maxmemory", s.Params.Maxmemory())
	i.text("maxmemory_policy", s.Params.MaxmemoryPolicy())
	i.float("allocator_frag_ratio", ratio(m.active, m.allocated), 2)
	i.num("allocator_frag_bytes", m.active-m.allocated)
	i.float("allocator_rss_ratio", ratio(m.resident, m.active), 2)
	i.num("allocator_rss_bytes", m.resident-m.active)
	i.float("rss_overhead_ratio", ratio(m.rss, m.resident), 2)
	i.num("rss_overhead_bytes", m.rss-m.resident)
	i.float("mem_fragmentation_ratio", ratio(m.rss, m.used), 2)
	i.num("mem_fragmentation_bytes", m.rss-m.used)
	i.num("mem_overhead_db_hashtable_rehashing", 0) // the index grows bucket by bucket
	i.num("mem_not_counted_for_evict", 0)
	i.num("mem_replication_backlog", m.backlog)
	i.num("mem_total_replication_buffers", m.stream)
	i.num("mem_replica_full_sync_buffer", 0)
	i.num("mem_clients_slaves", m.replicas)
	i.num("mem_clients_normal", m.clients)
	i.num("mem_cluster_links", 0)
	i.num("mem_aof_buffer", 0)
	i.text("mem_allocator", "offheap")
	i.num("active_defrag_running", 0)
	i.num("lazyfree_pending_objects", int64(s.Keyspace.Dying()))
	i.count("lazyfreed_objects", i.totals.freedLater)
}

func ratio(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
