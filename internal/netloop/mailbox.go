package netloop

import "sync/atomic"

// mailbox carries work from any thread to the thread of one loop: a stack that
// many push to with one compare-and-swap and the owner takes whole. It has no
// bound of its own; what is in it is bounded by what posts, which is a command
// or an accepted connection each time.
type mailbox struct {
	head atomic.Pointer[letter]

	// asleep is set while the owner waits or is about to: whoever turns it
	// off has to wake the owner.
	asleep atomic.Bool
}

// letter is one piece of work. Exactly one of fn and adopt is its content.
type letter struct {
	next *letter
	to   *conn  // the connection it is for, nil for the loop
	fn   func() // what to run
	fd   int    // a connection to take over, when adopt is set

	listener int
	adopt    bool
}

// sealed is the head of a mailbox whose owner has gone.
var sealed = new(letter)

// push adds m and reports whether the owner is still there to read it.
func (b *mailbox) push(m *letter) bool {
	for {
		head := b.head.Load()
		if head == sealed {
			return false
		}
		m.next = head
		if b.head.CompareAndSwap(head, m) {
			return true
		}
	}
}

// rouse reports whether the caller has to wake the owner, and is then the only
// one to be told so.
func (b *mailbox) rouse() bool {
	return b.asleep.Load() && b.asleep.CompareAndSwap(true, false)
}

// empty reports whether there is nothing to take.
func (b *mailbox) empty() bool { return b.head.Load() == nil }

// take returns everything that was pushed, oldest first.
func (b *mailbox) take() *letter { return oldestFirst(b.head.Swap(nil)) }

// seal takes what is left and lets nothing in any more.
func (b *mailbox) seal() *letter { return oldestFirst(b.head.Swap(sealed)) }

func oldestFirst(m *letter) *letter {
	var first *letter
	for m != nil {
		next := m.next
		m.next = first
		first, m = m, next
	}
	return first
}
