package node

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
)

// State is what a node knows of itself.
type State struct {
	ID, Shard string // 40 hexadecimal digits each

	// CurrentEpoch is that of the cluster, ConfigEpoch the one at which the node last claimed its slots, VoteEpoch the
	// last one in which it voted, in which a lone node never does.
	CurrentEpoch, ConfigEpoch, VoteEpoch uint64

	Owned     Slots
	Migrating Slots // to this node, as to any other that it knows
	Importing Slots // likewise
}

// New is a node that was never started before. It owns all slots, where one of Redis would wait to be given them.
func New() *State {
	s := &State{Owned: AllSlots()}
	s.rename()
	return s
}

// rename gives the node new names.
func (s *State) rename() { s.ID, s.Shard = randomName(), randomName() }

func randomName() string {
	var b [nameLen / 2]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// nameLen is the length of the names of nodes and shards.
const nameLen = 40

// Take makes the node the owner of slots. One that it imported has arrived.
func (s *State) Take(slots *Slots) {
	s.Owned.AddAll(slots)
	s.Importing.RemoveAll(slots)
}

// Bump gives the node an epoch of its own, unless it has the highest one that is known.
func (s *State) Bump() bool {
	if s.ConfigEpoch != 0 && s.ConfigEpoch >= s.CurrentEpoch {
		return false
	}
	s.CurrentEpoch++
	s.ConfigEpoch = s.CurrentEpoch
	return true
}

// Reset makes the node one that owns no slots. If it is hard it forgets its names and epochs, too.
func (s *State) Reset(hard bool) {
	s.Owned, s.Migrating, s.Importing = Slots{}, Slots{}, Slots{}
	if hard {
		s.rename()
		s.CurrentEpoch, s.ConfigEpoch, s.VoteEpoch = 0, 0, 0
	}
}

// Line describes the node as the file and CLUSTER NODES do, without the end of the line. address is what stands behind
// the name.
func (s *State) Line(address string) string {
	var b strings.Builder
	b.WriteString(s.ID + " " + address + " myself,master - 0 0 " + strconv.FormatUint(s.ConfigEpoch, 10) + " connected")
	for first, last := range s.Owned.Ranges() {
		b.WriteString(" " + strconv.Itoa(first))
		if last > first {
			b.WriteString("-" + strconv.Itoa(last))
		}
	}
	for slot := range SlotCount {
		if s.Migrating.Has(slot) {
			b.WriteString(" [" + strconv.Itoa(slot) + "->-" + s.ID + "]")
		} else if s.Importing.Has(slot) {
			b.WriteString(" [" + strconv.Itoa(slot) + "-<-" + s.ID + "]")
		}
	}
	return b.String()
}
