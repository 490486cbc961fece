package command

import (
	"errors"
	"net/netip"
	"strconv"

	"github.com/crucible-cache/crucible/internal/node"
)

// What changes a cluster of one. Nobody joins: a request that would have another node do so
// is refused with errClusterOfOne, behind Redis' own errors.

// slotNumber reads the number of a slot, and returns an error if it is none.
func slotNumber(word []byte) (slot int, err error) {
	n, isInt := parseInt(word)
	if !isInt || n < 0 || n >= slots {
		return 0, errSlotNumber
	}
	return int(n), nil
}

// slotChoice are slots that a request names, all of which the server has to own, or none.
type slotChoice struct {
	node.Slots
	own *node.Slots
	del bool
}

// add chooses the slots from first to last.
func (s *slotChoice) add(first, last int) error {
	for slot := first; slot <= last; slot++ {
		switch {
		case s.del && !s.own.Has(slot):
			return errors.New("ERR Slot " + itoa(slot) + " is already unassigned")
		case !s.del && s.own.Has(slot):
			return errors.New("ERR Slot " + itoa(slot) + " is already busy")
		case s.Has(slot):
			return errors.New("ERR Slot " + itoa(slot) + " specified multiple times")
		}
		s.Add(slot)
	}
	return nil
}

// addEach chooses the slots that are named one by one. First all of them are read.
func (s *slotChoice) addEach(words [][]byte) error {
	numbers := make([]int, len(words))
	for i, word := range words {
		slot, err := slotNumber(word)
		if err != nil {
			return err
		}
		numbers[i] = slot
	}
	for _, slot := range numbers {
		if err := s.add(slot, slot); err != nil {
			return err
		}
	}
	return nil
}

// addRanges chooses those of ranges, an even number of words. Each is chosen before the next is read.
func (s *slotChoice) addRanges(words [][]byte) error {
	for i := 0; i < len(words); i += 2 {
		first, err := slotNumber(words[i])
		if err != nil {
			return err
		}
		last, err := slotNumber(words[i+1])
		if err != nil {
			return err
		}
		if first > last {
			return errors.New("ERR start slot number " + itoa(first) + " is greater than end slot number " + itoa(last))
		}
		if err := s.add(first, last); err != nil {
			return err
		}
	}
	return nil
}

func clusterAddslotsCommand(c *Client, args [][]byte) {
	c.chooseSlots(false, func(s *slotChoice) error { return s.addEach(args[2:]) })
}

func clusterDelslotsCommand(c *Client, args [][]byte) {
	c.chooseSlots(true, func(s *slotChoice) error { return s.addEach(args[2:]) })
}

func clusterAddslotsrangeCommand(c *Client, args [][]byte) {
	if len(args)%2 != 0 {
		c.Error(errArity("cluster|addslotsrange"))
		return
	}
	c.chooseSlots(false, func(s *slotChoice) error { return s.addRanges(args[2:]) })
}

func clusterDelslotsrangeCommand(c *Client, args [][]byte) {
	if len(args)%2 != 0 {
		c.Error(errArity("cluster|delslotsrange"))
		return
	}
	c.chooseSlots(true, func(s *slotChoice) error { return s.addRanges(args[2:]) })
}

// chooseSlots takes or gives up the slots that choose chooses. One that was to be imported isn't
// any more.
func (c *Client) chooseSlots(del bool, choose func(s *slotChoice) error) {
	c.change(func(st *node.State) error {
		chosen := slotChoice{own: &st.Owned, del: del}
		if err := choose(&chosen); err != nil {
			return err
		}
		if del {
			st.Owned.RemoveAll(&chosen.Slots)
			st.Importing.RemoveAll(&chosen.Slots)
		} else {
			st.Take(&chosen.Slots)
		}
		return nil
	})
}

// change changes the cluster, and replies OK, or the error.
func (c *Client) change(change func(st *node.State) error) {
	if err := c.W.Server.changeCluster(c.W, change); err != nil {
		c.Error(err.Error())
		return
	}
	c.Reply.SimpleString("OK")
}

func clusterBumpepochCommand(c *Client, _ [][]byte) {
	bumped, epoch := "STILL ", uint64(0)
	err := c.W.Server.changeCluster(c.W, func(st *node.State) error {
		if st.Bump() {
			bumped = "BUMPED "
		}
		epoch = st.ConfigEpoch
		return nil
	})
	if err != nil {
		c.Error(err.Error())
		return
	}
	c.Reply.SimpleString(bumped + strconv.FormatUint(epoch, 10))
}

func clusterSetconfigepochCommand(c *Client, args [][]byte) {
	n, ok := parseInt(args[2])
	switch {
	case !ok:
		c.Error(errNotInteger)
		return
	case n < 0:
		c.Error("ERR Invalid config epoch specified: " + strconv.FormatInt(n, 10))
		return
	}
	c.change(func(st *node.State) error {
		if st.ConfigEpoch != 0 {
			return errors.New("ERR Node config epoch is already non-zero")
		}
		st.ConfigEpoch = uint64(n)
		st.CurrentEpoch = max(st.CurrentEpoch, st.ConfigEpoch)
		return nil
	})
}

// isMyself reports whether a word names the only node there is, and replies with an
// error if it doesn't.
func (c *Client) isMyself(word []byte) bool {
	if string(word) == c.self().ID {
		return true
	}
	c.Error(errUnknownNode(word))
	return false
}

func clusterCountfailurereportsCommand(c *Client, args [][]byte) {
	if c.isMyself(args[2]) {
		c.Reply.Int(0)
	}
}

func clusterReplicasCommand(c *Client, args [][]byte) {
	if c.isMyself(args[2]) {
		c.Reply.ArrayLen(0)
	}
}

