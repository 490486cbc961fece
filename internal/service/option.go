package service

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/crucible-cache/crucible/internal/config"
	"github.com/crucible-cache/crucible/internal/listen"
)

// CertificatesOption reads the TLS files of the listeners again, so that a
// renewed certificate needs only a reload.
type CertificatesOption struct{ Listeners func() []*listen.Listener }

// Keys implements Option. Whether a listener speaks TLS at all is decided at
// the start; its files can be renamed.
func (o *CertificatesOption) Keys() []string { return []string{"listener.*.tls.*"} }

// Apply implements Option. A listener whose files are bad keeps its old ones.
func (o *CertificatesOption) Apply(next *config.Config) error {
	var errs []error
	for _, l := range o.Listeners() {
		if l.Index >= len(next.Listeners) {
			continue
		}
		c := next.Listeners[l.Index].TLS
		switch {
		case l.Certificates != nil && c.Enabled():
			errs = append(errs, l.Certificates.Reload(c))
		case (l.Certificates != nil) != c.Enabled():
			errs = append(errs, errors.New(l.String()+": TLS is switched on or off at a restart only"))
		}
	}
	return errors.Join(errs...)
}

// DrainTimeoutOption is how long a drain may take.
type DrainTimeoutOption struct{ nanoseconds atomic.Int64 }

// NewDrainTimeoutOption starts from the configuration of the start.
func NewDrainTimeoutOption(c *config.Config) *DrainTimeoutOption {
	o := &DrainTimeoutOption{}
	o.nanoseconds.Store(int64(c.Shutdown.DrainTimeout.Duration))
	return o
}

// Keys implements Option.
func (o *DrainTimeoutOption) Keys() []string { return []string{"shutdown.drain_timeout"} }

// Apply implements Option.
func (o *DrainTimeoutOption) Apply(next *config.Config) error {
	o.nanoseconds.Store(int64(next.Shutdown.DrainTimeout.Duration))
	return nil
}

// Set changes the value. Any goroutine may call it.
func (o *DrainTimeoutOption) Set(d time.Duration) { o.nanoseconds.Store(int64(d)) }

// Timeout returns the value in force. Any goroutine may call it.
func (o *DrainTimeoutOption) Timeout() time.Duration {
	return time.Duration(o.nanoseconds.Load())
}
