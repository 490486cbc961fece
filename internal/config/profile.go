package config

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/crucible-cache/crucible/internal/redisconf"
)

// readProfile overlays the profile in file onto c. The errors, possibly
// several joined, start with file:line.
func (c *Config) readProfile(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("profile %w", err)
	}
	defer f.Close()
	doc, err := io.ReadAll(io.LimitReader(f, maxProfileBytes+1))
	if err != nil {
		return fmt.Errorf("profile %w", err)
	}
	if len(doc) > maxProfileBytes {
		return fmt.Errorf("profile %s is larger than %s", file, Size(maxProfileBytes))
	}
	return c.decodeProfile(file, doc)
}

// readRedisConf overlays the redis.conf in file, made a profile, onto c.
func (c *Config) readRedisConf(file string) error {
	p, err := redisconf.Convert(file)
	if err != nil {
		return err
	}
	if err := p.Refused(); err != nil {
		return err
	}
	return c.decode(file, p.Text(), func(line int) string {
		if where, found := p.Source(line); found {
			return where
		}
		return file
	})
}

func (c *Config) decodeProfile(file string, doc []byte) error {
	return c.decode(file, doc, func(line int) string { return fmt.Sprintf("%s:%d", file, line) })
}

// decode overlays a document that was made of file onto c. where names what a
// line of the document came from.
func (c *Config) decode(file string, doc []byte, where func(line int) string) error {
	c.file = file
	written := assignments(doc)
	dec := toml.NewDecoder(bytes.NewReader(doc)).DisallowUnknownFields()
	if err := dec.Decode(c); err != nil {
		return explainProfile(file, where, written, err)
	}
	for _, a := range written {
		if a.path == listenerSection || !a.indexed && strings.HasPrefix(a.path, listenerSection+".") {
			return fmt.Errorf("%s: a listener is an element of an array: write [[%s]]", where(a.line), listenerSection)
		}
		c.mark(a.path, fromFile(where(a.line)))
	}
	for i := range c.Listeners {
		c.fillListener(i)
	}
	return nil
}

// fillListener gives a decoded listener the defaults of the keys that no
// source has set.
func (c *Config) fillListener(i int) {
	defaults := DefaultListener()
	for _, k := range listenerKeys() {
		if !c.isSet(listenerPath(i, k.Path)) {
			k.of(&c.Listeners[i]).Set(k.of(&defaults))
		}
	}
}

// explainProfile turns what the TOML library says into file:line, the key, and
// what was expected.
func explainProfile(file string, where func(line int) string, written []assignment, err error) error {
	var missing *toml.StrictMissingError
	if errors.As(err, &missing) {
		var all []error
		for _, e := range missing.Errors {
			line, _ := e.Position()
			path := strings.Join(e.Key(), ".")
			all = append(all, fmt.Errorf("%s: %s", where(line), unknownKey(path)))
		}
		return errors.Join(all...)
	}
	for _, a := range written {
		if reason := a.fault(); reason != "" {
			return fmt.Errorf("%s: %s: %s", where(a.line), withoutIndex(a.path), reason)
		}
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, column := wrong.Position()
		return fmt.Errorf("%s:%d: %s", where(line), column, strings.TrimPrefix(wrong.Error(), "toml: "))
	}
	return fmt.Errorf("%s: %w", file, err)
}

// An assignment is a key = value of a profile.
type assignment struct {
	path    string // "listener.0.address"
	indexed bool   // belongs to a [[listener]]
	line    int
	kind    unstable.Kind
	texts   []string // the scalar, or the elements of an array, without quotes
}

// fault says what is wrong with the value, "" if nothing is. Only a document
// that failed to decode is asked.
func (a assignment) fault() string {
	key, found := keyAt(withoutIndex(a.path))
	if !found {
		return ""
	}
	want := map[reflect.Kind]unstable.Kind{
		reflect.String: unstable.String, reflect.Bool: unstable.Bool,
		reflect.Int: unstable.Integer, reflect.Slice: unstable.Array,
	}[key.Type.Kind()]
	switch element := reflect.New(key.Type); {
	case a.kind == want && want == unstable.Array:
		return textFault(reflect.New(key.Type.Elem()), a.texts)
	case a.kind == want:
		return ""
	case want != 0 || a.kind == unstable.Array || a.kind == unstable.Bool:
		return "expected " + key.expects()
	case a.kind == unstable.Integer && (element.Elem().CanInt() || element.Elem().CanUint()):
		return "" // stored as it is
	default:
		return textFault(element, a.texts)
	}
}

// textFault says why value, a pointer, can't be read from one of the texts.
func textFault(value reflect.Value, texts []string) string {
	u, ok := value.Interface().(encoding.TextUnmarshaler)
	for _, text := range texts {
		if !ok {
			break
		}
		if err := u.UnmarshalText([]byte(text)); err != nil {
			return err.Error()
		}
	}
	return ""
}

// assignments lists what a document assigns, in its order. Of a document that
// does not parse, it lists what comes before the error.
func assignments(doc []byte) []assignment {
	var out []assignment
	var p unstable.Parser
	p.Reset(doc)
	var table assignment
	listeners := 0
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.ArrayTable:
			table = assignment{path: dotted(e.Key())}
			if table.path == listenerSection {
				table = assignment{path: listenerPath(listeners, listenerSection), indexed: true}
				listeners++
			}
		case unstable.Table:
			table = assignment{path: dotted(e.Key())}
			if strings.HasPrefix(table.path, listenerSection+".") && listeners > 0 {
				table = assignment{path: listenerPath(listeners-1, table.path), indexed: true}
			}
		case unstable.KeyValue:
			out = appendAssignments(out, &p, table, e)
		}
	}
	return out
}

// appendAssignments adds a key, or those inside when its value is an inline
// table.
func appendAssignments(out []assignment, p *unstable.Parser, table assignment, e *unstable.Node) []assignment {
	first := e.Key()
	first.Next()
	value := e.Value()
	a := assignment{
		path:    dotted(e.Key()),
		indexed: table.indexed,
		line:    p.Shape(first.Node().Raw).Start.Line,
		kind:    value.Kind,
		texts:   []string{string(value.Data)},
	}
	if a.kind == unstable.Array {
		a.texts = nil
		for it := value.Children(); it.Next(); {
			a.texts = append(a.texts, string(it.Node().Data))
		}
	}
	if table.path != "" {
		a.path = table.path + "." + a.path
	}
	if a.kind != unstable.InlineTable {
		return append(out, a)
	}
	for it := value.Children(); it.Next(); {
		out = appendAssignments(out, p, a, it.Node())
	}
	return out
}

func dotted(it unstable.Iterator) string {
	var parts []string
	for it.Next() {
		parts = append(parts, string(it.Node().Data))
	}
	return strings.Join(parts, ".")
}

// withoutIndex takes the count out of "listener.0.address".
func withoutIndex(path string) string {
	rest, ok := strings.CutPrefix(path, listenerSection+".")
	if !ok {
		return path
	}
	_, key, _ := strings.Cut(rest, ".")
	return listenerSection + "." + key
}