func clusterForgetCommand(c *Client, args [][]byte) {
	if c.isMyself(args[2]) {
		c.Error("ERR I tried hard but I can't forget myself...")
	}
}

func clusterReplicateCommand(c *Client, args [][]byte) {
	if c.isMyself(args[2]) {
		c.Error("ERR Can't replicate myself")
	}
}

func clusterFailoverCommand(c *Client, args [][]byte) {
	switch {
	case len(args) > 3:
		c.Error(errSubcommandSyntax("CLUSTER", args))
	case len(args) == 3 && !isWord(args[2], "force", "takeover"):
		c.Error(errSyntax)
	default:
		c.Error("ERR You should send CLUSTER FAILOVER to a replica")
	}
}

func clusterFlushslotsCommand(c *Client, _ [][]byte) {
	if c.W.Len(0) != 0 {
		c.Error("ERR DB must be empty to perform CLUSTER FLUSHSLOTS.")
		return
	}
	c.change(func(st *node.State) error {
		st.Owned = node.Slots{}
		return nil
	})
}

func clusterResetCommand(c *Client, args [][]byte) {
	switch {
	case len(args) > 3:
		c.Error(errSubcommandSyntax("CLUSTER", args))
	case len(args) == 3 && !isWord(args[2], "hard", "soft"):
		c.Error(errSyntax)
	case c.W.Len(0) != 0:
		c.Error("ERR CLUSTER RESET can't be called with master nodes containing keys")
	default:
		c.change(func(st *node.State) error {
			st.Reset(len(args) == 3 && equalName(args[2], "hard"))
			return nil
		})
	}
}

func clusterSaveconfigCommand(c *Client, _ [][]byte) {
	s := c.W.Server
	if s.cluster.save == nil {
		c.Error(errClusterSave + "cluster-config-file is empty")
		return
	}
	s.cluster.changing.Lock()
	err := s.saveNode(c.self())
	s.cluster.changing.Unlock()
	if err != nil {
		c.Error(errClusterSave + strerror(err))
		return
	}
	c.Reply.SimpleString("OK")
}

func clusterMeetCommand(c *Client, args [][]byte) {
	if len(args) > 5 {
		c.Error(errSubcommandSyntax("CLUSTER", args))
		return
	}
	port, ok := parseInt(args[3])
	if !ok {
		c.Error("ERR Invalid base port specified: " + printed(args[3], len(args[3])))
		return
	}
	bus := port + busPortOffset
	if len(args) == 5 {
		if bus, ok = parseInt(args[4]); !ok {
			c.Error("ERR Invalid bus port specified: " + printed(args[4], len(args[4])))
			return
		}
	}
	_, err := netip.ParseAddr(string(args[2]))
	if err != nil || port <= 0 || port > 65535 || bus <= 0 || bus > 65535 {
		c.Error("ERR Invalid node address specified: " + printed(args[2], len(args[2])) + ":" + printed(args[3], len(args[3])))
		return
	}
	c.Error(errClusterOfOne)
}

// clusterSetslotCommand says whose a slot is and where it is on its way to, which can only be the
// server itself: it knows no other node.
func clusterSetslotCommand(c *Client, args [][]byte) {
	slot, err := slotNumber(args[2])
	if err != nil {
		c.Error(err.Error())
		return
	}
	switch action := args[3]; {
	case equalName(action, "migrating") && len(args) == 5:
		c.change(func(st *node.State) error {
			if !st.Owned.Has(slot) {
				return errors.New("ERR I'm not the owner of hash slot " + itoa(slot))
			}
			return moveSlot(st, &st.Migrating, slot, args[4])
		})
	case equalName(action, "importing") && len(args) == 5:
		c.change(func(st *node.State) error {
			if st.Owned.Has(slot) {
				return errors.New("ERR I'm already the owner of hash slot " + itoa(slot))
			}
			return moveSlot(st, &st.Importing, slot, args[4])
		})
	case equalName(action, "node") && len(args) == 5:
		if c.isMyself(args[4]) {
			c.ownSlot(slot)
		}
	case equalName(action, "stable") && len(args) == 4:
		c.change(func(st *node.State) error {
			st.Migrating.Remove(slot)
			st.Importing.Remove(slot)
			return nil
		})
	default:
		c.Error("ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP")
	}
}

// moveSlot notes that a slot is on its way to, or from, the node of that name.
func moveSlot(st *node.State, way *node.Slots, slot int, name []byte) error {
	if string(name) != st.ID {
		return errors.New("ERR I don't know about node " + printed(name, len(name)))
	}
	way.Add(slot)
	return nil
}

// ownSlot is SETSLOT NODE of the server itself. As in Redis the slot comes to it anew if it was its
// already: those who listen to its channels are told that they don't any more.
func (c *Client) ownSlot(slot int) {
	empty := true
	c.eachInSlot(slot, func([]byte) bool { empty = false; return false })
	var one node.Slots
	one.Add(slot)
	c.change(func(st *node.State) error {
		if empty {
			st.Migrating.Remove(slot)
		}
		if st.Importing.Has(slot) {
			st.Bump()
		}
		st.Take(&one)
		return nil
	})
	c.W.silenceSlots(&one)
}

func askingCommand(c *Client, _ [][]byte) { c.Reply.SimpleString("OK") }

// readonlyCommand and readwriteCommand say whether reads of a replica are wanted. There
// is none, but CLIENT LIST shows it.
func readonlyCommand(c *Client, _ [][]byte)  { c.setReadOnly(true) }
func readwriteCommand(c *Client, _ [][]byte) { c.setReadOnly(false) }

func (c *Client) setReadOnly(on bool) {
	c.seen.setFlag(seenReadOnly, on)
	c.Reply.SimpleString("OK")
}
