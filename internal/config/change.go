package config

import (
	"reflect"
	"strconv"
	"strings"
)

// Changed lists the keys whose values differ between two configurations, in
// the order of the struct. When the number of listeners differs they are
// listed as a whole, "listener"; else one by one, "listener.0.address".
func Changed(a, b *Config) []string {
	var paths []string
	for _, k := range sectionKeys() {
		if !sameValue(k.of(a), k.of(b)) {
			paths = append(paths, k.Path)
		}
	}
	if len(a.Listeners) != len(b.Listeners) {
		return append(paths, listenerSection)
	}
	for i := range a.Listeners {
		for _, k := range listenerKeys() {
			if !sameValue(k.of(&a.Listeners[i]), k.of(&b.Listeners[i])) {
				paths = append(paths, listenerPath(i, k.Path))
			}
		}
	}
	return paths
}

func sameValue(a, b reflect.Value) bool {
	if a.Kind() == reflect.Slice && a.Len() == 0 && b.Len() == 0 {
		return true // nil and empty mean the same
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}

// Keep gives a key, as Changed lists it, the value and the origin that it has
// in from. A reload does so for what cannot change while the server runs.
func (c *Config) Keep(path string, from *Config) {
	if path == listenerSection {
		c.Listeners = append([]Listener(nil), from.Listeners...)
		for _, each := range []*Config{c, from} {
			for p := range each.origins {
				if strings.HasPrefix(p, listenerSection+".") {
					c.keepOrigin(p, from)
				}
			}
		}
		return
	}
	k, found := keyAt(withoutIndex(path))
	if !found {
		return
	}
	c.keepOrigin(path, from)
	rest, isListener := strings.CutPrefix(path, listenerSection+".")
	if !isListener {
		k.of(c).Set(k.of(from))
		return
	}
	index, _, _ := strings.Cut(rest, ".")
	if i, err := strconv.Atoi(index); err == nil && i < len(c.Listeners) && i < len(from.Listeners) {
		k.of(&c.Listeners[i]).Set(k.of(&from.Listeners[i]))
	}
}

func (c *Config) keepOrigin(path string, from *Config) {
	if o, known := from.origins[path]; known {
		c.origins[path] = o
		return
	}
	delete(c.origins, path)
}
