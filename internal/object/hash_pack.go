package object

// A small hash is a pack of fields, each followed by its value. If any of its
// fields has, or had, a time to live, each value is followed by that too: unix
// milliseconds, 0 for never. Then those that expire first stand first, and
// those that never do last, so that what is over is always in front.
const (
	HashStride    = 2 // elements of a field
	HashStrideTTL = 3
)

// FieldTTL returns when the field at a position of a pack with expiries expires.
func (p *Pack) FieldTTL(at int) int64 { return p.At(p.Next(p.Next(at))).Int }

// ttlPlace returns the position of the first field that expires later than at.
func (p *Pack) ttlPlace(at int64) int {
	if at == 0 {
		return 0
	}
	for f := p.First(); f != 0; {
		ttl := p.Next(p.Next(f))
		if n := p.At(ttl).Int; n == 0 || n > at {
			return f
		}
		f = p.Next(ttl)
	}
	return 0
}

// InsertTTL puts a field into a pack with expiries, behind those that expire
// at the same time. It must not be there.
func (p *Pack) InsertTTL(field, value []byte, at int64) {
	f, v, t := encode(field), encode(value), encodeInt(at)
	place := p.ttlPlace(at)
	if place == 0 {
		place = p.Size() - 1
	}
	hole := p.splice(place, 0, f.size()+v.size()+t.size(), HashStrideTTL)
	f.put(hole)
	v.put(hole[f.size():])
	t.put(hole[f.size()+v.size():])
}

// MoveTTL changes when the field at a position expires. The text of field and
// value must not be memory of the pack.
func (p *Pack) MoveTTL(pos int, field, value []byte, at int64) {
	p.Delete(pos, HashStrideTTL)
	p.InsertTTL(field, value, at)
}

// DropExpired removes the fields of a pack with expiries whose time is over and
// returns how many there were. The name of each is shown to gone, unless that is nil.
func (p *Pack) DropExpired(now int64, gone func(field []byte)) (n int) {
	for f := p.First(); f != 0; n++ {
		ttl := p.Next(p.Next(f))
		if at := p.At(ttl).Int; at == 0 || at > now {
			break
		}
		if gone != nil {
			gone(p.At(f).Text(nil))
		}
		f = p.Next(ttl)
	}
	if n > 0 {
		p.Delete(p.First(), n*HashStrideTTL)
	}
	return n
}

// Timed reports whether a field of a pack with expiries has one: the first then.
func (p *Pack) Timed() bool {
	f := p.First()
	return f != 0 && p.FieldTTL(f) != 0
}

// AnyExpired reports whether DropExpired would remove anything.
func (p *Pack) AnyExpired(now int64) bool {
	f := p.First()
	if f == 0 {
		return false
	}
	at := p.FieldTTL(f)
	return at != 0 && at <= now
}
