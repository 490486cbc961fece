package clients

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/crucible-cache/crucible/internal/compat/launch"
	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

// startLoops starts our server with more loops than it would have by itself.
func startLoops(t *testing.T, engine string, loops int) *launch.Server {
	t.Helper()
	command, err := launch.Crucible(servertest.Binary(t), servertest.Profile(t, "redis"), engine, launch.RedisProbe)
	if err != nil {
		t.Fatal(err)
	}
	command.Args = append(command.Args, "--threads", strconv.Itoa(loops))
	return servertest.StartCommand(t, command)
}

// Several publish at once to subscribers on all loops. Nothing is lost, what one
// publishes is heard in that order, and all hear everything in the same order.
func TestPubSubOrder(t *testing.T) {
	const loops, listeners, publishers, messages = 4, 9, 4, 300
	servertest.EachEngine(t, func(t *testing.T, engine string) {
		server := startLoops(t, engine, loops)
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		heard := make([][]string, listeners)
		var listening, publishing sync.WaitGroup
		for i := range listeners {
			client := redis.NewClient(&redis.Options{Addr: server.Address, Protocol: 2 + i%2})
			defer client.Close()
			subscribe, topic := client.Subscribe, "news"
			if i%3 == 0 {
				subscribe, topic = client.PSubscribe, "n?ws"
			}
			sub := subscribe(ctx, topic)
			defer sub.Close()
			if _, err := sub.Receive(ctx); err != nil {
				t.Fatal(err)
			}
			listening.Go(func() { heard[i] = listen(ctx, t, sub, publishers*messages) })
		}
		for p := range publishers {
			client := redis.NewClient(&redis.Options{Addr: server.Address})
			defer client.Close()
			publishing.Go(func() {
				for m := range messages {
					n, err := client.Publish(ctx, "news", fmt.Sprintf("%d %d", p, m)).Result()
					check(t, "PUBLISH", n, err, int64(listeners))
				}
			})
		}
		publishing.Wait()
		listening.Wait()
		last := make([]int, publishers)
		for _, text := range heard[0] {
			var p, m int
			if _, err := fmt.Sscan(text, &p, &m); err != nil || last[p] != m {
				t.Fatalf("heard %q, want message %d: %v", text, last[p], err)
			}
			last[p]++
		}
		for i := range heard {
			if !slices.Equal(heard[i], heard[0]) {
				t.Errorf("listener %d heard %d messages in another order than the first", i, len(heard[i]))
			}
		}
	})
}

func listen(ctx context.Context, t *testing.T, sub *redis.PubSub, n int) (heard []string) {
	for range n {
		m, err := sub.ReceiveMessage(ctx)
		if err != nil {
			t.Error(err)
			return heard
		}
		heard = append(heard, m.Payload)
	}
	return heard
}

// What was published before somebody subscribed does not reach them, and what was
// published before they left does: a message may be under way between loops, but
// nobody can tell.
func TestPubSubBeginningAndEnd(t *testing.T) {
	servertest.EachEngine(t, func(t *testing.T, engine string) {
		server := startLoops(t, engine, 3)
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		publisher := redis.NewClient(&redis.Options{Addr: server.Address})
		defer publisher.Close()
		var subs []*redis.PubSub
		for range 6 {
			client := redis.NewClient(&redis.Options{Addr: server.Address})
			defer client.Close()
			sub := client.Subscribe(ctx, "other")
			defer sub.Close()
			if _, err := sub.Receive(ctx); err != nil {
				t.Fatal(err)
			}
			subs = append(subs, sub)
		}
		for round := range 200 {
			sub := subs[round%len(subs)]
			want := strconv.Itoa(round)
			that(t, "PUBLISH before", publisher.Publish(ctx, "ch", "before "+want).Err(), true, nil)
			that(t, "SUBSCRIBE", sub.Subscribe(ctx, "ch"), true, nil)
			receive[*redis.Subscription](ctx, t, sub)
			that(t, "PUBLISH", publisher.Publish(ctx, "ch", want).Err(), true, nil)
			that(t, "UNSUBSCRIBE", sub.Unsubscribe(ctx, "ch"), true, nil)
			if m := receive[*redis.Message](ctx, t, sub); m.Payload != want || m.Channel != "ch" {
				t.Fatalf("round %d: heard %v", round, m)
			}
			if s := receive[*redis.Subscription](ctx, t, sub); s.Kind != "unsubscribe" {
				t.Fatalf("round %d: %v", round, s)
			}
			that(t, "PUBLISH to all", publisher.Publish(ctx, "other", want).Err(), true, nil)
			for _, sub := range subs {
				if m := receive[*redis.Message](ctx, t, sub); m.Channel != "other" || m.Payload != want {
					t.Fatalf("round %d: heard %v", round, m)
				}
			}
		}
	})
}

func receive[T any](ctx context.Context, t *testing.T, sub *redis.PubSub) T {
	t.Helper()
	got, err := sub.Receive(ctx)
	one, ok := got.(T)
	if err != nil || !ok {
		t.Fatalf("received %v, %v", got, err)
	}
	return one
}
