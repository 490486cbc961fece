package netloop

import (
	"fmt"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
)

// Choice is the engine that runs.
type Choice struct {
	Engine string // Uring, Epoll or Goroutine
	Reason string // one line: why this one and not another

	open opener // makes its drivers; nil for Goroutine
}

// Choose finds the engine that Start would run. With Auto it tries, in the
// order of preference, what this build and this kernel really can do. The
// error of an engine that was asked for by name says what to change.
func Choose(cfg Config) (Choice, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return Choice{}, err
	}
	switch cfg.Engine {
	case Auto:
		return chooseAuto(cfg), nil
	case Uring, Epoll:
		open, err := natives[cfg.Engine](cfg)
		if err != nil {
			return Choice{}, fmt.Errorf("engine %q: %w", cfg.Engine, err)
		}
		return Choice{Engine: cfg.Engine, Reason: "as configured", open: open}, nil
	case Goroutine:
		return Choice{Engine: Goroutine, Reason: "as configured"}, nil
	}
	return Choice{}, fmt.Errorf("engine %q: want one of %q, %q, %q, %q", cfg.Engine, Auto, Uring, Epoll, Goroutine)
}

func chooseAuto(cfg Config) Choice {
	why := ""
	for _, name := range []string{Uring, Epoll} {
		open, err := natives[name](cfg)
		if err == nil {
			if why == "" {
				why = "the kernel has all it needs"
			}
			return Choice{Engine: name, Reason: why, open: open}
		}
		if why != "" {
			why += "; "
		}
		why += fmt.Sprintf("not %s: %v", name, err)
	}
	return Choice{Engine: Goroutine, Reason: why}
}

// native finds out whether a native driver can run here.
type native func(Config) (opener, error)

// Open makes a driver of the chosen engine that belongs to no loop of this
// package: the load generator drives its own connections with it. It is called
// on the thread that will make every other call, too; the Goroutine engine has none.
func (c Choice) Open(h driver.Host, stats *Stats) (driver.Driver, error) {
	if c.open == nil {
		return nil, fmt.Errorf("engine %q has no driver: %s", c.Engine, c.Reason)
	}
	return c.open(h, stats)
}
