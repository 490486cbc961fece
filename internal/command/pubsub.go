package command

import (
	"github.com/crucible-cache/crucible/internal/protocol/resp"
	"github.com/crucible-cache/crucible/internal/pubsub"
)

// subscriptions are what a client listens to. It has none until it first
// subscribes.
type subscriptions struct {
	topics [pubsub.Kinds]map[string]*pubsub.Subscription
}

// verbs are the words of the confirmations, by kind.
var verbs = [pubsub.Kinds]struct{ begin, end string }{
	pubsub.Channel: {"subscribe", "unsubscribe"},
	pubsub.Pattern: {"psubscribe", "punsubscribe"},
	pubsub.Shard:   {"ssubscribe", "sunsubscribe"},
}

func subscribeCommand(c *Client, args [][]byte)  { c.subscribe(pubsub.Channel, args[1:]) }
func psubscribeCommand(c *Client, args [][]byte) { c.subscribe(pubsub.Pattern, args[1:]) }
func ssubscribeCommand(c *Client, args [][]byte) { c.subscribe(pubsub.Shard, args[1:]) }

func unsubscribeCommand(c *Client, args [][]byte)  { c.unsubscribe(pubsub.Channel, args[1:]) }
func punsubscribeCommand(c *Client, args [][]byte) { c.unsubscribe(pubsub.Pattern, args[1:]) }
func sunsubscribeCommand(c *Client, args [][]byte) { c.unsubscribe(pubsub.Shard, args[1:]) }

// subscribe begins to listen to each of names, and confirms each.
func (c *Client) subscribe(k pubsub.Kind, names [][]byte) {
	if c.subs == nil {
		c.subs = &subscriptions{}
	}
	if c.subs.topics[k] == nil {
		c.subs.topics[k] = map[string]*pubsub.Subscription{}
	}
	for _, name := range names {
		if _, already := c.subs.topics[k][string(name)]; !already {
			s := c.W.Server.Broker.Subscribe(k, name, c.W.ID, c)
			c.subs.topics[k][s.Topic.Name] = s
			c.holdNames(1, len(name))
		}
		c.confirm(verbs[k].begin, name, k)
	}
	c.noteListening()
}

// unsubscribe ends listening to each of names, all of the kind if there are none,
// and confirms each.
func (c *Client) unsubscribe(k pubsub.Kind, names [][]byte) {
	c.W.hearFirst()
	switch {
	case len(names) > 0:
		for _, name := range names {
			c.end(k, string(name))
			c.confirm(verbs[k].end, name, k)
		}
	case c.listensTo(k) == 0:
		c.confirm(verbs[k].end, nil, k)
	default:
		for name := range c.subs.topics[k] {
			c.end(k, name)
			c.confirm(verbs[k].end, []byte(name), k)
		}
	}
	c.noteListening()
}

// end ends a subscription, if there is one.
func (c *Client) end(k pubsub.Kind, name string) {
	if c.subs == nil {
		return
	}
	if s := c.subs.topics[k][name]; s != nil {
		c.W.Server.Broker.Unsubscribe(s)
		delete(c.subs.topics[k], name)
		c.holdNames(-1, -len(name))
	}
}

// endAll ends all subscriptions without a word.
func (c *Client) endAll() {
	if c.subs == nil {
		return
	}
	for k := range pubsub.Kinds {
		for name := range c.subs.topics[k] {
			c.end(k, name)
		}
	}
	c.subs = nil
	c.noteListening()
}

// listensTo returns how many topics of a kind the client listens to.
func (c *Client) listensTo(k pubsub.Kind) int {
	if c.subs == nil {
		return 0
	}
	return len(c.subs.topics[k])
}

// Listening reports whether the client is a subscriber.
func (c *Client) Listening() bool {
	return c.subs != nil && c.listensTo(pubsub.Channel)+c.listensTo(pubsub.Pattern)+c.listensTo(pubsub.Shard) > 0
}

// Attends reports whether the client is there to be told things, as a subscriber, a
// monitor and a replica are, and has nothing to say itself.
func (c *Client) Attends() bool {
	return c.monitoring || c.seen.flags.Load()&seenReplica != 0 || c.Listening()
}

// noteListening follows a change of what the client listens to, or of its protocol.
// In RESP2 a message looks like a reply, so that a subscriber may send few
// commands only; so may a monitor.
func (c *Client) noteListening() {
	listening := c.Listening()
	c.limited = c.monitoring || listening && c.Reply.Proto < 3
	c.seen.setFlag(seenListening, listening)
	for k := range pubsub.Kinds {
		c.seen.subscriptions[k].Set(int64(c.listensTo(k)))
	}
}

