package clients

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

// A client of rueidis keeps copies of what it reads and is told, over another
// loop as a rule, when they are out of date: it never shows an old value for long.
func TestRueidisClientSideCaching(t *testing.T) {
	servertest.EachEngine(t, func(t *testing.T, engine string) {
		server := startLoops(t, engine, 4)
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		for name, options := range map[string][]string{
			"default": nil,
			"bcast":   {"BCAST", "PREFIX", "key:"},
		} {
			t.Run(name, func(t *testing.T) {
				reader := newRueidis(t, rueidis.ClientOption{InitAddress: []string{server.Address}, ClientTrackingOptions: options})
				writer := newRueidis(t, rueidis.ClientOption{InitAddress: []string{server.Address}, DisableCache: true})
				kept := 0
				for i := range 300 {
					key, value := "key:"+strconv.Itoa(i%20), strconv.Itoa(i)
					err := writer.Do(ctx, writer.B().Set().Key(key).Value(value).Build()).Error()
					that(t, "SET", err, true, nil)
					awaitValue(ctx, t, reader, key, value)
					kept += again(ctx, t, reader, key, value)
				}
				that(t, "copies used", nil, kept > 250, kept)
				that(t, "FLUSHALL", writer.Do(ctx, writer.B().Flushall().Build()).Error(), true, nil)
				awaitValue(ctx, t, reader, "key:1", "")
			})
		}
	})
}

func newRueidis(t *testing.T, o rueidis.ClientOption) rueidis.Client {
	t.Helper()
	client, err := rueidis.NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func cached(ctx context.Context, c rueidis.Client, key string) (value string, hit bool, err error) {
	reply := c.DoCache(ctx, c.B().Get().Key(key).Cache(), time.Minute)
	value, err = reply.ToString()
	if rueidis.IsRedisNil(err) {
		err = nil
	}
	return value, reply.IsCacheHit(), err
}

// awaitValue reads until the value written is seen: the invalidation of the copy
// that there was is on its way.
func awaitValue(ctx context.Context, t *testing.T, c rueidis.Client, key, want string) {
	t.Helper()
	for {
		got, _, err := cached(ctx, c, key)
		if err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
	}
}

// again reads once more what was just read, and reports 1 if that was a copy.
func again(ctx context.Context, t *testing.T, c rueidis.Client, key, want string) int {
	t.Helper()
	got, hit, err := cached(ctx, c, key)
	check(t, "GET again", got, err, want)
	if hit {
		return 1
	}
	return 0
}
