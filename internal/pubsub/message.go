package pubsub

import (
	"strconv"
)

// Message is something said on a channel. It never changes, so that all loops
// share it.
type Message struct {
	// Body is the channel and what was said, as two RESP strings, which is how
	// every listener's message ends.
	Body []byte

	number uint64
	first  *Topic
	more   []*Topic // patterns beyond the first topic
}

// lineRoom is enough for the header of a string, in bytes.
const lineRoom = 24

func newBody(channel, payload []byte) []byte {
	body := make([]byte, 0, len(channel)+len(payload)+2*lineRoom)
	body = appendBulk(body, channel)
	return appendBulk(body, payload)
}

func appendBulk(b, text []byte) []byte {
	b = append(b, '$')
	b = strconv.AppendInt(b, int64(len(text)), 10)
	b = append(b, '\r', '\n')
	b = append(b, text...)
	return append(b, '\r', '\n')
}

// concerns reports whether a loop has listeners. The broker is locked.
func (m *Message) concerns(loop int) bool {
	if m.first.listensOn(loop) {
		return true
	}
	for _, t := range m.more {
		if t.listensOn(loop) {
			return true
		}
	}
	return false
}

// on returns the subscriptions of a loop, which may have come after the topic.
func (t *Topic) on(loop int) []*Subscription {
	if loops := *t.loops.Load(); loop < len(loops) {
		return loops[loop]
	}
	return nil
}

// set replaces the subscriptions of a loop. It runs on the loop's thread, under the broker's lock.
func (t *Topic) set(loop int, list []*Subscription) {
	loops := *t.loops.Load()
	if loop >= len(loops) {
		more := make([][]*Subscription, loop+1)
		copy(more, loops)
		t.loops.Store(&more)
		loops = more
	}
	loops[loop] = list
}

func (t *Topic) listensOn(loop int) bool { return len(t.on(loop)) > 0 }

// Open implements push.Letter.
func (m *Message) Open(loop int) {
	m.first.tell(m, loop)
	for _, t := range m.more {
		t.tell(m, loop)
	}
}

// tell has the listeners of one loop hear m. It runs on that loop's thread,
// the only one that changes what it reads.
func (t *Topic) tell(m *Message, loop int) {
	for _, s := range t.on(loop) {
		if s.since < m.number {
			s.listener.Hear(m, t)
		}
	}
}
