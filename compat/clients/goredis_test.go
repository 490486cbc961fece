package clients

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

const callTimeout = time.Minute

func TestGoRedis(t *testing.T) {
	servertest.EachEngine(t, func(t *testing.T, engine string) {
		server := servertest.Start(t, "redis", engine)
		for _, version := range []int{2, 3} {
			t.Run("RESP"+strconv.Itoa(version), func(t *testing.T) {
				client := redis.NewClient(&redis.Options{Addr: server.Address, Protocol: version, ClientName: "go-redis"})
				defer client.Close()
				ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
				defer cancel()
				round := goRedis{t: t, ctx: ctx, client: client, address: server.Address, version: version}
				round.strings()
				round.numbers()
				round.keys()
				round.databases()
				round.expiry()
				round.scan()
				round.connection()
				round.server()
				round.transactions()
				round.pipeline()
			})
		}
	})
}

// goRedis is one round trip; each method starts from an empty database.
type goRedis struct {
	t       *testing.T
	ctx     context.Context
	client  *redis.Client
	address string
	version int
}

func (g *goRedis) flush() {
	g.t.Helper()
	if err := g.client.FlushAll(g.ctx).Err(); err != nil {
		g.t.Fatal(err)
	}
}

func (g *goRedis) strings() {
	g.flush()
	t, ctx, c := g.t, g.ctx, g.client
	large := strings.Repeat("0123456789abcdef", 1<<16)
	for _, value := range []string{"v", "", "\x00\r\n\xff", large} {
		check(t, "SET", c.Set(ctx, "k", value, 0).Val(), nil, "OK")
		got, err := c.Get(ctx, "k").Result()
		check(t, "GET", got, err, value)
	}
	_, err := c.Get(ctx, "nosuch").Result()
	that(t, "GET of a missing key", nil, errors.Is(err, redis.Nil), err)
	ok, err := c.SetNX(ctx, "k", "other", 0).Result()
	check(t, "SET NX", ok, err, false)
	ok, err = c.SetXX(ctx, "k", "v", time.Minute).Result()
	check(t, "SET XX EX", ok, err, true)
	old, err := c.SetArgs(ctx, "k", "w", redis.SetArgs{Get: true, KeepTTL: true}).Result()
	check(t, "SET GET KEEPTTL", old, err, "v")
	ttl, err := c.TTL(ctx, "k").Result()
	that(t, "TTL after KEEPTTL", err, ttl > 50*time.Second, ttl)
	at := time.Now().Add(time.Hour).Truncate(time.Second)
	_, err = c.SetArgs(ctx, "k", "w", redis.SetArgs{ExpireAt: at}).Result()
	that(t, "SET EXAT", err, true, nil)
	when, err := c.ExpireTime(ctx, "k").Result()
	check(t, "EXPIRETIME", when, err, time.Duration(at.Unix())*time.Second)
	check(t, "SETEX", c.SetEx(ctx, "k", "v", time.Minute).Val(), nil, "OK")
	old, err = c.GetSet(ctx, "k", "x").Result()
	check(t, "GETSET", old, err, "v")
	old, err = c.GetEx(ctx, "k", time.Minute).Result()
	check(t, "GETEX EX", old, err, "x")
	old, err = c.GetDel(ctx, "k").Result()
	check(t, "GETDEL", old, err, "x")
	check(t, "MSET", c.MSet(ctx, "a", "1", "b", "2").Val(), nil, "OK")
	values, err := c.MGet(ctx, "a", "nosuch", "b").Result()
	check(t, "MGET", values, err, []any{"1", nil, "2"})
	ok, err = c.MSetNX(ctx, "b", "3", "c", "4").Result()
	check(t, "MSETNX", ok, err, false)
	n, err := c.Append(ctx, "s", "Hello").Result()
	check(t, "APPEND", n, err, 5)
	n, err = c.SetRange(ctx, "s", 5, " World").Result()
	check(t, "SETRANGE", n, err, 11)
	part, err := c.GetRange(ctx, "s", -5, -1).Result()
	check(t, "GETRANGE", part, err, "World")
	n, err = c.StrLen(ctx, "s").Result()
	check(t, "STRLEN", n, err, 11)
	stored, err := c.Do(ctx, "PSETEX", "k", "60000", "v").Result()
	check(t, "PSETEX", stored, err, any("OK"))
	left, err := c.PTTL(ctx, "k").Result()
	that(t, "PTTL", err, left > 50*time.Second, left)
}