// refuseLimited answers a request that a subscriber may not send in RESP2, or
// one to the keyspace or a channel that a monitor may not, and reports whether
// it did.
func (c *Client) refuseLimited(s *Spec, args [][]byte) bool {
	const channel = PubSub | Fast // PUBLISH and its like
	concerned := s.Flags&(Write|ReadOnly|MayReplicate) != 0 || s.Flags&channel == channel
	switch {
	case c.monitoring && concerned:
		c.reject(s, errMonitorKeys)
		return true
	case s.Flags&WhileListening != 0, c.Reply.Proto >= 3 || !c.Listening():
		return false
	case s.Flags&DenyOOM != 0 && c.W.Prepare(requestBytes(args)) != nil:
		c.reject(s, errOutOfMemory)
	default:
		c.reject(s, errListening(s.fullname))
	}
	return true
}

// confirm says that a subscription begins or ends: a push, which CLIENT REPLY
// does not hold back. The number at its end counts channels and patterns
// together.
func (c *Client) confirm(verb string, name []byte, k pubsub.Kind) {
	r := c.Reply
	if c.mute != replyOn {
		r = c.besideReply()
	}
	c.confirmTo(&r, verb, name, k)
}

// confirmTo is confirm by a writer of the client's.
func (c *Client) confirmTo(r *resp.Writer, verb string, name []byte, k pubsub.Kind) {
	n := c.listensTo(pubsub.Channel) + c.listensTo(pubsub.Pattern)
	if k == pubsub.Shard {
		n = c.listensTo(pubsub.Shard)
	}
	r.PushLen(3)
	r.BulkString(verb)
	if name == nil {
		r.Null()
	} else {
		r.Bulk(name)
	}
	r.Int(int64(n))
}

// Hear implements pubsub.Listener.
func (c *Client) Hear(m *pubsub.Message, t *pubsub.Topic) {
	if c.Closing || c.Killed {
		return
	}
	r := c.news()
	switch t.Kind {
	case pubsub.Channel:
		r.PushLen(3)
		r.Raw("$7\r\nmessage\r\n")
	case pubsub.Shard:
		r.PushLen(3)
		r.Raw("$8\r\nsmessage\r\n")
	default:
		r.PushLen(4)
		r.Raw("$8\r\npmessage\r\n")
		r.BulkString(t.Name)
	}
	r.Out.Write(m.Body)
}

func publishCommand(c *Client, args [][]byte) {
	c.Reply.Int(int64(c.W.publish(pubsub.Channel, args[1], args[2])))
	c.tellPublished()
}

func spublishCommand(c *Client, args [][]byte) {
	c.Reply.Int(int64(c.W.publish(pubsub.Shard, args[1], args[2])))
	c.tellPublished()
}

// tellPublished has replicas hear of a message too. In a cluster that is the business of its nodes.
func (c *Client) tellPublished() {
	if c.W.Server.cluster == nil {
		c.affects()
	}
}

// publish says something on a channel and returns how many will hear it.
func (w *Worker) publish(k pubsub.Kind, channel, payload []byte) int {
	heard := w.Server.Broker.Publish(k, channel, payload, w.postLetter)
	w.rouse()
	return heard
}

func pubsubChannelsCommand(c *Client, args [][]byte)      { c.listTopics(pubsub.Channel, args) }
func pubsubShardchannelsCommand(c *Client, args [][]byte) { c.listTopics(pubsub.Shard, args) }

func (c *Client) listTopics(k pubsub.Kind, args [][]byte) {
	if len(args) > 3 {
		c.Error(errSubcommandSyntax("PUBSUB", args))
		return
	}
	var pattern []byte
	if len(args) == 3 {
		pattern = args[2]
	}
	names := c.W.Server.Broker.Names(k, pattern)
	c.Reply.ArrayLen(len(names))
	for _, name := range names {
		c.Reply.BulkString(name)
	}
}

func pubsubNumsubCommand(c *Client, args [][]byte)      { c.countListeners(pubsub.Channel, args[2:]) }
func pubsubShardnumsubCommand(c *Client, args [][]byte) { c.countListeners(pubsub.Shard, args[2:]) }

func (c *Client) countListeners(k pubsub.Kind, names [][]byte) {
	c.Reply.ArrayLen(2 * len(names))
	for _, name := range names {
		c.Reply.Bulk(name)
		c.Reply.Int(int64(c.W.Server.Broker.Listeners(k, name)))
	}
}

func pubsubNumpatCommand(c *Client, _ [][]byte) {
	c.Reply.Int(c.W.Server.Broker.Count(pubsub.Pattern))
}
