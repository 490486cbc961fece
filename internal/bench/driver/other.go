//go:build !linux

package driver

import "crypto/tls"

// New needs Linux.
func New(string, Endpoint, int, *tls.Config) (Driver, error) { return nil, ErrUnsupported }
