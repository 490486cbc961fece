package service

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/crucible-cache/crucible/internal/config"
)

// Log is where the server writes what an operator should know. It is an
// Option: its level can change, and its file is opened again at each reload,
// which is what logrotate expects. Nothing on the data path logs.
type Log struct {
	*slog.Logger
	level slog.LevelVar

	mu   sync.Mutex
	out  io.Writer
	file *os.File // nil when it writes to standard error
}

// OpenLog opens the log that the configuration asks for.
func OpenLog(c config.Logging, stderr io.Writer) (*Log, error) {
	l := &Log{out: stderr}
	if err := l.apply(c); err != nil {
		return nil, err
	}
	options := &slog.HandlerOptions{Level: &l.level}
	if _, journal := os.LookupEnv("JOURNAL_STREAM"); journal && c.File == "" {
		options.ReplaceAttr = withoutTime // the journal has its own
	}
	if c.Format == "json" {
		l.Logger = slog.New(slog.NewJSONHandler(l, options))
	} else {
		l.Logger = slog.New(slog.NewTextHandler(l, options))
	}
	return l, nil
}

func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// Keys implements Option.
func (l *Log) Keys() []string { return []string{"logging.level", "logging.file"} }

// Apply implements Option.
func (l *Log) Apply(next *config.Config) error { return l.apply(next.Logging) }

func (l *Log) apply(c config.Logging) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		return fmt.Errorf("logging.level: %w", err)
	}
	var file *os.File
	if c.File != "" {
		var err error
		if file, err = os.OpenFile(c.File, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640); err != nil {
			return fmt.Errorf("logging.file: %w: its directory must exist and be writable for the user of the server (LogsDirectory= in the unit)", err)
		}
	}
	l.level.Set(level)
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.file
	l.file = file
	if old != nil {
		return old.Close()
	}
	return nil
}

// SetLevel changes the level at once, until the next reload.
func (l *Log) SetLevel(level slog.Level) { l.level.Set(level) }

// Write implements io.Writer for the handler, one record a call.
func (l *Log) Write(record []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		return l.file.Write(record)
	}
	return l.out.Write(record)
}

// Close closes the file, if there is one. What is logged later goes to
// standard error.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	f := l.file
	l.file = nil
	return f.Close()
}
