package load

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// Preparation is a command sent once, before the prefill.
type Preparation struct {
	Words []string
	// MayFail says that a refusal is no error.
	MayFail bool
}

// prepareTimeout bounds all preparations together.
const prepareTimeout = 30 * time.Second

// Prepare sends commands one after the other on a connection of its own.
func Prepare(ctx context.Context, c Config, all []Preparation) error {
	if len(all) == 0 {
		return nil
	}
	conn, err := c.open(ctx)
	if err != nil {
		return fmt.Errorf("setup: %w", err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(prepareTimeout)); err != nil {
		return err
	}
	client := wire.NewClient(conn, c.Protocol)
	for _, line := range c.Greeting {
		if err := client.Exchange(line, 1); err != nil {
			return fmt.Errorf("setup: %w", err)
		}
	}
	for _, p := range all {
		line := wire.RESPCommand(p.Words...)
		if c.Protocol != wire.RESP {
			line = []byte(strings.Join(p.Words, " ") + "\r\n")
		}
		if err := client.Exchange(line, 1); err != nil && !p.MayFail {
			return fmt.Errorf("setup: %s: %w", p.Words[0], err)
		}
	}
	return nil
}
