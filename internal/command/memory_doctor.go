package command

import (
	"fmt"
	"strings"

	"github.com/crucible-cache/crucible/internal/offheap"
)

// What MEMORY DOCTOR says first, or says when it has nothing to say.
const (
	doctorEmpty = "There is too little data here to judge its memory by.\n"
	doctorFine  = "Nothing is wrong with the memory.\n"
	doctorFound = "This is wrong with the memory:\n\n"
)

// Below these the doctor finds nothing worth a word.
const (
	doctorLeast      = 5 << 20  // of data, bytes
	doctorWaste      = 10 << 20 // bytes
	doctorClient     = 200 << 10
	doctorPeak       = 1.5
	doctorHollow     = 1.4
	doctorOverweight = 1.1
)

// memoryDoctorCommand says in words what is wrong with the use of memory.
func memoryDoctorCommand(c *Client, _ [][]byte) {
	s := c.W.Server
	m := s.memory()
	clients := int64(s.Clients.Len())
	switch found := m.diagnose(s.Keyspace.Maxmemory(), clients); {
	case m.live < doctorLeast:
		c.Reply.Verbatim("txt", doctorEmpty)
	case len(found) == 0:
		c.Reply.Verbatim("txt", doctorFine)
	default:
		c.Reply.Verbatim("txt", doctorFound+" * "+strings.Join(found, "\n\n * ")+"\n")
	}
}

// diagnose lists what is wrong.
func (m *memoryReport) diagnose(maxmemory, clients int64) (found []string) {
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if float64(m.peak) > doctorPeak*float64(m.used) {
		say("Peak memory: %s were in use once, %s are now. What is free went back to the system, but for what MEMORY PURGE gives back.",
			humanBytes(m.peak), humanBytes(m.used))
	}
	if hollow := m.active - m.allocated; hollow > doctorWaste && ratio(m.active, m.allocated) > doctorHollow {
		say("Dead space: of %s that are mapped, %s hold nothing that can be read. Segments are cleaned when memory is wanted, so this costs nothing before maxmemory is reached. "+
			"If it stays, values change their size a lot: a smaller segment_size or the slab backend wastes less.", humanBytes(m.active), humanBytes(hollow))
	}
	if over := m.rss - m.resident; over > doctorWaste && ratio(m.rss, m.resident) > doctorOverweight {
		say("Resident set: it is %s larger than all that is accounted for (%s).", humanBytes(over), humanBytes(m.resident))
	}
	if m.rss > maxmemory {
		say("Limit: the resident set is %s, above maxmemory (%s). If this lasts, what cannot be evicted needs more than that: "+
			"connections, the index, or all there is under noeviction.", humanBytes(m.rss), humanBytes(maxmemory))
	}
	if clients > 0 && m.clients/clients > doctorClient {
		say("Client buffers: %s wait to be read or to be completed, more than %s for each of %d clients. CLIENT LIST shows whose (omem, qbuf).",
			humanBytes(m.clients), humanBytes(doctorClient), clients)
	}
	return found
}

// memoryMallocStatsCommand reports on what is mapped, by purpose, and on what
// the Go runtime holds.
func memoryMallocStatsCommand(c *Client, _ [][]byte) {
	var b strings.Builder
	s := c.W.Server
	m, k := s.memory(), s.Keyspace.Memory()
	line := func(name string, n int64) { fmt.Fprintf(&b, "%-28s %16d  %s\n", name, n, humanBytes(n)) }
	b.WriteString("mapped, by purpose\n")
	for _, p := range offheap.Purposes() {
		line("  "+p.String(), offheap.Resident(p))
	}
	line("  all", m.active)
	b.WriteString("items\n")
	line("  may take", k.Limit)
	line("  segments in use", k.Used)
	line("  segments kept free", k.Spare)
	line("  live", k.LiveBytes)
	fmt.Fprintf(&b, "%-28s %16d\n", "  segments sealed", k.Segments)
	for _, class := range s.Keyspace.Classes() {
		fmt.Fprintf(&b, "  class %3d: chunks of %8d, %6d spans, %10d of %10d chunks used, %d bytes live\n",
			class.Number, class.ChunkSize, class.Spans, class.Used, class.Spans*class.Chunks, class.LiveBytes)
	}
	b.WriteString("go runtime\n")
	line("  heap", m.process.GoHeap)
	line("  stacks", m.process.GoStacks)
	line("  bookkeeping", m.process.GoRuntime)
	b.WriteString("process\n")
	line("  pages of the program", m.process.Program)
	line("  resident", m.rss)
	line("  peak of what is accounted", m.peak)
	c.Reply.Verbatim("txt", b.String())
}
