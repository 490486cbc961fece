package object

// expiry is what a table knows of the times of its entries, and where the walk
// that looks for those that are over stands.
type expiry struct {
	entries int   // that have an expiry
	min     int64 // no entry expires before, unix ms; 0 = none expires
	cursor  uint64
	next    int64 // the least expiry the walk came across
}

// note follows an entry whose expiry changes.
func (x *expiry) note(was, now int64) {
	if was != 0 {
		x.entries--
	}
	if now != 0 {
		x.entries++
		if x.min == 0 || now < x.min {
			x.min = now
		}
		x.seen(now)
	}
	if x.entries == 0 {
		*x = expiry{}
	}
}

func (x *expiry) seen(at int64) {
	if at != 0 && (x.next == 0 || at < x.next) {
		x.next = at
	}
}

// MinExpire returns a time before which no entry expires, 0 if none ever does.
func (t *Table) MinExpire() int64 { return t.expiry.min }

// Expiring returns how many entries have an expiry.
func (t *Table) Expiring() int { return t.expiry.entries }

// DropExpired looks at the entries of up to groups groups, removes those whose
// time is over and reports whether there may be more. The walk goes on where
// the last one stopped. The name of each that goes is shown to gone, unless that is nil.
func (t *Table) DropExpired(now int64, groups int, gone func(key []byte)) (more bool) {
	x := &t.expiry
	for ; groups > 0 && x.min != 0 && x.min <= now; groups-- {
		t.due = t.due[:0]
		cursor := t.Scan(x.cursor, func(e Entry) {
			switch at := e.ExpireAt(); {
			case at == 0:
			case at <= now:
				t.due = append(t.due, string(e.Key()))
			default:
				x.seen(at)
			}
		})
		for _, key := range t.due {
			t.Delete([]byte(key))
			if gone != nil {
				gone([]byte(key))
			}
		}
		if x.cursor = cursor; cursor == 0 {
			x.min, x.next = x.next, 0
		}
	}
	return x.min != 0 && x.min <= now
}
