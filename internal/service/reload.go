package service

import (
	"errors"
	"fmt"
	"path"
	"sync"

	"github.com/crucible-cache/crucible/internal/config"
)

// An Option is something that can change while the server runs, and knows how
// to: the one table behind SIGHUP and CONFIG SET.
type Option interface {
	// Keys are the keys that it applies; * stands for any part, as in
	// "listener.*.tls.*".
	Keys() []string
	// Apply makes the values of next effective. It is called at every reload,
	// changed or not, for what a key names may have changed behind it (a
	// certificate, a log file that was moved away). On an error everything
	// stays as it was.
	Apply(next *config.Config) error
}

// Report says what a reload did.
type Report struct {
	Applied []string // keys that changed and took effect
	Restart []string // keys that changed but take effect only at a restart
}

// Reloader holds the configuration in force. Any goroutine may use it; changes
// are made one at a time.
type Reloader struct {
	mu      sync.Mutex
	current *config.Config
	options []Option
}

// NewReloader starts from the configuration the server was started with.
func NewReloader(c *config.Config, options ...Option) *Reloader {
	return &Reloader{current: c, options: options}
}

// Current returns the configuration in force. It must not be written to.
func (r *Reloader) Current() *config.Config {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.current
}

// Change makes next the configuration in force, as far as the options can. What
// has to wait for a restart, and what failed, keeps the value it has. next
// belongs to the Reloader from then on.
func (r *Reloader) Change(next *config.Config) (Report, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	changed := config.Changed(r.current, next)
	var report Report
	var errs []error
	for _, key := range changed {
		if r.owner(key) == nil {
			report.Restart = append(report.Restart, key)
			next.Keep(key, r.current)
		}
	}
	for _, o := range r.options {
		err := o.Apply(next)
		for _, key := range changed {
			switch {
			case r.owner(key) != o:
			case err != nil:
				next.Keep(key, r.current)
			default:
				report.Applied = append(report.Applied, key)
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("reload: %w", err))
		}
	}
	r.current = next
	return report, errors.Join(errs...)
}

// owner finds the option that applies a key, nil if none does.
func (r *Reloader) owner(key string) Option {
	for _, o := range r.options {
		for _, pattern := range o.Keys() {
			if match, err := path.Match(pattern, key); err == nil && match {
				return o
			}
		}
	}
	return nil
}
