package command

import (
	"slices"
	"strconv"
)

// KeySpec says where a command's keys stand among its arguments: where the
// search begins, and how the keys follow from there.
type KeySpec struct {
	Notes string
	Flags string // by blanks: RO RW OW RM access update insert delete not_key incomplete variable_flags

	// The search begins at argument Index, or, if Keyword is set, behind that
	// word, looked for from argument Index on (from the end if negative).
	Index   int
	Keyword string

	// Unknown is set where the keys stand nowhere that a spec can say. What is
	// below is not reported then, but found if Keyword is set.
	Unknown bool

	// The keys are a range: up to Last (counted from the first key, or from the
	// end if negative), every Step-th (0 means 1); Limit > 1 takes only that
	// fraction of what is left. Or, if KeyNum is set, a count stands at
	// KeyNumIndex from the beginning and the keys from FirstKey on.
	Last, Step, Limit     int
	KeyNum                bool
	KeyNumIndex, FirstKey int
}

// notKey is the flag of a spec that names channels: they decide where a
// cluster sends a request, and are no keys.
const notKey = "not_key"

// single reports whether the spec names exactly one argument, always the same.
func (k *KeySpec) single() bool {
	return k.Keyword == "" && !k.KeyNum && k.Last == 0
}

func (k *KeySpec) step() int { return max(k.Step, 1) }

// begin returns the argument where the keys begin, 0 if there are none.
func (k *KeySpec) begin(args [][]byte) int {
	if k.Unknown && k.Keyword == "" {
		return 0
	}
	if k.Keyword == "" {
		return k.Index
	}
	at, by, end := k.Index, 1, len(args)
	if at < 0 {
		at, by, end = len(args)+at, -1, 0
	}
	for ; at != end && at > 0 && at < len(args); at += by {
		if k.isKeyword(args[at]) {
			return at + 1
		}
	}
	return 0
}

// isKeyword compares a word with the keyword, which has letters only, in any case.
func (k *KeySpec) isKeyword(word []byte) bool {
	if len(word) != len(k.Keyword) {
		return false
	}
	for i, b := range word {
		if b|0x20 != k.Keyword[i]|0x20 {
			return false
		}
	}
	return true
}

// bounds returns the first and the last argument that are keys, in steps of
// step(), and whether there are any. A request that lacks what the spec points
// at has none: its handler reports what is wrong with it and touches no key.
func (k *KeySpec) bounds(args [][]byte) (first, last int, ok bool) {
	first = k.begin(args)
	if first <= 0 || first >= len(args) {
		return 0, 0, false
	}
	if k.KeyNum {
		at := first + k.KeyNumIndex
		if at >= len(args) {
			return 0, 0, false
		}
		n, err := strconv.Atoi(string(args[at]))
		first += k.FirstKey
		if err != nil || n <= 0 || n > len(args)-first {
			return 0, 0, false
		}
		return first, first + (n-1)*k.step(), true
	}
	switch {
	case k.Last >= 0:
		last = first + k.Last
	case k.Limit <= 1:
		last = len(args) + k.Last
	default:
		last = first + (len(args)-first)/k.Limit + k.Last
	}
	return first, last, last < len(args) && last >= first
}

// eachUse calls visit with the position of every key that a request uses, and
// with the flags that say how.
func (s *Spec) eachUse(args [][]byte, visit func(at int, flags string)) {
	if s.FindKeys != nil {
		s.FindKeys(args, visit)
		return
	}
	s.eachKey(args, func(at int, k *KeySpec) {
		flags := k.Flags
		if s.KeyFlags != nil {
			flags = s.KeyFlags(args)
		}
		visit(at, flags)
	})
}

// lacksKeys reports whether a range of keys that stands where all requests have
// it begins behind the last argument, as that of the sources in PFMERGE without
// any. Redis tells no keys of such a request.
func (s *Spec) lacksKeys(args [][]byte) bool {
	for i := range s.Keys {
		if k := &s.Keys[i]; k.Keyword == "" && !k.Unknown && k.Index >= len(args) {
			return true
		}
	}
	return false
}

// miscounts reports whether a request that must have keys counts some that it
// has not, as ZUNIONSTORE may. Redis tells none of its keys then.
func (s *Spec) miscounts(args [][]byte) bool {
	return s.Flags&NoMandatoryKeys == 0 && slices.ContainsFunc(s.Keys, func(k KeySpec) bool {
		_, _, ok := k.bounds(args)
		return k.KeyNum && !ok
	})
}

// eachKey calls visit with the position of every key of a request, spec by spec.
func (s *Spec) eachKey(args [][]byte, visit func(at int, k *KeySpec)) {
	for i := range s.Keys {
		k := &s.Keys[i]
		first, last, ok := k.bounds(args)
		if !ok || k.Flags == notKey {
			continue
		}
		for at := first; at <= last; at += k.step() {
			visit(at, k)
		}
		if k.Keyword == "" || k.Last != 0 || k.Index < 0 {
			continue
		}
		// An option may be given again, and its handler goes by the last.
		for at := first + 1; at < len(args)-1; at++ {
			if k.isKeyword(args[at]) {
				at++
				visit(at, k)
			}
		}
	}
}