func (g *goRedis) numbers() {
	g.flush()
	t, ctx, c := g.t, g.ctx, g.client
	n, err := c.Incr(ctx, "n").Result()
	check(t, "INCR", n, err, 1)
	n, err = c.IncrBy(ctx, "n", 41).Result()
	check(t, "INCRBY", n, err, 42)
	n, err = c.Decr(ctx, "n").Result()
	check(t, "DECR", n, err, 41)
	n, err = c.DecrBy(ctx, "n", 1).Result()
	check(t, "DECRBY", n, err, 40)
	f, err := c.IncrByFloat(ctx, "n", 0.5).Result()
	check(t, "INCRBYFLOAT", f, err, 40.5)
	_, err = c.Incr(ctx, "n").Result()
	that(t, "INCR of a float", nil, err != nil && err.Error() == "ERR value is not an integer or out of range", err)
}

func (g *goRedis) keys() {
	g.flush()
	t, ctx, c := g.t, g.ctx, g.client
	c.MSet(ctx, "a", "1", "b", "2", "c", "3")
	n, err := c.Exists(ctx, "a", "b", "nosuch", "a").Result()
	check(t, "EXISTS", n, err, 3)
	kind, err := c.Type(ctx, "a").Result()
	check(t, "TYPE", kind, err, "string")
	keys, err := c.Keys(ctx, "[ab]").Result()
	check(t, "KEYS", sorted(keys), err, []string{"a", "b"})
	check(t, "RENAME", c.Rename(ctx, "a", "d").Val(), nil, "OK")
	ok, err := c.RenameNX(ctx, "d", "b").Result()
	check(t, "RENAMENX", ok, err, false)
	n, err = c.Copy(ctx, "d", "e", 0, false).Result()
	check(t, "COPY", n, err, 1)
	n, err = c.Copy(ctx, "b", "e", 0, true).Result()
	check(t, "COPY REPLACE", n, err, 1)
	n, err = c.DBSize(ctx).Result()
	check(t, "DBSIZE", n, err, 4)
	n, err = c.Del(ctx, "b", "nosuch").Result()
	check(t, "DEL", n, err, 1)
	n, err = c.Unlink(ctx, "c", "d").Result()
	check(t, "UNLINK", n, err, 2)
	key, err := c.RandomKey(ctx).Result()
	check(t, "RANDOMKEY", key, err, "e")
	encoding, err := c.ObjectEncoding(ctx, "e").Result()
	check(t, "OBJECT ENCODING", encoding, err, "int")
	idle, err := c.ObjectIdleTime(ctx, "e").Result()
	that(t, "OBJECT IDLETIME", err, idle < 10*time.Second, idle)
	n, err = c.ObjectRefCount(ctx, "e").Result()
	that(t, "OBJECT REFCOUNT", err, n > 0, n)
}

func (g *goRedis) databases() {
	g.flush()
	t, ctx := g.t, g.ctx
	other := redis.NewClient(&redis.Options{Addr: g.address, Protocol: g.version, DB: 1})
	defer other.Close()
	c := g.client
	c.Set(ctx, "k", "zero", 0)
	ok, err := c.Move(ctx, "k", 1).Result()
	check(t, "MOVE", ok, err, true)
	value, err := other.Get(ctx, "k").Result()
	check(t, "GET in database 1", value, err, "zero")
	swapped, err := c.Do(ctx, "SWAPDB", 0, 1).Result()
	check(t, "SWAPDB", swapped, err, any("OK"))
	value, err = c.Get(ctx, "k").Result()
	check(t, "GET after SWAPDB", value, err, "zero")
	check(t, "FLUSHDB", other.FlushDB(ctx).Val(), nil, "OK")
	n, err := c.DBSize(ctx).Result()
	check(t, "DBSIZE after FLUSHDB of another", n, err, 1)
	check(t, "FLUSHALL ASYNC", c.FlushAllAsync(ctx).Val(), nil, "OK")
	n, err = c.DBSize(ctx).Result()
	check(t, "DBSIZE after FLUSHALL", n, err, 0)
}

