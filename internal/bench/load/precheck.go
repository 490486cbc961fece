package load

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"

	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// Precheck makes sure that something at the target speaks the protocol, before any load, and returns what it calls
// itself. A ping server calls itself nothing.
func Precheck(ctx context.Context, c Config) (identity string, err error) {
	conn, err := c.open(ctx)
	if err != nil {
		return "", fmt.Errorf("precheck: %w", err)
	}
	defer conn.Close()
	if identity, err = wire.Identify(conn, c.Protocol, c.Greeting...); err != nil {
		return "", fmt.Errorf("precheck: %s at %s: %w", c.Protocol, c.Target, err)
	}
	return identity, nil
}

// open makes one blocking connection to the target.
func (c *Config) open(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if c.TLS != nil {
		d := tls.Dialer{Config: c.TLS}
		return d.DialContext(ctx, c.Target.Network, c.Target.Address)
	}
	var d net.Dialer
	return d.DialContext(ctx, c.Target.Network, c.Target.Address)
}
