package segment

// Recycling what expired as a whole, and other things that need time to pass.
const (
	expiredPerTick = 16  // segments
	idleTicks      = 100 // after which open segments are given up if memory is short
)

// Tick implements store.Writer: it recycles segments in which every time to live
// is over, and finishes what was left half done.
func (w *Writer) Tick(nowMS int64) {
	w.nowMS = nowMS
	w.finish()
	for range expiredPerTick {
		w.log.mu.Lock()
		found := w.begin(w.move, w.log.soonest(nowMS))
		w.log.mu.Unlock()
		if !found {
			break
		}
		w.counts.Expired.Add(1)
		w.finish()
	}
	if w.ticks++; w.ticks%idleTicks == 0 && w.log.arena.Room() < w.log.reserve() {
		w.sealIdle()
	}
}

// sealIdle gives up the open segments to which nothing was appended since the
// last time, so that what is in them can be reclaimed.
func (w *Writer) sealIdle() {
	w.eachOpen(func(st *stream) {
		if st.idle {
			w.seal(st)
		} else {
			st.idle = true
		}
	})
}
