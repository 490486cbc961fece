package hyperloglog

import "strconv"

// The runs of a sparse value: 00nnnnnn is n+1 zeros, 01nnnnnn nnnnnnnn is n+1
// zeros as well, 1vvvvvnn is n+1 registers of value v+1.
const (
	zeroMax      = 1 << 6
	longZeroMax  = 1 << 14
	longZeroMark = 0x40
	valueMark    = 0x80
	valueMax     = 1 << 5
	valueRunMax  = 1 << 2
)

// mergeSpan is how many runs, from the one before a change on, are looked at
// for neighbours of one value. What lies beyond stays apart; Redis stops there
// as well, so more would make another value.
const mergeSpan = 5

// newRunsMax is how many bytes may come in place of one run: two long runs of
// zeros with a value between them.
const newRunsMax = 5

// run is one run: n registers of a value, in size bytes.
type run struct {
	n     int
	value byte
	size  int
}

// firstRun reads the first run of b, which isn't empty. ok is false if it is cut
// off.
func firstRun(b []byte) (r run, ok bool) {
	switch first := b[0]; {
	case first >= valueMark:
		return run{n: int(first&(valueRunMax-1)) + 1, value: first>>2&(valueMax-1) + 1, size: 1}, true
	case first < longZeroMark:
		return run{n: int(first) + 1, size: 1}, true
	case len(b) < 2:
		return run{}, false
	default:
		return run{n: (int(first&(longZeroMark-1))<<8 | int(b[1])) + 1, size: 2}, true
	}
}

func appendZeros(b []byte, n int) []byte {
	if n--; n < zeroMax {
		return append(b, byte(n))
	}
	return append(b, longZeroMark|byte(n>>8), byte(n))
}

func valueRun(value byte, n int) byte { return valueMark | (value-1)<<2 | byte(n-1) }

// appendRun appends n registers of one value, if n isn't 0.
func appendRun(b []byte, value byte, n int) []byte {
	switch {
	case n == 0:
		return b
	case value == 0:
		return appendZeros(b, n)
	default:
		return append(b, valueRun(value, n))
	}
}

// eachRun visits the runs of a sparse value in order. They have to cover all
// registers and no more.
func eachRun(v []byte, visit func(at, n int, value byte)) error {
	at := 0
	for b := v[headerBytes:]; len(b) > 0; {
		r, ok := firstRun(b)
		if !ok || at+r.n > registers {
			return ErrCorrupt
		}
		visit(at, r.n, r.value)
		at += r.n
		b = b[r.size:]
	}
	if at != registers {
		return ErrCorrupt
	}
	return nil
}

// place is where the run of a register lies in a value.
type place struct {
	run
	at     int // of the run, in bytes
	before int // of the run before it, or of itself if it is the first
	first  int // the run's first register
}

func findRun(v []byte, index int) (p place, ok bool) {
	p = place{at: headerBytes, before: headerBytes}
	for p.at < len(v) {
		if p.run, ok = firstRun(v[p.at:]); !ok {
			return p, false
		}
		if index < p.first+p.n {
			return p, true
		}
		p.before = p.at
		p.at += p.size
		p.first += p.n
	}
	return p, false
}

// raiseSparse is raise for a sparse value. It becomes dense when the value is
// above what a run can hold, or the runs would be longer than sparseMax.
func raiseSparse(v []byte, index int, value byte, sparseMax int) (_ []byte, changed bool, err error) {
	if value > valueMax {
		return raiseAsDense(v, index, value)
	}
	p, ok := findRun(v, index)
	if !ok {
		return v, false, ErrCorrupt
	}
	if p.value >= value {
		return v, false, nil
	}
	var room [newRunsMax]byte
	runs := appendRun(room[:0], p.value, index-p.first)
	runs = appendRun(runs, value, 1)
	runs = appendRun(runs, p.value, p.first+p.n-1-index)
	if grows := len(runs) - p.size; grows > 0 && len(v)+grows > sparseMax {
		return raiseAsDense(v, index, value)
	}
	v = splice(v, p.at, p.size, runs)
	v = mergeRuns(v, p.before)
	Invalidate(v)
	return v, true, nil
}

func raiseAsDense(v []byte, index int, value byte) ([]byte, bool, error) {
	v, err := ToDense(v)
	if err != nil {
		return v, false, err
	}
	return raise(v, index, value, 0)
}

// splice puts b in place of n bytes of v.
func splice(v []byte, at, n int, b []byte) []byte {
	if grows := len(b) - n; grows > 0 {
		v = append(v, b[:grows]...) // any bytes: they are written over
		copy(v[at+len(b):], v[at+n:len(v)-grows])
	} else if grows < 0 {
		v = append(v[:at+len(b)], v[at+n:]...)
	}
	copy(v[at:], b)
	return v
}

// mergeRuns joins neighbours of one value where one run can hold them.
func mergeRuns(v []byte, at int) []byte {
	for range mergeSpan {
		if at >= len(v) {
			break
		}
		r, ok := firstRun(v[at:])
		if !ok {
			break
		}
		if r.value != 0 && at+1 < len(v) {
			next, ok := firstRun(v[at+1:])
			if ok && next.value == r.value && r.n+next.n <= valueRunMax {
				v[at+1] = valueRun(r.value, r.n+next.n)
				v = append(v[:at], v[at+1:]...)
				continue
			}
		}
		at += r.size
	}
	return v
}

// AppendRuns appends a text to b that shows the runs of v, which is sparse:
// "Z:10 v:1,2 z:4 " says ten zeros as a long run, a value 1 twice, four zeros.
func AppendRuns(b, v []byte) []byte {
	for rest := v[headerBytes:]; len(rest) > 0; {
		r, ok := firstRun(rest)
		if !ok {
			break
		}
		switch {
		case r.value != 0:
			b = append(b, "v:"...)
			b = strconv.AppendInt(b, int64(r.value), 10)
			b = append(b, ',')
		case r.size == 2:
			b = append(b, "Z:"...)
		default:
			b = append(b, "z:"...)
		}
		b = strconv.AppendInt(b, int64(r.n), 10)
		b = append(b, ' ')
		rest = rest[r.size:]
	}
	return b[:max(len(b)-1, 0)]
}