func (g *goRedis) expiry() {
	g.flush()
	t, ctx, c := g.t, g.ctx, g.client
	c.Set(ctx, "k", "v", 0)
	for _, step := range []struct {
		name string
		cmd  *redis.BoolCmd
		want bool
	}{
		{"EXPIRE XX", c.ExpireXX(ctx, "k", time.Minute), false},
		{"EXPIRE NX", c.ExpireNX(ctx, "k", time.Minute), true},
		{"EXPIRE GT", c.ExpireGT(ctx, "k", time.Second), false},
		{"EXPIRE LT", c.ExpireLT(ctx, "k", 50*time.Second), true},
		{"EXPIRE", c.Expire(ctx, "k", time.Hour), true},
		{"PEXPIRE", c.PExpire(ctx, "k", time.Hour), true},
		{"PERSIST", c.Persist(ctx, "k"), true},
		{"EXPIREAT", c.ExpireAt(ctx, "k", time.Unix(4102444800, 0)), true},
	} {
		got, err := step.cmd.Result()
		check(t, step.name, got, err, step.want)
	}
	when, err := c.PExpireTime(ctx, "k").Result()
	check(t, "PEXPIRETIME", when.Milliseconds(), err, 4102444800000)
	ok, err := c.PExpireAt(ctx, "k", time.Now().Add(20*time.Millisecond)).Result()
	check(t, "PEXPIREAT", ok, err, true)
	time.Sleep(50 * time.Millisecond)
	n, err := c.Exists(ctx, "k").Result()
	check(t, "EXISTS once the time is up", n, err, 0)
}

