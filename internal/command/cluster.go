package command

import (
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

// cluster is a cluster of one: this server, which owns every hash slot, so that
// clients made for clusters find in it what they look for. Nothing moves, nobody
// else is known, and nothing is written to disk: the names of the node and of its
// shard are new at each start.
type cluster struct {
	id, shard string // 40 hexadecimal digits each

	epoch atomic.Uint64 // of the configuration: no more than a number to bump
}

// ClusterIdentity names a node and the shard that it is of, with 40 hexadecimal
// digits each.
type ClusterIdentity struct{ Node, Shard string }

// FormCluster makes the server a cluster of one. It is done before the first
// client comes.
func (s *Server) FormCluster(id ClusterIdentity) {
	s.cluster = &cluster{id: id.Node, shard: id.Shard}
}

// mode is how the server names what it is: of a cluster or alone.
func (s *Server) mode() string {
	if s.cluster != nil {
		return "cluster"
	}
	return "standalone"
}

// inCluster makes a handler that refuses to work on a server that is none of a cluster,
// as one that was started without cluster-enabled.
func inCluster(run func(c *Client, args [][]byte)) func(c *Client, args [][]byte) {
	return func(c *Client, args [][]byte) {
		if c.W.Server.cluster == nil {
			c.Error(errNoCluster)
			return
		}
		run(c, args)
	}
}

func clusterMyidCommand(c *Client, _ [][]byte)      { c.Reply.BulkString(c.W.Server.cluster.id) }
func clusterMyshardidCommand(c *Client, _ [][]byte) { c.Reply.BulkString(c.W.Server.cluster.shard) }

func clusterKeyslotCommand(c *Client, args [][]byte) { c.Reply.Int(int64(hashSlot(args[2]))) }

// clusterCountkeysinslotCommand looks at every key, for keys are not kept by slot:
// a cluster of one has no use for that but this.
func clusterCountkeysinslotCommand(c *Client, args [][]byte) {
	slot, isInt := parseInt(args[2])
	switch {
	case !isInt:
		c.Error(errNotInteger)
		return
	case slot < 0 || slot >= slots:
		c.Error("ERR Invalid slot")
		return
	}
	n := int64(0)
	c.eachInSlot(int(slot), func([]byte) bool { n++; return true })
	c.Reply.Int(n)
}

// clusterGetkeysinslotCommand looks at keys until it has as many as asked for.
func clusterGetkeysinslotCommand(c *Client, args [][]byte) {
	slot, slotIsInt := parseInt(args[2])
	count, countIsInt := parseInt(args[3])
	switch {
	case !slotIsInt || !countIsInt:
		c.Error(errNotInteger)
		return
	case slot < 0 || slot >= slots || count < 0:
		c.Error("ERR Invalid slot or number of keys")
		return
	}
	var list nameList
	if count > 0 {
		c.eachInSlot(int(slot), func(name []byte) bool {
			list.add(name)
			return int64(list.count) < count
		})
	}
	c.replyNames(&list)
}

// slotStep is about how many keys are looked at before the shard's lock is let
// go for a moment.
const slotStep = 1000

// eachInSlot visits the names of the keys of a slot until visit returns false.
// The index moves while it is walked: a name may come twice after it grew.
func (c *Client) eachInSlot(slot int, visit func(name []byte) bool) {
	more := true
	for cursor := uint64(0); more; {
		cursor = c.W.Scan(c.DB, cursor, slotStep, func(it keyspace.Item) {
			if name := it.Name(); more && hashSlot(name) == slot {
				more = visit(name)
			}
		})
		if cursor == 0 {
			return
		}
	}
}
