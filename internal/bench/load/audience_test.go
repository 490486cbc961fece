package load

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/fake"
	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/bench/workload"
	"github.com/crucible-cache/crucible/internal/retry"
)

func publishing(f *fake.Server) Config {
	c := config(f, wire.RESP, workload.MustCommand("PUBLISH", "PUBLISH c:{number:2} {value}"))
	c.Subscribers = Subscribers{Connections: 4, Prefix: "c:", Channels: 2}
	c.Rate, c.Pipeline = 500, 1
	return c
}

// Each message has two subscribers, who hear it after it was due; a stall of the server is in the latency of delivery.
func TestSubscribersHear(t *testing.T) {
	retry.Undisturbed(t, func() error { return subscribersHear(t) })
}

func subscribersHear(t *testing.T) error {
	f := startFake(t, wire.RESP)
	c := publishing(f)
	c.Duration = time.Second
	f.Misbehave(fake.Stall(200, 300*time.Millisecond))
	r, err := Run(context.Background(), c)
	if err != nil || r.Errors.Total() != 0 {
		t.Fatalf("%v, %v", r, err)
	}
	d := r.Delivery
	if uint64(d.Latency.TotalCount()) != d.Messages {
		t.Errorf("%d messages, %d latencies", d.Messages, d.Latency.TotalCount())
	}
	if d.Messages+20 < 2*r.Requests || d.Messages > 2*r.Requests+20 || d.Lost != 0 {
		return fmt.Errorf("%d messages of %d requests, %d lost", d.Messages, r.Requests, d.Lost)
	}
	if longest := time.Duration(d.Latency.Max()); longest < 250*time.Millisecond || longest > 2*time.Second {
		return fmt.Errorf("longest delivery %v through a stall of 300 ms", longest)
	}
	return nil
}

func TestSubscribersMiss(t *testing.T) {
	f := startFake(t, wire.RESP)
	f.Forget(true)
	r, err := Run(context.Background(), publishing(f))
	if err != nil {
		t.Fatal(err)
	}
	if r.Delivery.Messages != 0 || r.Delivery.Lost == 0 || !strings.Contains(r.Errors.String(), "not delivered") {
		t.Errorf("%+v, %v", r.Delivery, r.Errors)
	}
}

func TestSubscribersRefused(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"resp":      func(c *Config) { c.Protocol = wire.Memcache },
		"a channel": func(c *Config) { c.Subscribers.Channels = 0 },
		"prefix":    func(c *Config) { c.Subscribers.Prefix = strings.Repeat("x", 40) },
		"at most":   func(c *Config) { c.Subscribers.Connections = -1 },
		"answers":   func(c *Config) { c.Subscribers.Pattern = true }, // which the fake server doesn't know
	} {
		c := publishing(startFake(t, wire.RESP))
		change(&c)
		if _, err := Run(context.Background(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %q, got %v", want, err)
		}
	}
}

func TestPrepare(t *testing.T) {
	f := startFake(t, wire.RESP)
	c := config(f, wire.RESP, wire.RESP.Fetch())
	err := Prepare(context.Background(), c, []Preparation{{Words: []string{"NONSENSE"}, MayFail: true}, {Words: []string{"SET", "a b", "1"}}})
	if data, _ := f.Stored(); err != nil || data["a b"] != "1" {
		t.Errorf("%v, %v", data, err)
	}
	if err := Prepare(context.Background(), c, []Preparation{{Words: []string{"NONSENSE"}}}); err == nil || !strings.Contains(err.Error(), "NONSENSE") {
		t.Errorf("a refusal: %v", err)
	}
}
