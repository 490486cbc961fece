package collection

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/driver"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

const (
	// batchBytes is how much a fill sends before it waits for the replies.
	batchBytes = 64 << 10
	// askTimeout bounds the wait for the replies of one batch, or of one request that may take long.
	askTimeout = 60 * time.Second
)

// Fill is a number of collections of one kind, alike but for their names. For strings, Collections is 1.
type Fill struct {
	Kind Kind
	// Collections is how many there are, Elements how many each has, Size the length of a value in bytes.
	Collections, Elements, Size int
	// First is the number of the first collection.
	First int
}

// Total is the number of elements in all.
func (f Fill) Total() int { return f.Collections * f.Elements }

// asker is a connection on which requests and replies take turns.
type asker struct {
	conn   net.Conn
	client *wire.Client
}

func ask(ctx context.Context, at driver.Endpoint) (*asker, error) {
	conn, err := new(net.Dialer).DialContext(ctx, at.Network, at.Address)
	if err != nil {
		return nil, err
	}
	return &asker{conn, wire.NewClient(conn, wire.RESP)}, nil
}

// exchange sends requests and awaits their replies.
func (a *asker) exchange(requests []byte, count int) error {
	if err := a.conn.SetDeadline(time.Now().Add(askTimeout)); err != nil {
		return err
	}
	return a.client.Exchange(requests, count)
}

// command sends one request. Its reply may be anything but an error.
func (a *asker) command(words ...string) error {
	if err := a.exchange(wire.RESPCommand(words...), 1); err != nil {
		return fmt.Errorf("%s: %w", words[0], err)
	}
	return nil
}

// fill sends all elements of f.
func (a *asker) fill(ctx context.Context, f Fill) error {
	batch, count := make([]byte, 0, 2*batchBytes), 0
	for c := range f.Collections {
		for from := 0; from < f.Elements; from += f.Kind.perCommand() {
			batch = f.Kind.appendAdd(batch, f.First+c, from, min(f.Elements, from+f.Kind.perCommand()), f.Size)
			if count++; len(batch) < batchBytes {
				continue
			}
			if err := a.exchange(batch, count); err != nil {
				return fmt.Errorf("fill with %s: %w", f.Kind, err)
			}
			if batch, count = batch[:0], 0; ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	if err := a.exchange(batch, count); err != nil {
		return fmt.Errorf("fill with %s: %w", f.Kind, err)
	}
	return nil
}

// prepare empties a server and fills it.
func prepare(ctx context.Context, at driver.Endpoint, f Fill, then ...[]string) error {
	a, err := ask(ctx, at)
	if err != nil {
		return err
	}
	defer a.conn.Close()
	if err := a.command("FLUSHALL"); err != nil {
		return err
	}
	if err := a.fill(ctx, f); err != nil {
		return err
	}
	for _, words := range then {
		if err := a.command(words...); err != nil {
			return err
		}
	}
	return nil
}
