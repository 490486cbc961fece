package segment

import "github.com/crucible-cache/crucible/internal/store"

// chooseFromSmall takes the oldest segment of the admission layer if that has
// more than its share.
func (w *Writer) chooseFromSmall() bool {
	l := w.log
	if float64(l.bytes[admission]) > l.smallShare*float64(l.arena.Limit()) || l.bytes[main] == 0 {
		return w.begin(w.admit, l.oldest(admission, admission, noTTL))
	}
	return false
}

// chooseLayered is S3-FIFO: two queues in order of age.
func (w *Writer) chooseLayered() bool {
	return w.chooseFromSmall() || w.begin(w.retain, w.log.oldest(main, main, noTTL))
}

// chooseFiltered ranks by frequency what has passed the admission layer.
func (w *Writer) chooseFiltered() bool {
	return w.chooseFromSmall() || w.chooseByFrequency()
}

// admit moves to the main layer what was used since it came, and remembers what
// was not. Uses there start from none, unless they are counted to rank by.
func (w *Writer) admit(e store.Entry) store.Fate {
	switch track := w.log.plan.Load().Track; {
	case track == store.TrackFrequency && e.Frequency > store.FreshFrequency:
		return w.keepIn(main, e, e.Frequency)
	case track != store.TrackFrequency && e.Frequency > 0:
		return w.keepIn(main, e, 0)
	}
	w.counts.Evicted.Add(1)
	return store.Fate{Do: store.Evict, Ghost: true}
}

// retain gives what was used in the main layer another round there, at the
// price of one use.
func (w *Writer) retain(e store.Entry) store.Fate {
	if e.Frequency > 0 {
		return w.keepIn(main, e, e.Frequency-1)
	}
	w.counts.Evicted.Add(1)
	return store.Fate{Do: store.Evict}
}
