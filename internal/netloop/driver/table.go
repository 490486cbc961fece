package driver

// Token is what travels through the kernel with an operation and comes back
// with its result: which operation, on which slot of the table, and which
// generation of the slot, so that a report that comes after the slot was given
// to another socket is recognised.
//
//	63      56 55             32 31              0
//	+---------+-----------------+-----------------+
//	|   op    |   generation    |      slot       |
//	+---------+-----------------+-----------------+
type Token uint64

const (
	genBits = 24
	genMask = 1<<genBits - 1
)

// MakeToken returns the token of an operation that concerns no socket; arg is
// the operation's own.
func MakeToken(op uint8, arg uint32) Token { return Token(op)<<56 | Token(arg) }

// Token returns the token of the operation op on s.
func (s *Socket) Token(op uint8) Token {
	return Token(op)<<56 | Token(s.gen)<<32 | Token(s.slot)
}

// Op returns the operation.
func (t Token) Op() uint8 { return uint8(t >> 56) }

// Arg returns the argument MakeToken was given.
func (t Token) Arg() uint32 { return uint32(t) }

// Table holds the sockets of a driver by slot.
type Table struct {
	slots []slot
	free  []uint32
	used  int
}

type slot struct {
	socket *Socket
	gen    uint32
}

// Add gives s a slot.
func (t *Table) Add(s *Socket) {
	if n := len(t.free); n > 0 {
		s.slot = t.free[n-1]
		t.free = t.free[:n-1]
	} else {
		s.slot = uint32(len(t.slots))
		t.slots = append(t.slots, slot{})
	}
	at := &t.slots[s.slot]
	at.socket = s
	s.gen = at.gen
	t.used++
}

// Remove takes the slot of s back. Tokens made for s find nothing any more.
func (t *Table) Remove(s *Socket) {
	at := &t.slots[s.slot]
	at.socket = nil
	at.gen = (at.gen + 1) & genMask
	t.free = append(t.free, s.slot)
	t.used--
}

// Find returns the socket that a token was made for, nil if it was removed.
func (t *Table) Find(k Token) *Socket {
	i := uint32(k)
	if int(i) >= len(t.slots) {
		return nil
	}
	at := &t.slots[i]
	if at.gen != uint32(k>>32)&genMask {
		return nil
	}
	return at.socket
}

// Len returns the number of sockets in the table.
func (t *Table) Len() int { return t.used }
