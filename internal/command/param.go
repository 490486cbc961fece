package command

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/redisconf"
)

// param is one parameter: it shows itself, and sets itself to a text or says
// why not. The function that set returns puts the old value back.
type param interface {
	get() string
	set(text string) (undo func(), err error)
	immutable() bool
}

const (
	maxInt32  = math.MaxInt32
	maxUint32 = math.MaxUint32
	maxInt64  = math.MaxInt64
)

func itoa(n int) string { return strconv.Itoa(n) }

// fixedParam is shown and never changes while the server runs.
type fixedParam string

func (f fixedParam) get() string                { return string(f) }
func (f fixedParam) set(string) (func(), error) { return nil, errors.ErrUnsupported }
func (f fixedParam) immutable() bool            { return true }

// numberParam is an integer, or a number of bytes that may have a unit.
type numberParam struct {
	value   *atomic.Int64
	limits  numberRange
	changed func(int64) error
}

// numberRange bounds a number, both ends included.
type numberRange struct {
	min, max int64
	memory   bool // read units such as 100mb
}

func newNumber(value *atomic.Int64, start int64, limits numberRange, changed func(int64) error) *numberParam {
	value.Store(start)
	return &numberParam{value, limits, changed}
}

func (n *numberParam) get() string {
	if v := n.value.Load(); n.limits.memory && v < 0 {
		return strconv.FormatUint(uint64(v), 10) //nolint:gosec // beyond 2^63
	}
	return strconv.FormatInt(n.value.Load(), 10)
}

func (n *numberParam) immutable() bool { return false }

func (n *numberParam) set(text string) (func(), error) {
	v, err := n.parse(text)
	if err != nil {
		return nil, err
	}
	if v < n.limits.min || v > n.limits.max {
		return nil, errors.New("argument must be between " + strconv.FormatInt(n.limits.min, 10) +
			" and " + strconv.FormatInt(n.limits.max, 10) + " inclusive")
	}
	old := n.value.Load()
	if err := n.apply(v); err != nil {
		return nil, err
	}
	return func() { _ = n.apply(old) }, nil
}

func (n *numberParam) parse(text string) (int64, error) {
	if n.limits.memory {
		v, ok := redisconf.ParseMemory(text)
		if !ok {
			return 0, errors.New("argument must be a memory value")
		}
		return int64(v), nil //nolint:gosec // as Redis: what is larger becomes negative and is out of bounds
	}
	return redisconf.ParseInt(text)
}

func (n *numberParam) apply(v int64) error {
	if n.changed != nil {
		if err := n.changed(v); err != nil {
			return err
		}
	}
	n.value.Store(v)
	return nil
}

// boolParam is yes or no, kept as 1 or 0.
type boolParam struct{ value *atomic.Int64 }

func newBool(value *atomic.Int64, start bool) *boolParam {
	b := &boolParam{value}
	b.store(start)
	return b
}

func (b *boolParam) immutable() bool { return false }

func (b *boolParam) get() string { return yesNo(b.value.Load() != 0) }

func yesNo(on bool) string {
	if on {
		return "yes"
	}
	return "no"
}

func (b *boolParam) store(on bool) {
	n := int64(0)
	if on {
		n = 1
	}
	b.value.Store(n)
}

func (b *boolParam) set(text string) (func(), error) {
	on := strings.EqualFold(text, "yes")
	if !on && !strings.EqualFold(text, "no") {
		return nil, errors.New("argument must be 'yes' or 'no'")
	}
	old := b.value.Load() != 0
	b.store(on)
	return func() { b.store(old) }, nil
}

// enumParam is one of a few words, in any case.
type enumParam struct {
	value   *atomic.Pointer[string]
	words   []string
	ours    []string // accepted as well: what Redis has no word for
	changed func(string) error
}

func (e *enumParam) get() string     { return *e.value.Load() }
func (e *enumParam) immutable() bool { return false }

func (e *enumParam) set(text string) (func(), error) {
	word := strings.ToLower(text)
	if !slices.Contains(e.words, word) && !slices.Contains(e.ours, word) {
		return nil, errors.New("argument(s) must be one of the following: " + strings.Join(e.words, ", "))
	}
	old := *e.value.Load()
	if err := e.apply(word); err != nil {
		return nil, err
	}
	return func() { _ = e.apply(old) }, nil
}

func (e *enumParam) apply(word string) error {
	if e.changed != nil {
		if err := e.changed(word); err != nil {
			return err
		}
	}
	e.value.Store(&word)
	return nil
}

// Class is what kind of client one is, as output limits and TYPE tell them
// apart.
type Class uint8

// The classes.
const (
	ClassNormal Class = iota
	ClassReplica
	ClassPubSub
	classes
)

var (
	classNames   = [classes]string{"normal", "slave", "pubsub"}
	replicaLimit = OutputLimit{256 << 20, 64 << 20, 60}
	pubsubLimit  = OutputLimit{32 << 20, 8 << 20, 60}
)

// outputParam is client-output-buffer-limit: four words for each class.
type outputParam struct {
	value *atomic.Pointer[[classes]OutputLimit]
}

func (o *outputParam) immutable() bool { return false }

func (o *outputParam) get() string {
	var words []string
	for i, l := range o.value.Load() {
		words = append(words, classNames[i], strconv.FormatInt(l.Hard, 10),
			strconv.FormatInt(l.Soft, 10), strconv.FormatInt(l.SoftSeconds, 10))
	}
	return strings.Join(words, " ")
}

func (o *outputParam) set(text string) (func(), error) {
	list, err := redisconf.ParseOutputLimits(text)
	if err != nil {
		return nil, err
	}
	old := o.value.Load()
	limits := *old
	for _, l := range list {
		limits[slices.Index(classNames[:], l.Class)] = OutputLimit{l.Hard, l.Soft, l.SoftSeconds}
	}
	o.value.Store(&limits)
	return func() { o.value.Store(old) }, nil
}
