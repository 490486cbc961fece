package command

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"sync/atomic"
)

// observing are the parameters that say which commands are recorded.
type observing struct {
	slowerThan  atomic.Int64 // microseconds, -1 for never
	slowMax     atomic.Int64 // entries of the slow log
	monitorMS   atomic.Int64 // 0 for never
	tracking    atomic.Int64 // 1 if durations are counted by size
	percentiles atomic.Pointer[[]float64]

	// noticed is the least duration of a command, in nanoseconds, that the slow
	// log or the latency monitor wants to hear of. It follows from the others.
	noticed atomic.Int64
}

func (o *observing) add(p *Params) {
	o.percentiles.Store(&[]float64{50, 99, 99.9})
	p.add("slowlog-log-slower-than", newNumber(&o.slowerThan, 10000, numberRange{-1, maxInt64, false}, o.derive(&o.slowerThan)))
	p.add("slowlog-max-len", newNumber(&o.slowMax, 128, numberRange{0, maxInt64, false}, nil))
	p.add("latency-monitor-threshold", newNumber(&o.monitorMS, 0, numberRange{0, maxInt64, false}, o.derive(&o.monitorMS)))
	p.add("latency-tracking", newBool(&o.tracking, true))
	p.add("latency-tracking-info-percentiles", &percentilesParam{&o.percentiles})
	o.deriveAll()
}

// derive returns what keeps noticed up to date when value is about to change.
func (o *observing) derive(value *atomic.Int64) func(int64) error {
	return func(n int64) error {
		value.Store(n)
		o.deriveAll()
		return nil
	}
}

func (o *observing) deriveAll() {
	least := int64(nobody)
	if us := o.slowerThan.Load(); us >= 0 {
		least = times(us, 1000)
	}
	if ms := o.monitorMS.Load(); ms > 0 {
		least = min(least, times(ms, 1e6))
	}
	o.noticed.Store(least)
}

// times multiplies, at most to the largest number.
func times(n, by int64) int64 {
	if n > math.MaxInt64/by {
		return math.MaxInt64
	}
	return n * by
}

// percentilesParam is a list of numbers from 0 to 100.
type percentilesParam struct {
	value *atomic.Pointer[[]float64]
}

func (l *percentilesParam) immutable() bool { return false }

func (l *percentilesParam) get() string {
	var words []string
	for _, f := range *l.value.Load() {
		words = append(words, strconv.FormatFloat(f, 'g', -1, 64))
	}
	return strings.Join(words, " ")
}

func (l *percentilesParam) set(text string) (func(), error) {
	list := []float64{}
	for _, word := range strings.Fields(text) {
		f, err := strconv.ParseFloat(word, 64)
		if err != nil || math.IsNaN(f) {
			return nil, errors.New("Invalid latency-tracking-info-percentiles parameters") //nolint:staticcheck // Redis' text
		}
		if f < 0 || f > 100 {
			return nil, errors.New("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]")
		}
		list = append(list, f)
	}
	old := l.value.Load()
	l.value.Store(&list)
	return func() { l.value.Store(old) }, nil
}
