package netloop

import (
	"github.com/crucible-cache/crucible/internal/netloop/driver"
	"github.com/crucible-cache/crucible/internal/netloop/epoll"
)

var natives = map[string]native{Uring: chooseUring, Epoll: chooseEpoll}

func chooseEpoll(Config) (opener, error) {
	return func(h driver.Host, stats *Stats) (driver.Driver, error) {
		return epoll.New(h, stats)
	}, nil
}
