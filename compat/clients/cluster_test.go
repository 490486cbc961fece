package clients

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/crucible-cache/crucible/internal/compat/launch"
	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

// A client made for clusters finds the same in ours as in the reference server, both clusters of one.
func TestGoRedisCluster(t *testing.T) {
	reference, err := launch.Reference(servertest.Root(t), "redis")
	if err != nil {
		t.Skipf("NOT TESTED: %v", err)
	}
	theirs := servertest.StartCommand(t, launch.RedisCluster(reference))
	for _, version := range []int{2, 3} {
		want := clusterTranscript(t, theirs.Address, version)
		if len(want) < 30 {
			t.Fatalf("the reference server was hardly asked for anything: %q", want)
		}
		t.Run("RESP"+strconv.Itoa(version), func(t *testing.T) {
			servertest.EachEngine(t, func(t *testing.T, engine string) {
				ours := servertest.StartCommand(t, launch.CrucibleCluster(servertest.Command(t, "redis", engine)))
				compareLines(t, clusterTranscript(t, ours.Address, version), want)
			})
		})
	}
}

// clusterRound notes what a client is told, a line each.
type clusterRound struct {
	t      *testing.T
	ctx    context.Context
	client *redis.ClusterClient
	lines  []string
}

// clusterTranscript is what a round trip through a cluster comes to.
func clusterTranscript(t *testing.T, address string, version int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{address}, Protocol: version, RouteRandomly: true})
	defer client.Close()
	round := clusterRound{t: t, ctx: ctx, client: client}
	round.topology(address)
	round.keys()
	round.pipelines()
	round.transactions()
	round.scripts()
	round.channels()
	round.scan()
	return round.lines
}

func (r *clusterRound) note(what string, got any, err error) {
	r.lines = append(r.lines, fmt.Sprintf("%s: %v, %v", what, got, err))
}

// topology notes what the client learns of the cluster, without names and ports.
func (r *clusterRound) topology(address string) {
	r.note("FLUSHALL", "", r.client.FlushAll(r.ctx).Err())
	ranges, err := r.client.ClusterSlots(r.ctx).Result()
	r.note("CLUSTER SLOTS", len(ranges), err)
	for _, slots := range ranges {
		r.note("slots", fmt.Sprint(slots.Start, slots.End, len(slots.Nodes), len(slots.Nodes[0].ID)), nil)
	}
	shards, err := r.client.ClusterShards(r.ctx).Result()
	r.note("CLUSTER SHARDS", len(shards), err)
	for _, shard := range shards {
		n := shard.Nodes[0]
		r.note("shard", fmt.Sprint(shard.Slots, len(shard.Nodes), n.Role, n.Health, n.ReplicationOffset, n.TLSPort), nil)
		r.note("shard's port", strings.HasSuffix(address, ":"+strconv.FormatInt(n.Port, 10)), nil)
	}
	slot, err := r.client.ClusterKeySlot(r.ctx, "{user}:1").Result()
	r.note("CLUSTER KEYSLOT", slot, err)
	info, err := r.client.ClusterInfo(r.ctx).Result()
	r.note("CLUSTER INFO", strings.Contains(info, "cluster_state:ok"), err)
	masters := 0
	var mu sync.Mutex
	err = r.client.ForEachMaster(r.ctx, func(ctx context.Context, node *redis.Client) error {
		mu.Lock()
		defer mu.Unlock()
		masters++
		return node.Ping(ctx).Err()
	})
	r.note("masters", masters, err)
}

