package command

import (
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/redisconf"
)

// notedParam is a parameter of Redis that has no effect by itself: it is checked,
// kept and shown, and read by whoever needs it.
type notedParam struct {
	directive *redisconf.Directive
	value     atomic.Pointer[string]
}

func newNoted(d *redisconf.Directive) *notedParam {
	n := &notedParam{directive: d}
	n.value.Store(&d.Default)
	return n
}

func (n *notedParam) get() string     { return *n.value.Load() }
func (n *notedParam) immutable() bool { return n.directive.Immutable }

func (n *notedParam) set(text string) (func(), error) {
	value, err := n.directive.Parse(text)
	if err != nil {
		return nil, err
	}
	old := n.value.Swap(&value)
	return func() { n.value.Store(old) }, nil
}

// keptParam is a parameter that could be changed in Redis and cannot be here: it
// is checked, and keeps the value that it has.
type keptParam struct {
	directive *redisconf.Directive
	value     string
	why       string
}

func (k *keptParam) get() string     { return k.value }
func (k *keptParam) immutable() bool { return k.directive.Immutable }

func (k *keptParam) set(text string) (func(), error) {
	value, err := k.directive.Parse(text)
	if err != nil {
		return nil, err
	}
	if value != k.value {
		slog.Warn("a parameter keeps its value, which is all that can be had", "parameter", k.directive.Name, "value", k.value)
		return nil, errors.New(k.why)
	}
	return func() {}, nil
}

// addRest enters what Redis has and nobody here has entered: first under the
// other name of what is there, then with the fate that redisconf says.
func (p *Params) addRest() {
	made := map[*redisconf.Directive]param{}
	for _, name := range redisconf.Names() {
		d := redisconf.Lookup(name)
		if v := p.byName[name]; v != nil {
			made[d] = v
		}
	}
	for _, name := range redisconf.Names() {
		d := redisconf.Lookup(name)
		if p.byName[name] != nil {
			continue
		}
		v := made[d]
		if v == nil {
			v = restParam(d)
			made[d] = v
		}
		p.add(name, v)
	}
}

func restParam(d *redisconf.Directive) param {
	switch d.Fate {
	case redisconf.NotNeeded:
		return newNoted(d)
	case redisconf.Unsupported:
		return &keptParam{d, d.Default, d.Why}
	default:
		return &keptParam{d, d.Default, "not available in this version"}
	}
}
