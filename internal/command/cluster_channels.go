package command

import (
	"github.com/crucible-cache/crucible/internal/node"
	"github.com/crucible-cache/crucible/internal/pubsub"
)

// lostSlots is a letter to those who listen to channels of shards: the slots of some are no
// more the server's.
type lostSlots struct {
	server *Server
	slots  node.Slots
}

// silenceSlots ends what is listened to in slots, on all loops.
func (w *Worker) silenceSlots(slots *node.Slots) {
	if slots.Len() == 0 || w.Server.Broker.Count(pubsub.Shard) == 0 {
		return
	}
	letter := &lostSlots{w.Server, *slots}
	for loop := range w.Server.Workers() {
		w.postLetter(loop, letter, 0)
	}
	w.rouse()
}

// Open implements push.Letter.
func (l *lostSlots) Open(loop int) {
	for _, c := range l.server.Clients.snapshot() {
		if c.W.ID == loop && c.listensTo(pubsub.Shard) > 0 && !c.Closing && !c.Killed {
			c.loseChannels(&l.slots)
		}
	}
}

// loseChannels ends the subscriptions to the channels of slots, and tells the client.
func (c *Client) loseChannels(slots *node.Slots) {
	r := c.news()
	for name := range c.subs.topics[pubsub.Shard] {
		if slots.Has(hashSlot([]byte(name))) {
			c.end(pubsub.Shard, name)
			c.confirmTo(&r, verbs[pubsub.Shard].end, []byte(name), pubsub.Shard)
		}
	}
	c.noteListening()
}
