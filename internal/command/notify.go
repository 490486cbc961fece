package command

import (
	"errors"
	"strconv"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/pubsub"
)

// notify tells those who listen of something that happened to a key of the
// client's database. Its shard is locked.
func (c *Client) notify(class keyspace.EventClass, event string, k keyspace.Key) {
	c.W.Event(class, event, c.DB, k)
}

// deleteKey deletes a key, which counts as an event if it was there.
func (c *Client) deleteKey(k keyspace.Key) (deleted bool) {
	deleted = c.W.Delete(c.DB, k)
	if deleted {
		c.notify(keyspace.GenericEvent, "del", k)
	}
	return deleted
}

// Event implements keyspace.Observer: it publishes what happened to a key on
// the channels of the key and of the event.
func (s *Server) Event(kw *keyspace.Worker, event string, db int, k keyspace.Key) {
	if s.Broker.Count(pubsub.Channel)+s.Broker.Count(pubsub.Pattern) == 0 {
		return
	}
	w, classes := s.Workers()[kw.ID()], s.Keyspace.Events()
	if classes&keyspace.KeyspaceChannel != 0 {
		w.channel = appendEventChannel(w.channel[:0], "keyspace", db)
		w.channel = append(w.channel, k.Name...)
		w.publish(pubsub.Channel, w.channel, []byte(event))
	}
	if classes&keyspace.KeyeventChannel != 0 {
		w.channel = appendEventChannel(w.channel[:0], "keyevent", db)
		w.channel = append(w.channel, event...)
		w.publish(pubsub.Channel, w.channel, k.Name)
	}
	if cap(w.channel) > scratchKept {
		w.channel = nil
	}
}

func appendEventChannel(b []byte, kind string, db int) []byte {
	b = append(b, "__"...)
	b = append(b, kind...)
	b = append(b, '@')
	b = strconv.AppendInt(b, int64(db), 10)
	return append(b, "__:"...)
}

// eventLetters are the characters of notify-keyspace-events, in the order in which
// the reference server shows them.
var eventLetters = []struct {
	letter byte
	class  keyspace.EventClass
}{
	{'g', keyspace.GenericEvent},
	{'$', keyspace.StringEvent},
	{'l', keyspace.ListEvent},
	{'s', keyspace.SetEvent},
	{'h', keyspace.HashEvent},
	{'z', keyspace.ZSetEvent},
	{'x', keyspace.ExpiredEvent},
	{'e', keyspace.EvictedEvent},
	{'t', keyspace.StreamEvent},
	{'d', keyspace.ModuleEvent},
	{'n', keyspace.NewEvent},
	{'K', keyspace.KeyspaceChannel},
	{'E', keyspace.KeyeventChannel},
	{'m', keyspace.KeyMissEvent},
}

// mostEvents is what 'A' stands for.
const mostEvents = keyspace.GenericEvent | keyspace.StringEvent | keyspace.ListEvent | keyspace.SetEvent |
	keyspace.HashEvent | keyspace.ZSetEvent | keyspace.ExpiredEvent | keyspace.EvictedEvent |
	keyspace.StreamEvent | keyspace.ModuleEvent

// eventsParam is notify-keyspace-events.
type eventsParam struct {
	value  atomic.Uint32
	choose func(keyspace.EventClass) // carries it to the keyspace, once there is one
}

func (e *eventsParam) immutable() bool { return false }

// get shows 'A' in place of what it stands for, and of 'n', as the reference
// server does.
func (e *eventsParam) get() string {
	classes := keyspace.EventClass(e.value.Load())
	var b []byte
	if classes&mostEvents == mostEvents {
		b = append(b, 'A')
		classes &^= mostEvents | keyspace.NewEvent
	}
	for _, l := range eventLetters {
		if classes&l.class != 0 {
			b = append(b, l.letter)
		}
	}
	return string(b)
}

func (e *eventsParam) set(text string) (func(), error) {
	var classes keyspace.EventClass
	for i := range len(text) {
		class := classLettered(text[i])
		if class == 0 {
			return nil, errors.New("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.") //nolint:revive,staticcheck // Redis' text
		}
		classes |= class
	}
	old := keyspace.EventClass(e.value.Load())
	e.apply(classes)
	return func() { e.apply(old) }, nil
}

func classLettered(letter byte) keyspace.EventClass {
	if letter == 'A' {
		return mostEvents
	}
	for _, l := range eventLetters {
		if l.letter == letter {
			return l.class
		}
	}
	return 0
}

// apply has the keyspace tell of events only if there is a channel to publish
// them on.
func (e *eventsParam) apply(classes keyspace.EventClass) {
	e.value.Store(uint32(classes))
	if classes&(keyspace.KeyspaceChannel|keyspace.KeyeventChannel) == 0 {
		classes = 0
	}
	if e.choose != nil {
		e.choose(classes)
	}
}