func (g *goRedis) scan() {
	g.flush()
	t, ctx, c := g.t, g.ctx, g.client
	const keys = 500
	for i := range keys {
		if err := c.Set(ctx, "key:"+strconv.Itoa(i), i, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	found := map[string]bool{}
	iterator := c.ScanType(ctx, 0, "key:*", 17, "string").Iterator()
	for iterator.Next(ctx) {
		found[iterator.Val()] = true
	}
	check(t, "SCAN", len(found), iterator.Err(), keys)
}

func (g *goRedis) connection() {
	g.flush()
	t, ctx := g.t, g.ctx
	conn := g.client.Conn()
	defer conn.Close()
	pong, err := conn.Ping(ctx).Result()
	check(t, "PING", pong, err, "PONG")
	echo, err := conn.Echo(ctx, "hello").Result()
	check(t, "ECHO", echo, err, "hello")
	name, err := conn.ClientGetName(ctx).Result()
	check(t, "CLIENT GETNAME", name, err, "go-redis")
	check(t, "CLIENT SETNAME", conn.ClientSetName(ctx, "renamed").Val(), nil, true)
	id, err := conn.ClientID(ctx).Result()
	that(t, "CLIENT ID", err, id > 0, id)
	info, err := conn.ClientInfo(ctx).Result()
	that(t, "CLIENT INFO", err, err == nil && info.ID == id && info.Name == "renamed" && info.LibName != "", info)
	list, err := conn.ClientList(ctx).Result()
	that(t, "CLIENT LIST", err, strings.Contains(list, "name=renamed"), list)
	_, err = conn.AuthACL(ctx, "nosuch", "wrong").Result()
	that(t, "AUTH", nil, err != nil && strings.HasPrefix(err.Error(), "WRONGPASS"), err)
	hello, err := conn.Hello(ctx, g.version, "", "", "").Result()
	that(t, "HELLO", err, hello["proto"] == int64(g.version) && hello["server"] == "redis", hello)
	for _, args := range [][]any{
		{"CLIENT", "NO-EVICT", "ON"}, {"CLIENT", "NO-TOUCH", "OFF"}, {"CLIENT", "REPLY", "ON"},
	} {
		got, err := conn.Do(ctx, args...).Result()
		check(t, "CLIENT", got, err, any("OK"))
	}
	victim := g.client.Conn()
	defer victim.Close()
	victimID := victim.ClientID(ctx).Val()
	killed, err := conn.ClientKillByFilter(ctx, "ID", strconv.FormatInt(victimID, 10)).Result()
	check(t, "CLIENT KILL", killed, err, 1)
	reset, err := conn.Do(ctx, "RESET").Result()
	check(t, "RESET", reset, err, any("RESET"))
}

func (g *goRedis) server() {
	g.flush()
	t, ctx, c := g.t, g.ctx, g.client
	now, err := c.Time(ctx).Result()
	that(t, "TIME", err, time.Since(now).Abs() < time.Minute, now)
	info, err := c.Info(ctx, "server").Result()
	that(t, "INFO", err, strings.Contains(info, "redis_version:"), info)
	config, err := c.ConfigGet(ctx, "maxmemory-policy").Result()
	that(t, "CONFIG GET", err, len(config) == 1, config)
	policy := config["maxmemory-policy"]
	check(t, "CONFIG SET", c.ConfigSet(ctx, "maxmemory-policy", policy).Val(), nil, "OK")
	commands, err := c.Command(ctx).Result()
	that(t, "COMMAND", err, err == nil && commands["get"] != nil && commands["get"].Arity == 2, len(commands))
	names, err := c.CommandList(ctx, &redis.FilterBy{Pattern: "mset*"}).Result()
	check(t, "COMMAND LIST", sorted(names), err, []string{"mset", "msetnx"})
	keys, err := c.CommandGetKeys(ctx, "MSET", "a", "1", "b", "2").Result()
	check(t, "COMMAND GETKEYS", keys, err, []string{"a", "b"})
	n, err := c.Do(ctx, "COMMAND", "COUNT").Int()
	check(t, "COMMAND COUNT", n, err, len(commands))
}

func (g *goRedis) transactions() {
	g.flush()
	t, ctx, c := g.t, g.ctx, g.client
	replies, err := c.TxPipelined(ctx, func(tx redis.Pipeliner) error {
		tx.Set(ctx, "k", "1", 0)
		tx.Incr(ctx, "k")
		tx.Get(ctx, "k")
		return nil
	})
	that(t, "MULTI and EXEC", err, len(replies) == 3 && replies[2].(*redis.StringCmd).Val() == "2", replies)
	change := func(tx *redis.Tx, meanwhile func()) error {
		meanwhile()
		_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.Incr(ctx, "k")
			return nil
		})
		return err
	}
	err = c.Watch(ctx, func(tx *redis.Tx) error { return change(tx, func() {}) }, "k")
	that(t, "WATCH of a key left alone", err, true, nil)
	err = c.Watch(ctx, func(tx *redis.Tx) error {
		return change(tx, func() { c.Set(ctx, "k", "changed", 0) })
	}, "k")
	that(t, "WATCH of a key that changed", nil, errors.Is(err, redis.TxFailedErr), err)
	value, err := c.Get(ctx, "k").Result()
	check(t, "GET after the failed transaction", value, err, "changed")
	err = c.Watch(ctx, func(tx *redis.Tx) error {
		c.Set(ctx, "k", "5", 0)
		if err := tx.Unwatch(ctx).Err(); err != nil {
			return err
		}
		return change(tx, func() {})
	}, "k")
	that(t, "UNWATCH", err, true, nil)
}

func (g *goRedis) pipeline() {
	g.flush()
	t, ctx, c := g.t, g.ctx, g.client
	const commands = 2000
	replies, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		for range commands {
			p.Incr(ctx, "n")
		}
		return nil
	})
	that(t, "a pipeline", err, len(replies) == commands, len(replies))
	for i, reply := range replies {
		if got := reply.(*redis.IntCmd).Val(); got != int64(i+1) {
			t.Fatalf("reply %d of a pipeline is %d", i+1, got)
		}
	}
}
