"""A round trip of redis-py against the server at 127.0.0.1:PORT.

Usage: redispy.py PORT. Prints each check that fails and exits 1 when one did.
"""

import sys
import time

import redis

failures = []


def check(what, got, want):
    if got != want:
        failures.append(f"{what}: got {got!r}, want {want!r}")


def refused(what, want, call):
    try:
        got = call()
    except redis.RedisError as error:
        check(what, f"{type(error).__name__}: {error}", want)
    else:
        failures.append(f"{what}: got {got!r}, want the error {want!r}")


def strings(r):
    r.flushall()
    for value in (b"v", b"", b"\x00\r\n\xff", b"x" * 1_000_000):
        check("set", r.set("k", value), True)
        check("get", r.get("k"), value)
    check("get of a missing key", r.get("nosuch"), None)
    check("set nx", r.set("k", "w", nx=True), None)
    check("set xx ex", r.set("k", "w", xx=True, ex=100), True)
    check("set get keepttl", r.set("k", "x", get=True, keepttl=True), b"w")
    check("ttl", 95 <= r.ttl("k") <= 100, True)
    check("getex persist", r.getex("k", persist=True), b"x")
    check("getset", r.getset("k", "y"), b"x")
    check("getdel", r.getdel("k"), b"y")
    check("setnx", r.setnx("k", "v"), True)
    check("setex", r.setex("k", 100, "v"), True)
    check("psetex", r.psetex("k", 100000, "v"), True)
    check("mset", r.mset({"a": 1, "b": 2}), True)
    check("mget", r.mget("a", "nosuch", "b"), [b"1", None, b"2"])
    check("msetnx", r.msetnx({"b": 3, "c": 4}), False)
    check("append", r.append("s", "Hello"), 5)
    check("setrange", r.setrange("s", 5, " World"), 11)
    check("getrange", r.getrange("s", -5, -1), b"World")
    check("strlen", r.strlen("s"), 11)


def numbers(r):
    r.flushall()
    check("incr", r.incr("n"), 1)
    check("incrby", r.incrby("n", 41), 42)
    check("decr", r.decr("n"), 41)
    check("decrby", r.decrby("n", 1), 40)
    check("incrbyfloat", r.incrbyfloat("n", 0.5), 40.5)
    refused("incr of a float", "ResponseError: value is not an integer or out of range", lambda: r.incr("n"))


def keys(r, other):
    r.flushall()
    r.mset({"a": 1, "b": 2, "c": 3})
    check("exists", r.exists("a", "a", "nosuch"), 2)
    check("type", r.type("a"), b"string")
    check("keys", sorted(r.keys("[ab]")), [b"a", b"b"])
    check("rename", r.rename("a", "d"), True)
    check("renamenx", r.renamenx("d", "b"), False)
    check("copy", r.copy("d", "e"), True)
    check("copy replace", r.copy("b", "e", replace=True), True)
    check("dbsize", r.dbsize(), 4)
    check("delete", r.delete("b", "nosuch"), 1)
    check("unlink", r.unlink("c"), 1)
    check("move", r.move("d", 1), True)
    check("get in database 1", other.get("d"), b"1")
    check("randomkey", r.randomkey(), b"e")
    check("swapdb", r.swapdb(0, 1), True)
    check("get after swapdb", r.get("d"), b"1")
    check("object encoding", r.object("encoding", "d"), b"int")
    check("object idletime", r.object("idletime", "d") < 10, True)
    check("flushdb", r.flushdb(), True)
    for i in range(300):
        r.set(f"key:{i}", i)
    check("scan", len(set(r.scan_iter(match="key:*", count=11))), 300)


def expiry(r):
    r.flushall()
    r.set("k", "v")
    check("expire", r.expire("k", 100), True)
    check("pexpire", r.pexpire("k", 100000), True)
    check("pttl", 90000 < r.pttl("k") <= 100000, True)
    check("persist", r.persist("k"), True)
    check("ttl of a key that stays", r.ttl("k"), -1)
    check("expireat", r.expireat("k", 33177117420), True)
    check("expiretime", r.execute_command("EXPIRETIME", "k"), 33177117420)
    check("pexpireat", r.pexpireat("k", 33177117420123), True)
    check("pexpiretime", r.execute_command("PEXPIRETIME", "k"), 33177117420123)
    r.set("k", "v", px=20)
    time.sleep(0.05)
    check("exists once the time is up", r.exists("k"), 0)


def server(r):
    check("ping", r.ping(), True)
    check("echo", r.echo("hello"), b"hello")
    check("client setname", r.client_setname("redis-py"), True)
    check("client getname", r.client_getname(), "redis-py")
    check("client id", r.client_id() > 0, True)
    check("client info", r.client_info()["name"], "redis-py")
    check("client list", any(c["name"] == "redis-py" for c in r.client_list()), True)
    check("config get", r.config_get("databases"), {"databases": "16"})
    policy = r.config_get("maxmemory-policy")["maxmemory-policy"]
    check("config set", r.config_set("maxmemory-policy", policy), True)
    check("info", r.info("replication")["role"], "master")
    check("time", abs(r.time()[0] - time.time()) < 60, True)
    check("command", r.command()["get"]["arity"], 2)
    check("command count", r.command_count() == len(r.command()), True)
    check("command getkeys", r.command_getkeys("MSET", "a", 1, "b", 2), ["a", "b"])
    refused("auth", "ResponseError: WRONGPASS invalid username-password pair or user is disabled.",
            lambda: r.execute_command("AUTH", "nosuch", "wrong"))
    refused("an unknown command", "ResponseError: unknown command 'NOSUCH', with args beginning with: 'a' ",
            lambda: r.execute_command("NOSUCH", "a"))


def transactions(r, rival):
    r.flushall()
    with r.pipeline() as pipe:
        check("exec", pipe.set("k", 1).incr("k").get("k").execute(), [True, 2, b"2"])
        pipe.watch("k")
        rival.set("k", "changed")
        pipe.multi()
        pipe.incr("k")
        refused("exec after a change", "WatchError: Watched variable changed.", pipe.execute)
        pipe.watch("k")
        rival.set("k", 7)
        pipe.unwatch()
        pipe.multi()
        pipe.incr("k")
        check("exec after unwatch", pipe.execute(), [8])
    with r.pipeline(transaction=False) as pipe:
        for _ in range(2000):
            pipe.incr("n")
        check("a pipeline", pipe.execute(), list(range(1, 2001)))


def main():
    port = int(sys.argv[1])

    def connect(db=0):
        return redis.Redis(host="127.0.0.1", port=port, db=db, socket_timeout=10, single_connection_client=True)

    r = connect()
    strings(r)
    numbers(r)
    keys(r, connect(1))
    expiry(r)
    server(r)
    transactions(r, connect())
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
