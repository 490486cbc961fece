package offheap

import (
	"fmt"
	"strings"
	"sync/atomic"
)

// Huge says what backs the memory of items. A page of 4 KiB needs an entry of its
// own in the processor's cache of translations, of which there are one or two
// thousand: a large cache misses there for nearly every item.
type Huge uint8

// The kinds of huge pages.
const (
	HugeNone        Huge = iota // ordinary pages
	HugeTransparent             // the kernel joins pages as it finds room
	Huge2MB                     // from the pool of vm.nr_hugepages
	Huge1GB                     // from the pool of pages of 1 GiB, which only the kernel's command line fills for certain
)

var hugeNames = [...]string{"none", "transparent", "2mb", "1gb"}

// String returns the name that the profile has for it.
func (h Huge) String() string { return hugeNames[h] }

// ParseHuge finds the kind with that name.
func ParseHuge(name string) (Huge, bool) {
	for i, n := range hugeNames {
		if n == name {
			return Huge(i), true
		}
	}
	return HugeNone, false
}

// size is that of one page from a pool, 0 for the kinds that have none.
func (h Huge) size() int {
	switch h {
	case Huge2MB:
		return 2 << 20
	case Huge1GB:
		return 1 << 30
	}
	return 0
}

// Placement says where memory comes from.
type Placement struct {
	Huge Huge // of items
	// Nodes are the NUMA nodes that all that is mapped shall lie on; none leaves it to
	// the kernel, which takes the node of the thread that first writes to a page.
	// Interleave spreads it evenly over them, page by page.
	Nodes      []int
	Interleave bool
	Lock       bool // nothing that is resident is ever swapped out
}

// placement is in force for whatever is mapped after Place.
var placement Placement

// hugeBytes is what is committed in pages from a pool. The system counts those in no
// resident set; what is left of a page counts as part of the pool.
var hugeBytes atomic.Int64

// HugeBytes returns the bytes that are committed in pages from a pool of huge ones.
func HugeBytes() int64 { return hugeBytes.Load() }

// Place decides where memory comes from. It is called once, before anything is
// mapped. Where the system has no huge pages of the kind asked for, the next
// smaller kind is taken, and the notes say why; anything else that it refuses is an
// error.
func Place(p Placement) (settled Placement, notes []string, err error) {
	for ; p.Huge.size() > 0; p.Huge-- {
		problem := probeHuge(p.Huge)
		if problem == nil {
			break
		}
		notes = append(notes, fmt.Sprintf("hugepages %s: %v; %s instead", p.Huge, problem, p.Huge-1))
	}
	if err := probeNodes(p); err != nil {
		return p, notes, err
	}
	if p.Lock {
		if err := lockAll(); err != nil {
			return p, notes, fmt.Errorf("mlock: %w: raise LimitMEMLOCK (ulimit -l) to infinity or grant CAP_IPC_LOCK", err)
		}
	}
	placement = p
	return p, notes, nil
}

// String says it in words, for the log.
func (p Placement) String() string {
	words := []string{"hugepages " + p.Huge.String()}
	if len(p.Nodes) > 0 {
		how := "bound to"
		if p.Interleave {
			how = "interleaved over"
		}
		words = append(words, fmt.Sprintf("%s NUMA nodes %v", how, p.Nodes))
	}
	if p.Lock {
		words = append(words, "locked in memory")
	}
	return strings.Join(words, ", ")
}
