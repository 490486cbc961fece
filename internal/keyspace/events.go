package keyspace

// EventClass is a kind of thing that happens to keys, as the setting
// notify-keyspace-events tells them apart, or a set of them.
type EventClass uint32

// The classes. KeyspaceChannel and KeyeventChannel are no classes of events but
// say on which channels those that are chosen are published.
const (
	KeyspaceChannel EventClass = 1 << iota
	KeyeventChannel
	GenericEvent
	StringEvent
	ListEvent
	SetEvent
	HashEvent
	ZSetEvent
	ExpiredEvent
	EvictedEvent
	StreamEvent
	KeyMissEvent
	ModuleEvent
	NewEvent
)

// Observer is told of the events of the classes that are chosen.
type Observer interface {
	// Event tells what happened to k. It is called on the thread of w, as a rule
	// with k's shard locked; the name is good during the call only.
	Event(w *Worker, event string, db int, k Key)

	// Lost tells, while the keyspace is followed, that k goes without a command that says so: its time
	// is over, or room is made. It is called under the same conditions.
	Lost(w *Worker, db int, k Key, evicted bool)

	// LostField is Lost for a field of the hash of k, whose time is over.
	LostField(w *Worker, db int, k Key, field []byte)
}

// Observe names the observer, before any worker is used.
func (ks *Keyspace) Observe(o Observer) { ks.observer = o }

// ChooseEvents says which classes of events the observer is told of. Any thread
// may call it.
func (ks *Keyspace) ChooseEvents(classes EventClass) { ks.events.Store(uint32(classes)) }

// Events returns the classes that were chosen.
func (ks *Keyspace) Events() EventClass { return EventClass(ks.events.Load()) }

// Event tells the observer of something that happened to k, if its class is
// chosen: that costs a look at one word otherwise.
func (w *Worker) Event(class EventClass, event string, db int, k Key) {
	if w.ks.events.Load()&uint32(class) != 0 {
		w.ks.observer.Event(w, event, db, k)
	}
}

// eventIn is Event for the database that has table number num.
func (w *Worker) eventIn(class EventClass, event string, num uint8, k Key) {
	if w.ks.events.Load()&uint32(class) != 0 {
		w.ks.observer.Event(w, event, w.databaseOf(num), k)
	}
}

// Follow says whether somebody is told of every write: Worker.Writes counts them then, and the observer
// hears of what goes by itself. Any thread may call it that has no shard locked.
func (ks *Keyspace) Follow(on bool) {
	for i := range ks.shards {
		s := &ks.shards[i]
		s.lock.Lock()
		s.followed = on
		s.heed()
		s.lock.Unlock()
	}
}

// Followed reports whether a write to k is to be told. Its shard is locked.
func (w *Worker) Followed(k Key) bool { return w.ks.shards[k.shard()].followed }

// Followed reports whether Follow said so. All shards are locked.
func (ks *Keyspace) Followed() bool { return ks.shards[0].followed }

// lost tells that k goes, which touch counts as a write.
func (w *Worker) lost(s *shard, db int, k Key, evicted bool) {
	if s.followed {
		w.Writes--
		w.ks.observer.Lost(w, db, k, evicted)
	}
}

// lostIn is lost for the database that has table number num.
func (w *Worker) lostIn(s *shard, num uint8, k Key, evicted bool) {
	if s.followed {
		w.lost(s, w.databaseOf(num), k, evicted)
	}
}

// lostField returns whom to tell that a field of k is gone, nil for nobody.
func (w *Worker) lostField(s *shard, db int, k Key) func(field []byte) {
	if !s.followed {
		return nil
	}
	return func(field []byte) { w.ks.observer.LostField(w, db, k, field) }
}

// created tells that k is new, unless it takes the place of what Replace removed.
func (w *Worker) created(db int, k Key) {
	if w.replacing {
		w.replacing = false
		return
	}
	w.Event(NewEvent, "new", db, k)
}

// Replace removes k for the sake of what it is given next: it does not count as
// a new key if it was there. k's shard is locked.
func (w *Worker) Replace(db int, k Key) { w.replacing = w.Delete(db, k) }

// ID returns the worker's number.
func (w *Worker) ID() int { return w.id }
