package command

import (
	"math"
	"math/rand/v2"

	"github.com/crucible-cache/crucible/internal/object"
)

func hrandfieldCommand(c *Client, args [][]byte) {
	if len(args) == 2 {
		var h hashView
		found, ok := h.read(c, c.Key(args, 1))
		if !ok {
			return
		}
		if found && h.expireAll() {
			if f, _, some := h.random(); some {
				c.replyElem(f)
				return
			}
		}
		c.Reply.Null()
		return
	}
	count, ok := c.parseSignedCount(args[2])
	if !ok {
		return
	}
	values := len(args) == 4 && equalName(args[3], "withvalues")
	switch {
	case len(args) > 3 && !values:
		c.Error(errSyntax)
		return
	case values && (count < -math.MaxInt/2 || count > math.MaxInt/2):
		c.Error(errOutOfRange)
		return
	}
	var h hashView
	found, ok := h.read(c, c.Key(args, 1))
	switch {
	case !ok:
	case !found || count == 0 || !h.expireAll():
		c.Reply.ArrayLen(0)
	default:
		h.replySample(count, values)
	}
}

// random returns a field and its value, any as likely as any other; some is
// false if the time of all of them is over.
func (h *hashView) random() (field, value object.Elem, some bool) {
	if h.large == nil && !h.stale() {
		at := h.pack.Seek(rand.IntN(h.len()) * h.stride())
		field, at = h.pack.Step(at)
		return field, h.pack.At(at), true
	}
	// Fields whose time is over are passed over; that so many of them come in
	// a row means that few others are left.
	const tries = 100
	for i := 0; h.large != nil && i < tries; i++ {
		if e := h.large.Random(rand.Uint64); !h.over(e.ExpireAt()) {
			return object.Elem{Str: e.Key()}, object.Elem{Str: e.Value()}, true
		}
	}
	if n := h.visible(); n > 0 {
		skip := rand.IntN(n)
		h.each(func(f, v object.Elem, _ int64) bool {
			field, value = f, v
			skip--
			return skip >= 0
		})
		return field, value, true
	}
	return field, value, false
}

// replySample replies with count different fields, or all if there are no
// more, or, if count is negative, with as many that may be the same.
func (h *hashView) replySample(count int, values bool) {
	r := &h.c.Reply
	n := h.visible()
	size := min(count, n)
	if count < 0 {
		size = -count
	}
	if n == 0 {
		size = 0
	}
	if values && r.Proto < 3 {
		r.ArrayLen(2 * size)
	} else {
		r.ArrayLen(size)
	}
	show := func(f, v object.Elem) {
		if values && r.Proto >= 3 {
			r.ArrayLen(2)
		}
		if h.c.replyElem(f); values {
			h.c.replyElem(v)
		}
	}
	if count > 0 {
		h.sample(size, n, show)
		return
	}
	for ; size > 0 && !r.Out.Overflowed(); size-- {
		f, v, _ := h.random()
		show(f, v)
	}
}

// sample shows count of the n fields that there are.
func (h *hashView) sample(count, n int, show func(f, v object.Elem)) {
	if h.large == nil || count >= n/sampleShare {
		p := picker{left: n, want: count}
		h.each(func(f, v object.Elem, _ int64) bool {
			if p.picks() {
				show(f, v)
			}
			return p.want > 0
		})
		return
	}
	seen := make(map[string]struct{}, count)
	for len(seen) < count {
		f, v, _ := h.random()
		if _, again := seen[string(f.Str)]; !again {
			seen[string(f.Str)] = struct{}{}
			show(f, v)
		}
	}
}
