//go:build uring

package netloop

import (
	"github.com/crucible-cache/crucible/internal/netloop/driver"
	"github.com/crucible-cache/crucible/internal/netloop/uring"
)

func chooseUring(cfg Config) (opener, error) {
	own := uring.Config{
		SQDepth:     cfg.Uring.SQDepth,
		BufferCount: cfg.Uring.BufferCount,
		BufferSize:  cfg.Uring.BufferSize,
		OneShot:     cfg.Uring.OneShot,
		SQPoll:      cfg.Uring.SQPoll,
	}
	if err := uring.Probe(own); err != nil {
		return nil, err
	}
	return func(h driver.Host, stats *Stats) (driver.Driver, error) {
		return uring.New(own, h, stats)
	}, nil
}
