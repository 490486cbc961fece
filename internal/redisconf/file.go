package redisconf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// What files may ask for, so that one that includes itself ends.
const (
	includeDepth = 16
	maxFiles     = 1000
	maxFileBytes = 1 << 20
)

// Line is what one line of a redis.conf says.
type Line struct {
	Name   string // in lower case
	Args   []string
	Value  string     // of Directive, checked, as CONFIG GET shows it
	Of     *Directive // nil of include, user, rename-command and loadmodule
	File   string
	Number int    // from 1
	Text   string // without blanks around it
}

// Where names the line for a reader.
func (l *Line) Where() string { return fmt.Sprintf("%s:%d", l.File, l.Number) }

// fault is an error in the line, for a reason.
func (l *Line) fault(reason string) error { return &LineError{l, reason} }

// LineError says what is wrong with a line, in the way of Redis, and in which file.
type LineError struct {
	Line   *Line
	Reason string
}

func (e *LineError) Error() string {
	return fmt.Sprintf("*** FATAL CONFIG FILE ERROR ***\nReading the configuration file %s, at line %d\n>>> '%s'\n%s",
		e.Line.File, e.Line.Number, e.Line.Text, e.Reason)
}

const (
	wrongArguments = "wrong number of arguments"
	badDirective   = "Bad directive or wrong number of arguments"
)

// Read reads a redis.conf and what it includes. The lines are in the order in
// which they hold, without the comments and the includes.
func Read(file string) ([]Line, error) {
	r := &reader{}
	err := r.read(file, includeDepth)
	return r.lines, err
}

// reader collects lines. dir is where the process of a Redis server would be: it
// goes to its dir as soon as it has read it.
type reader struct {
	lines []Line
	dir   string
	files int
}

func (r *reader) read(file string, depth int) error {
	text, err := r.open(file)
	if err != nil {
		return err
	}
	number := 0
	for text := range strings.SplitSeq(text, "\n") {
		number++
		l := Line{File: file, Number: number, Text: strings.Trim(text, " \t\r\n")}
		if l.Text == "" || l.Text[0] == '#' {
			continue
		}
		words, err := Split(l.Text)
		if err != nil {
			return l.fault(err.Error())
		}
		if len(words) == 0 {
			continue
		}
		l.Name, l.Args = strings.ToLower(words[0]), words[1:]
		if err := r.take(l, depth); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) open(file string) (string, error) {
	if r.files++; r.files > maxFiles {
		return "", fmt.Errorf("can't open config file '%s': more than %d files are included", file, maxFiles)
	}
	f, err := os.Open(file)
	if err != nil {
		return "", cannotOpen(file, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	switch {
	case err != nil:
		return "", cannotOpen(file, err)
	case len(text) > maxFileBytes:
		return "", fmt.Errorf("can't open config file '%s': it is larger than %d bytes", file, maxFileBytes)
	}
	return string(text), nil
}

func cannotOpen(file string, err error) error {
	var reason syscall.Errno
	if errors.As(err, &reason) {
		err = reason
	}
	return fmt.Errorf("can't open config file '%s': %w", file, err)
}

// take checks a line and keeps it, or reads the files that it includes.
func (r *reader) take(l Line, depth int) error {
	if l.Name == "include" && len(l.Args) == 1 {
		return r.include(&l, depth-1)
	}
	if reason := l.check(); reason != "" {
		return l.fault(reason)
	}
	if l.Name == "dir" {
		r.dir = r.place(l.Value)
	}
	r.lines = append(r.lines, l)
	return nil
}

// place is where a Redis server would find a file at this point.
func (r *reader) place(file string) string {
	if file == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(r.dir, file)
}

// include reads the files of a pattern, of which there may be none, or the file
// that there must be.
func (r *reader) include(l *Line, depth int) error {
	if depth == 0 {
		return l.fault(fmt.Sprintf("files include each other more than %d deep", includeDepth))
	}
	pattern := r.place(l.Args[0])
	files := []string{pattern}
	if strings.ContainsAny(pattern, "*?[") {
		var err error
		if files, err = filepath.Glob(pattern); err != nil {
			return l.fault(err.Error())
		}
	}
	for _, file := range files {
		if err := r.read(file, depth); err != nil {
			return err
		}
	}
	return nil
}

// forms are the lines that are no parameter, with the least number of arguments.
var forms = map[string]struct{ least, most int }{
	"rename-command": {2, 2}, "user": {1, 1 << 20}, "loadmodule": {1, 1 << 20},
	// Redis takes and forgets these two of its early days.
	"list-max-ziplist-entries": {1, 1}, "list-max-ziplist-value": {1, 1},
}

// check reads the value. The result says what is wrong with the line, "" if nothing is.
func (l *Line) check() string {
	if l.Of = Lookup(l.Name); l.Of == nil {
		form, known := forms[l.Name]
		switch {
		case l.Name == "sentinel":
			return "sentinel directive while not in sentinel mode"
		case !known || len(l.Args) < form.least || len(l.Args) > form.most:
			return badDirective
		}
		return ""
	}
	var err error
	switch {
	case l.Of.Name == "replicaof":
		if len(l.Args) != 2 {
			return wrongArguments
		}
		l.Value = strings.Join(l.Args, " ")
		if strings.EqualFold(l.Value, "no one") {
			l.Value = ""
		}
	case l.Of.Kind == Words || l.Of.Kind == EnumSet:
		l.Value, err = l.Of.Parse(strings.Join(l.Args, " "))
	case len(l.Args) != 1:
		return wrongArguments
	default:
		l.Value, err = l.Of.Parse(l.Args[0])
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// last finds the line that holds of a directive: the last, nil if there is none.
func last(lines []Line, name string) *Line {
	for i, l := range slices.Backward(lines) {
		if l.Of != nil && l.Of.Name == name {
			return &lines[i]
		}
	}
	return nil
}
