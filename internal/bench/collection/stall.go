package collection

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/procstat"
)

// Way is how a collection goes.
type Way string

// The ways.
const (
	Unlink Way = "unlink"
	Delete Way = "del"
	Expire Way = "expire"
	Evict  Way = "evict"
)

// Ways are all of them.
var Ways = []Way{Unlink, Delete, Expire, Evict}

// Stall is the longest wait of another client while one large collection goes.
type Stall struct {
	Kind      Kind   `json:"kind"`
	Way       Way    `json:"way"`
	Contender string `json:"contender"`
	Elements  int    `json:"elements"`
	// Longest is the longest read of another client, P999 what all but one of a thousand stayed below; Resting the longest
	// while nothing went, which is the machine's.
	Longest time.Duration `json:"longest_ns"`
	P999    time.Duration `json:"p999_ns"`
	Resting time.Duration `json:"resting_ns"`
	// Took is how long the request took that had the collection go, where it was a request.
	Took time.Duration `json:"took_ns"`
}

// How long a server that rests is watched, and one after a collection was told to go.
const (
	restingTime = time.Second
	goingTime   = 2 * time.Second
)

// Stalls has one collection of each kind go in each way, in each contender.
func Stalls(ctx context.Context, contenders []contender.Contender, s contender.Settings, kinds []Kind, ways []Way, elements int, say func(Stall)) ([]Stall, error) {
	var stalls []Stall
	for i := range contenders {
		for _, kind := range kinds {
			for _, way := range ways {
				stall := Stall{Kind: kind, Way: way, Contender: contenders[i].Name, Elements: elements}
				if err := stall.measure(ctx, &contenders[i], s); err != nil {
					return stalls, fmt.Errorf("%s, %s, %s: %w", stall.Contender, kind, way, err)
				}
				say(stall)
				stalls = append(stalls, stall)
			}
		}
	}
	return stalls, nil
}

// measure uses a server of its own: what one collection leaves behind is no other's.
func (s *Stall) measure(ctx context.Context, c *contender.Contender, settings contender.Settings) error {
	server, err := c.Start(ctx, settings)
	if err != nil {
		return err
	}
	defer server.Stop()
	a, err := ask(ctx, server.Endpoint)
	if err != nil {
		return err
	}
	defer a.conn.Close()
	if err := a.fill(ctx, Fill{Kind: s.Kind, Collections: 1, Elements: s.Elements, Size: valueSize}); err != nil {
		return server.Explain(err)
	}
	rested, err := probeWhile(ctx, server.Endpoint, restingTime, func() error { return nil })
	if err != nil {
		return server.Explain(err)
	}
	went, err := probeWhile(ctx, server.Endpoint, goingTime, func() error {
		began := time.Now()
		err := s.send(a, server.PID)
		s.Took = time.Since(began)
		return err
	})
	if err != nil {
		return server.Explain(err)
	}
	s.Resting, s.P999, s.Longest = quantile(rested, 1), quantile(went, 0.999), quantile(went, 1)
	return a.gone(s.Kind.Key(0))
}

// send has the collection go.
func (s *Stall) send(a *asker, pid int) error {
	key := s.Kind.Key(0)
	switch s.Way {
	case Unlink:
		return a.command("UNLINK", key)
	case Delete:
		return a.command("DEL", key)
	case Expire:
		return a.command("PEXPIRE", key, "20")
	}
	// Three quarters of what is held leave no room for the collection.
	m, err := procstat.ReadMemory(pid)
	if err != nil {
		return err
	}
	if err := a.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru", "maxmemory", strconv.FormatUint(m.Resident/4*3, 10)); err != nil {
		return err
	}
	return a.command("SET", "one more", "value")
}

// gone makes sure that a key is no more.
func (a *asker) gone(key string) error {
	var kind string
	a.client.Keep(func(body []byte) { kind = string(body) })
	defer a.client.Keep(nil)
	if err := a.command("OBJECT", "ENCODING", key); err != nil {
		return err
	}
	if kind != "" {
		return fmt.Errorf("the key is still there, as a %s", kind)
	}
	return nil
}
