//go:build !linux

package driver

// New needs Linux.
func New(Endpoint, int) (Driver, error) { return nil, ErrUnsupported }
