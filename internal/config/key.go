package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// EnvironmentPrefix starts the name of every environment variable we read.
const EnvironmentPrefix = "CRUCIBLE"

// A Key is one setting, found by reflection on [Config], so that the struct is
// the only list of settings there is.
type Key struct {
	// Path is dotted, as in "cache.maxmemory". A key of the listeners is
	// "listener.address"; an indexed one "listener.0.address".
	Path string
	// Type is the Go type of the value.
	Type reflect.Type
	// field leads from the struct that holds the section to the value.
	field []int
}

// Environment returns the name of the variable that overrides the key.
func (k Key) Environment() string {
	return EnvironmentPrefix + "_" + strings.ToUpper(strings.ReplaceAll(k.Path, ".", "_"))
}

// Name returns the last part of the path.
func (k Key) Name() string { return k.Path[strings.LastIndexByte(k.Path, '.')+1:] }

// section returns the path without its last part.
func (k Key) section() string { return k.Path[:strings.LastIndexByte(k.Path, '.')] }

// of returns the value of the key in the struct it belongs to.
func (k Key) of(owner any) reflect.Value {
	return reflect.ValueOf(owner).Elem().FieldByIndex(k.field)
}

// expects says in words what a value of the key looks like.
func (k Key) expects() string {
	switch reflect.Zero(k.Type).Interface().(type) {
	case Size:
		return "a size such as 4096 or \"512mb\""
	case Share:
		return "a size such as \"100mb\" or a share such as \"5%\""
	case Duration:
		return "a duration such as \"10s\" or a number of seconds"
	case FileMode:
		return "an octal file mode such as \"0770\""
	case CPUList:
		return "a list of CPU ranges such as [\"0-3\", \"8\"]"
	case OutputLimit:
		return "\"normal HARD SOFT SECONDS\" such as \"normal 1gb 0 0\""
	case []string:
		return "a list of strings such as [\"a\", \"b\"]"
	case []Parameter:
		return "a list of parameters such as [\"slowlog-max-len 1000\"]"
	case bool:
		return "true or false"
	case int:
		return "a whole number"
	}
	return "a string in quotes"
}

// listenerSection is the name of the array of tables that holds listeners.
const listenerSection = "listener"

// Keys lists every key: those of the sections, and those of a listener with
// the path "listener.KEY".
func Keys() []Key { return append(sectionKeys(), listenerKeys()...) }

func sectionKeys() []Key {
	return gather("", reflect.TypeFor[Config](), nil)
}

func listenerKeys() []Key {
	return gather(listenerSection, reflect.TypeFor[Listener](), nil)
}

// gather walks the sections. A struct with fields that have a toml tag is a
// section, everything else is a value.
func gather(prefix string, t reflect.Type, index []int) []Key {
	var keys []Key
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("toml")
		if name == "" || name == listenerSection {
			continue
		}
		path := name
		if prefix != "" {
			path = prefix + "." + name
		}
		field := append(append([]int(nil), index...), i)
		if isSection(f.Type) {
			keys = append(keys, gather(path, f.Type, field)...)
			continue
		}
		keys = append(keys, Key{Path: path, Type: f.Type, field: field})
	}
	return keys
}

func isSection(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.NumField() > 0 && t.Field(0).Tag.Get("toml") != ""
}

// listenerPath returns the path of a listener's key with the index in it.
func listenerPath(i int, key string) string {
	return listenerSection + "." + strconv.Itoa(i) + strings.TrimPrefix(key, listenerSection)
}

// keyAt finds the key of a path in which listeners are not counted.
func keyAt(path string) (Key, bool) {
	for _, k := range Keys() {
		if k.Path == path {
			return k, true
		}
	}
	return Key{}, false
}

// unknownKey is the error text for a path that is not a key, with the nearest
// key if there is one near.
func unknownKey(path string) string {
	sections := map[string]bool{}
	var paths []string
	for _, k := range Keys() {
		paths = append(paths, k.Path)
		for s := k.section(); ; s = s[:strings.LastIndexByte(s, '.')] {
			if !sections[s] {
				sections[s] = true
				paths = append(paths, s)
			}
			if !strings.Contains(s, ".") {
				break
			}
		}
	}
	near := nearest(path, paths)
	if near == "" {
		// The section may be wrong rather than the spelling.
		for _, k := range Keys() {
			if k.Name() == path[strings.LastIndexByte(path, '.')+1:] {
				near = k.Path
				break
			}
		}
	}
	if near == "" {
		return fmt.Sprintf("unknown key %s", path)
	}
	return fmt.Sprintf("unknown key %s; did you mean %s?", path, near)
}
