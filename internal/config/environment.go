package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/kelseyhightower/envconfig"
)

// readEnvironment overlays CRUCIBLE_SECTION_KEY onto c. Listeners are counted
// from 0, CRUCIBLE_LISTENER_0_ADDRESS; the number after the last one adds a
// listener.
//
// The struct tags of the sections name no variable on purpose: envconfig would
// then also read that name without the prefix, and BACKLOG or TIMEOUT may well
// be somebody else's.
func (c *Config) readEnvironment() error {
	if err := envconfig.Process(EnvironmentPrefix, c); err != nil {
		return explainEnvironment(err)
	}
	for _, k := range sectionKeys() {
		if _, set := os.LookupEnv(k.Environment()); set {
			c.mark(k.Path, fromEnvironment(k.Environment()))
		}
	}
	for i := range maxListeners {
		if err := c.readListenerEnvironment(i); err != nil {
			return err
		}
	}
	return c.refuseUnknownEnvironment()
}

func (c *Config) readListenerEnvironment(i int) error {
	prefix := EnvironmentPrefix + "_LISTENER_" + strconv.Itoa(i)
	var set []string
	for _, k := range listenerKeys() {
		path := listenerPath(i, k.Path)
		if name := (Key{Path: path}).Environment(); isInEnvironment(name) {
			set = append(set, path)
		}
	}
	if len(set) == 0 || i > len(c.Listeners) {
		return nil
	}
	if i == len(c.Listeners) {
		c.Listeners = append(c.Listeners, DefaultListener())
	}
	if err := envconfig.Process(prefix, &c.Listeners[i]); err != nil {
		return explainEnvironment(err)
	}
	for _, path := range set {
		c.mark(path, fromEnvironment(Key{Path: path}.Environment()))
	}
	return nil
}

func isInEnvironment(name string) bool {
	_, ok := os.LookupEnv(name)
	return ok
}

// refuseUnknownEnvironment finds misspelt variables. A name in one of our
// sections that is no key is an error; any other name with our prefix is only
// a warning, because a cluster that runs a service called crucible sets
// CRUCIBLE_PORT and the like in every container.
func (c *Config) refuseUnknownEnvironment() error {
	known := map[string]bool{}
	var names []string
	note := func(k Key) {
		known[k.Environment()] = true
		names = append(names, k.Environment())
	}
	sections := map[string]bool{}
	for _, k := range sectionKeys() {
		note(k)
		top, _, _ := strings.Cut(k.Path, ".")
		sections[strings.ToUpper(top)] = true
	}
	sections[strings.ToUpper(listenerSection)] = true
	for i := range c.Listeners {
		for _, k := range listenerKeys() {
			note(Key{Path: listenerPath(i, k.Path)})
		}
	}
	var unknown []error
	for _, entry := range sortedEnvironment() {
		name, _, _ := strings.Cut(entry, "=")
		rest, ours := strings.CutPrefix(name, EnvironmentPrefix+"_")
		if !ours || known[name] {
			continue
		}
		hint := ""
		if near := nearest(name, names); near != "" {
			hint = "; did you mean " + near + "?"
		}
		if section, _, found := strings.Cut(rest, "_"); found && sections[section] {
			unknown = append(unknown, fmt.Errorf("environment %s sets no key%s", name, hint))
			continue
		}
		c.warn("environment %s sets no key and is ignored%s", name, hint)
	}
	return errors.Join(unknown...)
}

func sortedEnvironment() []string {
	env := os.Environ()
	sort.Strings(env)
	return env
}

// listenerNumber matches the count in the variable of a listener.
var listenerNumber = regexp.MustCompile(`_LISTENER_[0-9]+_`)

// explainEnvironment names the variable, the value and what was expected.
func explainEnvironment(err error) error {
	var wrong *envconfig.ParseError
	if !errors.As(err, &wrong) {
		return err
	}
	name := listenerNumber.ReplaceAllString(wrong.KeyName, "_LISTENER_")
	for _, k := range Keys() {
		if k.Environment() == name {
			return fmt.Errorf("environment %s=%s: expected %s", wrong.KeyName, wrong.Value, environmentForm(k))
		}
	}
	return fmt.Errorf("environment %s=%s: %w", wrong.KeyName, wrong.Value, wrong.Err)
}

// environmentForm is Key.expects for a value without TOML's quotes.
func environmentForm(k Key) string {
	if k.Type == reflect.TypeFor[CPUList]() {
		return "a list of CPU ranges such as 0-3,8"
	}
	return strings.ReplaceAll(k.expects(), "\"", "")
}
