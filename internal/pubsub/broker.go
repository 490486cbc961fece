package pubsub

import (
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/glob"
	"github.com/crucible-cache/crucible/internal/push"
	"github.com/crucible-cache/crucible/internal/spinlock"
)

// Kind is what a topic is.
type Kind uint8

// The kinds. Patterns match the names of channels, not of shard channels.
const (
	Channel Kind = iota
	Pattern
	Shard
	Kinds // how many there are
)

// Listener is a client that subscribes.
type Listener interface {
	// Hear appends m to the client's output: it listens to t. It runs on the
	// thread of its loop.
	Hear(m *Message, t *Topic)
}

// Topic is what can be subscribed to.
type Topic struct {
	Name string
	Kind Kind

	listeners int // on all loops

	// loops has the subscriptions of each loop. A loop's are changed by its own thread, under the
	// broker's lock, which also reads them without; the list of loops is replaced when it grows.
	loops atomic.Pointer[[][]*Subscription]
	place int // in Broker.patterns
}

// Subscription is one listener of a topic.
type Subscription struct {
	Topic    *Topic
	listener Listener
	loop     int
	place    int    // in Topic.loops[loop]
	since    uint64 // the number of the last message that it is too late for
}

// Broker knows all topics that anybody listens to.
type Broker struct {
	loops int

	lock     spinlock.Lock
	last     uint64 // number of the last message
	topics   [Kinds]map[string]*Topic
	patterns []*Topic
	counts   [Kinds]atomic.Int64 // topics of each kind
}

// NewBroker makes a broker without topics.
func NewBroker() *Broker {
	b := &Broker{}
	for k := range b.topics {
		b.topics[k] = map[string]*Topic{}
	}
	return b
}

// AddLoop makes room for the listeners of one more loop. It is called for each
// before one of its clients subscribes. Any thread may call it.
func (b *Broker) AddLoop() {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.loops++
}

// Count returns how many topics of a kind there are. Any thread may call it.
func (b *Broker) Count(k Kind) int64 { return b.counts[k].Load() }

// Subscribe enters a listener of that loop, which does not listen to the topic
// yet. It runs on the loop's thread.
func (b *Broker) Subscribe(k Kind, name []byte, loop int, l Listener) *Subscription {
	b.lock.Lock()
	defer b.lock.Unlock()
	t := b.topics[k][string(name)]
	if t == nil {
		t = b.open(k, string(name))
	}
	list := t.on(loop)
	s := &Subscription{Topic: t, listener: l, loop: loop, place: len(list), since: b.last}
	t.set(loop, append(list, s))
	t.listeners++
	return s
}

// Unsubscribe ends a subscription. It runs on the thread of its loop.
func (b *Broker) Unsubscribe(s *Subscription) {
	b.lock.Lock()
	defer b.lock.Unlock()
	t := s.Topic
	list := t.on(s.loop)
	last := len(list) - 1
	list[s.place] = list[last]
	list[s.place].place = s.place
	list[last] = nil
	t.set(s.loop, list[:last])
	if t.listeners--; t.listeners == 0 {
		b.close(t)
	}
}

func (b *Broker) open(k Kind, name string) *Topic {
	t := &Topic{Name: name, Kind: k}
	loops := make([][]*Subscription, b.loops)
	t.loops.Store(&loops)
	b.topics[k][name] = t
	b.counts[k].Add(1)
	if k == Pattern {
		t.place = len(b.patterns)
		b.patterns = append(b.patterns, t)
	}
	return t
}

func (b *Broker) close(t *Topic) {
	delete(b.topics[t.Kind], t.Name)
	b.counts[t.Kind].Add(-1)
	if t.Kind == Pattern {
		last := len(b.patterns) - 1
		b.patterns[t.place] = b.patterns[last]
		b.patterns[t.place].place = t.place
		b.patterns[last] = nil
		b.patterns = b.patterns[:last]
	}
}

// Listeners returns how many listen to a channel by its name.
func (b *Broker) Listeners(k Kind, name []byte) int {
	b.lock.Lock()
	defer b.lock.Unlock()
	if t := b.topics[k][string(name)]; t != nil {
		return t.listeners
	}
	return 0
}

// Names returns the names of the topics of a kind that match a pattern, all
// without one, in no order.
func (b *Broker) Names(k Kind, pattern []byte) []string {
	b.lock.Lock()
	names := make([]string, 0, len(b.topics[k]))
	for name := range b.topics[k] {
		names = append(names, name)
	}
	b.lock.Unlock()
	if pattern == nil {
		return names
	}
	matching := names[:0]
	for _, name := range names {
		if glob.Match(pattern, []byte(name)) {
			matching = append(matching, name)
		}
	}
	return matching
}

// Post puts a letter of n bytes into the inbox of a loop.
type Post func(loop int, l push.Letter, n int)

// Publish has everybody hear a message who listens to the channel, of kind
// Channel or Shard, or to a pattern that matches its name, and returns how many
// they are. post is called under the lock.
func (b *Broker) Publish(k Kind, channel, payload []byte, post Post) (heard int) {
	if b.counts[k].Load() == 0 && (k == Shard || b.counts[Pattern].Load() == 0) {
		return 0
	}
	var body []byte
	if len(payload) > copyMax {
		body = newBody(channel, payload)
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	first, more := b.topics[k][string(channel)], []*Topic(nil)
	if k == Channel {
		first, more = b.matching(first, channel)
	}
	if first == nil {
		return 0
	}
	if body == nil {
		body = newBody(channel, payload)
	}
	b.last++
	m := &Message{Body: body, number: b.last, first: first, more: more}
	heard = first.listeners
	for _, t := range more {
		heard += t.listeners
	}
	for loop := range b.loops {
		if m.concerns(loop) {
			post(loop, m, len(m.Body))
		}
	}
	return heard
}

// copyMax is how much, in bytes, is copied under the lock: more is copied
// before it is known whether anybody listens.
const copyMax = 4 << 10

// matching adds the patterns that match channel to its own topic, if there is one.
func (b *Broker) matching(own *Topic, channel []byte) (first *Topic, more []*Topic) {
	first = own
	for _, t := range b.patterns {
		switch {
		case !glob.Match([]byte(t.Name), channel):
		case first == nil:
			first = t
		default:
			more = append(more, t)
		}
	}
	return first, more
}
