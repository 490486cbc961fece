//go:build !linux

package netloop

import (
	"errors"
	"runtime"
)

var natives = map[string]native{Uring: chooseNone, Epoll: chooseNone}

func chooseNone(Config) (opener, error) {
	return nil, errors.New("there is none on " + runtime.GOOS)
}
