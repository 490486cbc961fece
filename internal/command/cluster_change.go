package command

import (
	"net/netip"
	"strconv"
)

// What would change a cluster of one: its slots stay with it and nobody joins.
// Redis' errors come first; a request that Redis would carry out is refused with
// errClusterOfOne.

// slotNumber reads the number of a slot and replies with an error if it is none.
func (c *Client) slotNumber(word []byte) (slot int, ok bool) {
	n, isInt := parseInt(word)
	if !isInt || n < 0 || n >= slots {
		c.Error("ERR Invalid or out of range slot")
		return 0, false
	}
	return int(n), true
}

// eachSlot visits the slots of a request, which names them one by one or as ranges. It
// replies with an error and reports false if that can't be read.
func (c *Client) eachSlot(words [][]byte, ranges bool, visit func(slot int)) bool {
	step := 1
	if ranges {
		step = 2
	}
	for i := 0; i < len(words); i += step {
		first, ok := c.slotNumber(words[i])
		if !ok {
			return false
		}
		last, ok := c.slotNumber(words[i+step-1])
		if !ok {
			return false
		}
		if first > last {
			c.Error("ERR start slot number " + itoa(first) + " is greater than end slot number " + itoa(last))
			return false
		}
		for slot := first; slot <= last; slot++ {
			visit(slot)
		}
	}
	return true
}

func clusterAddslotsCommand(c *Client, args [][]byte)      { c.takeSlots(args, false) }
func clusterAddslotsrangeCommand(c *Client, args [][]byte) { c.takeSlots(args, true) }
func clusterDelslotsCommand(c *Client, args [][]byte)      { c.giveSlots(args, false) }
func clusterDelslotsrangeCommand(c *Client, args [][]byte) { c.giveSlots(args, true) }

// takeSlots finds that the server owns every slot.
func (c *Client) takeSlots(args [][]byte, ranges bool) {
	if ranges && len(args)%2 != 0 {
		c.Error(errArity("cluster|addslotsrange"))
		return
	}
	taken := -1
	if c.eachSlot(args[2:], ranges, func(slot int) {
		if taken < 0 {
			taken = slot
		}
	}) {
		c.Error("ERR Slot " + itoa(taken) + " is already busy")
	}
}

// giveSlots finds that the server keeps every slot.
func (c *Client) giveSlots(args [][]byte, ranges bool) {
	if ranges && len(args)%2 != 0 {
		c.Error(errArity("cluster|delslotsrange"))
		return
	}
	var named [slots]bool
	twice := -1
	if !c.eachSlot(args[2:], ranges, func(slot int) {
		if named[slot] && twice < 0 {
			twice = slot
		}
		named[slot] = true
	}) {
		return
	}
	if twice >= 0 {
		c.Error("ERR Slot " + itoa(twice) + " specified multiple times")
		return
	}
	c.Error(errClusterOfOne)
}

func clusterBumpepochCommand(c *Client, _ [][]byte) {
	e := &c.W.Server.cluster.epoch
	if e.CompareAndSwap(0, 1) {
		c.Reply.SimpleString("BUMPED 1")
		return
	}
	c.Reply.SimpleString("STILL " + strconv.FormatUint(e.Load(), 10))
}

func clusterSetconfigepochCommand(c *Client, args [][]byte) {
	n, ok := parseInt(args[2])
	switch {
	case !ok:
		c.Error(errNotInteger)
	case n < 0:
		c.Error("ERR Invalid config epoch specified: " + strconv.FormatInt(n, 10))
	case !c.W.Server.cluster.epoch.CompareAndSwap(0, uint64(n)):
		c.Error("ERR Node config epoch is already non-zero")
	default:
		c.Reply.SimpleString("OK")
	}
}

// isMyself reports whether a word names the only node there is, and replies with an
// error if it doesn't.
func (c *Client) isMyself(word []byte) bool {
	if string(word) == c.W.Server.cluster.id {
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
	c.Error(errClusterOfOne)
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
		c.Error(errClusterOfOne)
	}
}

// clusterSaveconfigCommand has nothing to write, and nothing is lost.
func clusterSaveconfigCommand(c *Client, _ [][]byte) { c.Reply.SimpleString("OK") }

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

// clusterSetslotCommand leaves every slot with the server. A slot that would be
// marked as on its way to the server itself isn't, for it would not go anywhere.
func clusterSetslotCommand(c *Client, args [][]byte) {
	slot, ok := c.slotNumber(args[2])
	if !ok {
		return
	}
	action := args[3]
	switch {
	case equalName(action, "migrating") && len(args) == 5:
		if string(args[4]) != c.W.Server.cluster.id {
			c.Error("ERR I don't know about node " + printed(args[4], len(args[4])))
			return
		}
		c.Error(errClusterOfOne)
	case equalName(action, "importing") && len(args) == 5:
		c.Error("ERR I'm already the owner of hash slot " + itoa(slot))
	case equalName(action, "node") && len(args) == 5:
		if c.isMyself(args[4]) {
			c.Reply.SimpleString("OK")
		}
	case equalName(action, "stable") && len(args) == 4:
		c.Reply.SimpleString("OK")
	default:
		c.Error("ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP")
	}
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
