package collection

import (
	"context"
	"fmt"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/procstat"
)

// Weight is the memory of the elements of a kind and form in one server.
type Weight struct {
	Kind      Kind   `json:"kind"`
	Form      Form   `json:"form"`
	Contender string `json:"contender"`
	// Elements is how many were stored, Bytes the resident memory that each took.
	Elements int     `json:"elements"`
	Bytes    float64 `json:"bytes_per_element"`
}

// weighed is the collections of a form when their memory is measured: so many that a server's fixed buffers don't count.
var weighed = map[Form]struct{ collections, elements int }{
	Small: {100_000, 50},
	Large: {1, 4_000_000},
}

const (
	// settleInterval is how often resident memory is read after a fill until it falls no more, settleTimeout how long.
	settleInterval = 250 * time.Millisecond
	settleTimeout  = 6 * time.Second
	// settleReadings is how many readings without a fall end the wait.
	settleReadings = 8
)

// Weigh fills each contender, started afresh each time, with every kind in every form, and returns what an element of
// each weighs.
func Weigh(ctx context.Context, contenders []contender.Contender, s contender.Settings, forms []Form, say func(string)) ([]Weight, error) {
	var weights []Weight
	for _, kind := range Kinds {
		for _, form := range forms {
			for i := range contenders {
				shape := weighed[form]
				f := Fill{Kind: kind, Collections: shape.collections, Elements: shape.elements, Size: valueSize}
				bytes, err := weigh(ctx, &contenders[i], s, f)
				if err != nil {
					return weights, fmt.Errorf("%s, %s %s: %w", contenders[i].Name, form, kind, err)
				}
				w := Weight{Kind: kind, Form: form, Contender: contenders[i].Name, Elements: f.Total(), Bytes: bytes / float64(f.Total())}
				say(fmt.Sprintf("%s %s, %s: %.1f bytes an element", form, kind, w.Contender, w.Bytes))
				weights = append(weights, w)
			}
		}
	}
	return weights, nil
}

// weigh returns the resident memory that a fill adds to a server that was just started.
func weigh(ctx context.Context, c *contender.Contender, s contender.Settings, f Fill) (float64, error) {
	server, err := c.Start(ctx, s)
	if err != nil {
		return 0, err
	}
	defer server.Stop()
	a, err := ask(ctx, server.Endpoint)
	if err != nil {
		return 0, err
	}
	defer a.conn.Close()
	before, err := settled(server.PID)
	if err != nil {
		return 0, err
	}
	if err := a.fill(ctx, f); err != nil {
		return 0, server.Explain(err)
	}
	after, err := settled(server.PID)
	return float64(after) - float64(before), err
}

// settled is the resident memory of a process once it has given back what it doesn't need.
func settled(pid int) (uint64, error) {
	least, same := uint64(0), 0
	for began := time.Now(); same < settleReadings && time.Since(began) < settleTimeout; time.Sleep(settleInterval) {
		m, err := procstat.ReadMemory(pid)
		if err != nil {
			return 0, err
		}
		if least == 0 || m.Resident < least {
			least, same = m.Resident, 0
		}
		same++
	}
	return least, nil
}
