package clients

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/rueidis"

	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

// rueidis speaks RESP3, pipelines by itself and checks types strictly.
func TestRueidis(t *testing.T) {
	servertest.EachEngine(t, func(t *testing.T, engine string) {
		server := servertest.Start(t, "redis", engine)
		client, err := rueidis.NewClient(rueidis.ClientOption{
			InitAddress: []string{server.Address}, DisableCache: true, ClientName: "rueidis", ForceSingleClient: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		r := rueidisRound{t: t, ctx: ctx, client: client}
		r.strings()
		r.keys()
		r.expiry()
		r.server()
		r.transactions()
		r.pipeline()
	})
}

type rueidisRound struct {
	t      *testing.T
	ctx    context.Context
	client rueidis.Client
}

func (r *rueidisRound) do(args ...string) rueidis.RedisResult {
	return r.client.Do(r.ctx, r.client.B().Arbitrary(args[0]).Args(args[1:]...).Build())
}

func (r *rueidisRound) ok(args ...string) {
	r.t.Helper()
	got, err := r.do(args...).ToString()
	check(r.t, strings.Join(args, " "), got, err, "OK")
}

func (r *rueidisRound) text(want string, args ...string) {
	r.t.Helper()
	got, err := r.do(args...).ToString()
	check(r.t, strings.Join(args, " "), got, err, want)
}

func (r *rueidisRound) number(want int64, args ...string) {
	r.t.Helper()
	got, err := r.do(args...).ToInt64()
	check(r.t, strings.Join(args, " "), got, err, want)
}

func (r *rueidisRound) null(args ...string) {
	r.t.Helper()
	err := r.do(args...).Error()
	that(r.t, strings.Join(args, " "), nil, rueidis.IsRedisNil(err), err)
}

// fails wants an error; rueidis leaves the code ERR out of its text.
func (r *rueidisRound) fails(want string, args ...string) {
	r.t.Helper()
	err := r.do(args...).Error()
	failure, ok := rueidis.IsRedisErr(err)
	that(r.t, strings.Join(args, " "), nil, ok && failure.Error() == want, err)
}

func (r *rueidisRound) strings() {
	r.ok("FLUSHALL")
	large := strings.Repeat("x", 1<<20)
	for _, value := range []string{"v", "", "\x00\r\n\xff", large} {
		r.ok("SET", "k", value)
		r.text(value, "GET", "k")
	}
	r.null("GET", "nosuch")
	r.null("SET", "k", "w", "NX")
	r.ok("SET", "k", "w", "XX", "EX", "100")
	r.text("w", "SET", "k", "x", "GET", "KEEPTTL")
	r.text("x", "GETEX", "k", "PERSIST")
	r.number(-1, "TTL", "k")
	r.text("x", "GETSET", "k", "y")
	r.text("y", "GETDEL", "k")
	r.number(1, "SETNX", "k", "v")
	r.ok("SETEX", "k", "100", "v")
	r.ok("PSETEX", "k", "100000", "v")
	r.ok("MSET", "a", "1", "b", "2")
	values, err := r.do("MGET", "a", "b").AsStrSlice()
	check(r.t, "MGET", values, err, []string{"1", "2"})
	r.number(0, "MSETNX", "b", "3", "c", "4")
	r.number(2, "INCR", "a")
	r.number(12, "INCRBY", "a", "10")
	r.number(11, "DECR", "a")
	r.number(1, "DECRBY", "a", "10")
	r.text("1.5", "INCRBYFLOAT", "a", "0.5")
	r.fails("value is not an integer or out of range", "INCR", "a")
	r.number(5, "APPEND", "s", "Hello")
	r.number(11, "SETRANGE", "s", "5", " World")
	r.text("World", "GETRANGE", "s", "-5", "-1")
	r.number(11, "STRLEN", "s")
}

func (r *rueidisRound) keys() {
	r.ok("FLUSHALL")
	r.ok("MSET", "a", "1", "b", "2", "c", "3")
	r.number(2, "EXISTS", "a", "a", "nosuch")
	r.text("string", "TYPE", "a")
	r.text("none", "TYPE", "nosuch")
	r.ok("RENAME", "a", "d")
	r.number(0, "RENAMENX", "d", "b")
	r.number(1, "COPY", "d", "e")
	r.number(4, "DBSIZE")
	keys, err := r.do("KEYS", "[bc]").AsStrSlice()
	check(r.t, "KEYS", sorted(keys), err, []string{"b", "c"})
	r.number(1, "DEL", "b", "nosuch")
	r.number(1, "UNLINK", "c")
	r.number(1, "MOVE", "d", "1")
	r.text("e", "RANDOMKEY")
	r.ok("SWAPDB", "0", "1")
	r.text("1", "GET", "d")
	r.text("int", "OBJECT", "ENCODING", "d")
	r.ok("FLUSHDB")
	r.number(0, "DBSIZE")
	const count = 300
	for i := range count {
		r.ok("SET", "key:"+strconv.Itoa(i), "v")
	}
	found := map[string]bool{}
	for cursor := uint64(0); ; {
		entry, err := r.do("SCAN", strconv.FormatUint(cursor, 10), "MATCH", "key:*", "COUNT", "11").AsScanEntry()
		if err != nil {
			r.t.Fatal(err)
		}
		for _, key := range entry.Elements {
			found[key] = true
		}
		if cursor = entry.Cursor; cursor == 0 {
			break
		}
	}
	check(r.t, "SCAN", len(found), nil, count)
}

func (r *rueidisRound) expiry() {
	r.ok("FLUSHALL")
	r.ok("SET", "k", "v")
	r.number(0, "EXPIRE", "k", "100", "XX")
	r.number(1, "PEXPIRE", "k", "100000", "NX")
	left, err := r.do("PTTL", "k").ToInt64()
	that(r.t, "PTTL", err, left > 90000 && left <= 100000, left)
	r.number(1, "PERSIST", "k")
	r.number(1, "EXPIREAT", "k", "33177117420")
	r.number(33177117420, "EXPIRETIME", "k")
	r.number(1, "PEXPIREAT", "k", "33177117420123")
	r.number(33177117420123, "PEXPIRETIME", "k")
	r.number(1, "EXPIRE", "k", "0")
	r.number(0, "EXISTS", "k")
	r.number(-2, "TTL", "k")
	r.fails("invalid expire time in 'set' command", "SET", "k", "v", "EX", "0")
}

func (r *rueidisRound) server() {
	r.text("PONG", "PING")
	r.text("hello", "ECHO", "hello")
	r.text("rueidis", "CLIENT", "GETNAME")
	r.ok("CLIENT", "SETNAME", "renamed")
	r.ok("CLIENT", "SETINFO", "LIB-VER", "1.2.3")
	info, err := r.do("CLIENT", "INFO").ToString()
	that(r.t, "CLIENT INFO", err, strings.Contains(info, "name=renamed") && strings.Contains(info, "resp=3"), info)
	list, err := r.do("CLIENT", "LIST").ToString()
	that(r.t, "CLIENT LIST", err, strings.Contains(list, "lib-ver=1.2.3"), list)
	hello, err := r.do("HELLO", "3").AsMap()
	proto := hello["proto"]
	version, err2 := proto.AsInt64()
	that(r.t, "HELLO", err, err2 == nil && version == 3, hello)
	config, err := r.do("CONFIG", "GET", "databases").AsStrMap()
	check(r.t, "CONFIG GET", config, err, map[string]string{"databases": "16"})
	moment, err := r.do("TIME").AsStrSlice()
	that(r.t, "TIME", err, len(moment) == 2, moment)
	text, err := r.do("INFO").ToString()
	that(r.t, "INFO", err, strings.Contains(text, "# Keyspace"), text)
	docs, err := r.do("COMMAND", "DOCS", "get").AsMap()
	that(r.t, "COMMAND DOCS", err, len(docs) == 1, docs)
	described, err := r.do("COMMAND", "INFO", "get", "set").ToArray()
	check(r.t, "COMMAND INFO", len(described), err, 2)
	r.fails("unknown command 'NOSUCH', with args beginning with: 'a' ", "NOSUCH", "a")
	r.fails("wrong number of arguments for 'get' command", "GET")
}

func (r *rueidisRound) transactions() {
	r.ok("FLUSHALL")
	err := r.client.Dedicated(func(d rueidis.DedicatedClient) error {
		b := d.B()
		if err := d.Do(r.ctx, b.Watch().Key("k").Build()).Error(); err != nil {
			return err
		}
		replies := d.DoMulti(r.ctx,
			b.Multi().Build(), b.Set().Key("k").Value("1").Build(), b.Incr().Key("k").Build(), b.Exec().Build())
		values, err := replies[3].ToArray()
		that(r.t, "EXEC", err, len(values) == 2, values)
		if err := d.Do(r.ctx, b.Watch().Key("k").Build()).Error(); err != nil {
			return err
		}
		r.ok("SET", "k", "changed")
		replies = d.DoMulti(r.ctx, b.Multi().Build(), b.Incr().Key("k").Build(), b.Exec().Build())
		that(r.t, "EXEC after a change", nil, rueidis.IsRedisNil(replies[2].Error()), replies[2].Error())
		replies = d.DoMulti(r.ctx, b.Multi().Build(), b.Incr().Key("k").Build(), b.Discard().Build())
		return replies[2].Error()
	})
	that(r.t, "transactions", err, true, nil)
	r.text("changed", "GET", "k")
}

func (r *rueidisRound) pipeline() {
	r.ok("FLUSHALL")
	const count = 2000
	commands := make(rueidis.Commands, count)
	for i := range commands {
		commands[i] = r.client.B().Incr().Key("n").Build()
	}
	for i, reply := range r.client.DoMulti(r.ctx, commands...) {
		if got, err := reply.ToInt64(); err != nil || got != int64(i+1) {
			r.t.Fatalf("reply %d of a pipeline: %d, %v", i+1, got, err)
		}
	}
}
