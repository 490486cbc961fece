//go:build !uring

package netloop

import "errors"

func chooseUring(Config) (opener, error) {
	return nil, errors.New(`this binary was built without io_uring: build with -tags uring -ldflags=-checklinkname=0`)
}
