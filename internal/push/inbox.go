// Package push is the way by which one client's request reaches another client:
// a message of a channel, the invalidation of a key, a line for MONITOR.
//
// Only the loop that owns a client may append to its output. So each loop has
// an Inbox. Whoever has something for clients of a loop puts a Letter into its
// Inbox, also if it is the loop's own, and has the loop woken if that is not
// under way yet: a thousand letters to a sleeping loop wake it once. The loop
// takes them out in the order in which they came and appends what they say to
// the clients that they concern, whose letters one is: the Inbox knows no client.
//
// Any thread puts; the thread of the loop takes. Letters are on the Go heap and
// are shared by all loops that they go to. An Inbox holds what its loop had no
// time for yet; who puts is told when that is much (Crowded), and is to wait.
package push

import (
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/spinlock"
)

// Letter is something for clients of a loop.
type Letter interface {
	// Open appends what the letter says to the clients of that loop whom it
	// concerns. It runs on the loop's thread, once for each loop.
	Open(loop int)
}

// Crowded is how many bytes of letters an Inbox may hold before those who put
// should wait for its loop.
const Crowded = 8 << 20

// letterBytes is what a letter takes beyond what it says.
const letterBytes = 64

// keptLetters is how many places an Inbox keeps that is empty.
const keptLetters = 1024

// Inbox is what waits for the clients of one loop. It is empty when zero.
type Inbox struct {
	lock    spinlock.Lock
	letters []Letter
	spare   []Letter // the other buffer of letters
	called  bool     // the loop was told to look
	bytes   atomic.Int64
}

// Put adds a letter that says n bytes, and reports whether the caller has to
// have the loop call Answer.
func (b *Inbox) Put(l Letter, n int) (call bool) {
	b.lock.Lock()
	b.letters = append(b.letters, l)
	call = !b.called
	b.called = true
	b.bytes.Add(int64(n + letterBytes))
	b.lock.Unlock()
	return call
}

// Crowded reports whether the loop should be given time to read.
func (b *Inbox) Crowded() bool { return b.bytes.Load() > Crowded }

// Answer is Take for the loop that was called: it will be called again.
func (b *Inbox) Answer() []Letter {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.called = false
	return b.take()
}

// Take returns what waits, oldest first, for the caller to open and give back.
func (b *Inbox) Take() []Letter {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.take()
}

func (b *Inbox) take() []Letter {
	letters := b.letters
	b.letters, b.spare = b.spare[:0], nil
	b.bytes.Store(0)
	return letters
}

// Return gives back the memory of letters that were opened.
func (b *Inbox) Return(letters []Letter) {
	clear(letters)
	if cap(letters) > keptLetters {
		return
	}
	b.lock.Lock()
	if b.spare == nil {
		b.spare = letters[:0]
	}
	b.lock.Unlock()
}
