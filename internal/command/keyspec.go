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

	// The keys begin at argument Index. Or they begin behind the word Keyword,
	// which stands at Index or later (seen from the end if negative). Or Unknown
	// is set: where they stand is more than a spec can say. Find finds what
	// follows a Keyword, or is Unknown.
	Index   int
	Keyword string
	Unknown bool

	// The keys are a range: up to Last (counted from the first key, or from the
	// end if negative), every Step-th (0 means 1); Limit > 1 takes only that
	// fraction of what is left. Or, if KeyNum is set, a count stands at
	// KeyNumIndex from the beginning and the keys from FirstKey on.
	Last, Step, Limit     int
	KeyNum                bool
	KeyNumIndex, FirstKey int

	// Find, if set, finds the first key and the last in place of what is said
	// above, which is reported only. first is 0 if there are none.
	Find func(args [][]byte) (first, last int)
}

// notKey is the flag of a spec that names channels: they decide where a
// cluster sends a request, and are no keys.
const notKey = "not_key"

// single reports whether the spec names exactly one argument, always the same.
func (k *KeySpec) single() bool {
	return k.Keyword == "" && !k.KeyNum && k.Last == 0
}

func (k *KeySpec) step() int { return max(k.Step, 1) }

// bounds returns the first and the last argument that are keys, in steps of
// step(), and whether there are any. A request that lacks what the spec points
// at has none: its handler reports what is wrong with it and touches no key.
func (k *KeySpec) bounds(args [][]byte) (first, last int, ok bool) {
	if k.Find != nil {
		first, last = k.Find(args)
		return first, last, first > 0
	}
	first = k.Index
	if k.Unknown || first >= len(args) {
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
	if last = first + k.Last; k.Last < 0 {
		last = len(args) + k.Last
	}
	return first, last, last < len(args) && last >= first
}

// eachUse calls visit with the position of every key that a request uses, and
// with the flags that say how.
func (s *Spec) eachUse(args [][]byte, visit func(at int, flags string)) {
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
	}
}