func (r *clusterRound) keys() {
	ctx, c := r.ctx, r.client
	for i := range 20 {
		key := "key:" + strconv.Itoa(i)
		r.note("SET", c.Set(ctx, key, i, time.Minute).Val(), nil)
		got, err := c.Get(ctx, key).Int()
		r.note("GET", got, err)
	}
	n, err := c.DBSize(ctx).Result()
	r.note("DBSIZE", n, err)
	r.note("MSET of one slot", c.MSet(ctx, "{u}1", "a", "{u}2", "b").Val(), nil)
	values, err := c.MGet(ctx, "{u}1", "{u}2", "{u}3").Result()
	r.note("MGET of one slot", values, err)
	values, err = c.MGet(ctx, "a", "b").Result()
	r.note("MGET of two slots", values, err)
	n, err = c.Del(ctx, "a", "b").Result()
	r.note("DEL of two slots", n, err)
	r.note("RENAME", "", c.Rename(ctx, "{u}1", "{u}4").Err())
	n, err = c.SUnionStore(ctx, "a", "b", "c").Result()
	r.note("SUNIONSTORE of three slots", n, err)
	keys, err := c.ClusterGetKeysInSlot(ctx, 11826, 10).Result()
	r.note("CLUSTER GETKEYSINSLOT", sorted(keys), err)
}

func (r *clusterRound) pipelines() {
	results, err := r.client.Pipelined(r.ctx, func(p redis.Pipeliner) error {
		for i := range 50 {
			p.IncrBy(r.ctx, "n:"+strconv.Itoa(i), int64(i))
		}
		p.LPush(r.ctx, "n:1", "not a list")
		return nil
	})
	r.note("pipeline", len(results), err)
	for _, result := range results {
		r.lines = append(r.lines, result.String())
	}
}

func (r *clusterRound) transactions() {
	ctx, c := r.ctx, r.client
	results, err := c.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, "{tx}a", 1, 0)
		p.Incr(ctx, "{tx}a")
		p.Get(ctx, "{tx}a")
		return nil
	})
	r.note("transaction", results, err)
	_, err = c.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, "a", 1, 0)
		p.Set(ctx, "b", 1, 0)
		return nil
	})
	r.note("transaction over two slots", "", err)
	attempts := 0
	err = c.Watch(ctx, func(tx *redis.Tx) error {
		attempts++
		if attempts == 1 {
			if err := c.Set(ctx, "{tx}a", "changed", 0).Err(); err != nil {
				return err
			}
		}
		_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Set(ctx, "{tx}a", "mine", 0)
			return nil
		})
		return err
	}, "{tx}a")
	r.note("watched key changed", errors.Is(err, redis.TxFailedErr), nil)
	r.note("kept", c.Get(ctx, "{tx}a").Val(), nil)
	r.note("WATCH of two slots", "", c.Watch(ctx, func(*redis.Tx) error { return nil }, "a", "b"))
}

func (r *clusterRound) scripts() {
	ctx, c := r.ctx, r.client
	add := redis.NewScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
	for range 2 {
		n, err := add.Run(ctx, c, []string{"counter"}, 21).Int()
		r.note("script", n, err)
	}
	_, err := add.Run(ctx, c, []string{"a", "b"}, 1).Result()
	r.note("script over two slots", "", err)
	_, err = c.Eval(ctx, "return redis.call('GET', 'elsewhere')", []string{"here"}).Result()
	r.note("script that leaves its slot", "", err)
}

func (r *clusterRound) channels() {
	ctx, c := r.ctx, r.client
	for _, kind := range []struct {
		name      string
		subscribe func(context.Context, ...string) *redis.PubSub
		publish   func(context.Context, string, any) *redis.IntCmd
	}{
		{"SSUBSCRIBE", c.SSubscribe, c.SPublish},
		{"SUBSCRIBE", c.Subscribe, c.Publish},
	} {
		sub := kind.subscribe(ctx, "news")
		confirmed, err := sub.Receive(ctx)
		r.note(kind.name, confirmed, err)
		heard, err := kind.publish(ctx, "news", "hello").Result()
		r.note("published", heard, err)
		message, err := sub.ReceiveMessage(ctx)
		r.note("message", message, err)
		if err := sub.Close(); err != nil {
			r.t.Error(err)
		}
	}
}

func (r *clusterRound) scan() {
	var found []string
	var mu sync.Mutex
	err := r.client.ForEachShard(r.ctx, func(ctx context.Context, node *redis.Client) error {
		iterator := node.Scan(ctx, 0, "key:*", 7).Iterator()
		for iterator.Next(ctx) {
			mu.Lock()
			found = append(found, iterator.Val())
			mu.Unlock()
		}
		return iterator.Err()
	})
	r.note("SCAN", sorted(found), err)
}
