"""What the queues of Sidekiq, Celery and RQ send, command by command, with the scripts that they send.

Usage: queues.py PORT. It prints what came back, which must be the same whichever server it was.
"""

import json
import sys
import threading

import redis

r = redis.Redis(port=int(sys.argv[1]), decode_responses=True, socket_timeout=10)


def show(what, value):
    print(f"{what}: {json.dumps(value)}")


def sidekiq():
    """Jobs are pushed in a pipeline, fetched by BRPOP, scheduled in sorted sets."""
    r.flushall()
    job = json.dumps({"class": "Work", "args": [1], "jid": "b4a577edbccf1d805744efa9", "retry": True})
    pipe = r.pipeline(transaction=False)
    pipe.sadd("queues", "default").lpush("queue:default", job)
    show("sidekiq push", pipe.execute())
    show("sidekiq fetch", r.brpop(["queue:critical", "queue:default"], timeout=2))
    show("sidekiq nothing", r.brpop(["queue:critical", "queue:default"], timeout=1))
    for at in (1.5, 2.5, 99999999999.0):
        r.zadd("schedule", {json.dumps({"jid": at}): at})
    take = r.register_script("""
        local key, now = KEYS[1], ARGV[1]
        local jobs = redis.call("zrange", key, "-inf", now, "byscore", "limit", 0, 1)
        if jobs[1] then
            redis.call("zrem", key, jobs[1])
            return jobs[1]
        end""")
    show("sidekiq due", [take(keys=["schedule"], args=["100"]) for _ in range(3)])
    pipe = r.pipeline(transaction=True)
    pipe.hset("host:1:abc", mapping={"info": "{}", "busy": 1, "beat": 1.5, "quiet": "false"})
    pipe.expire("host:1:abc", 60).sadd("processes", "host:1:abc").rpop("host:1:abc-signals")
    show("sidekiq beat", pipe.execute())
    pipe = r.pipeline(transaction=False)
    pipe.incrby("stat:processed", 3).incrby("stat:processed:2026-01-01", 3)
    pipe.expire("stat:processed:2026-01-01", 157680000)
    show("sidekiq stats", pipe.execute())
    pipe = r.pipeline(transaction=False)
    pipe.get("stat:processed").zcard("schedule").zcard("retry").scard("processes").lindex("queue:default", -1).smembers("queues")
    show("sidekiq dashboard", [sorted(v) if isinstance(v, set) else v for v in pipe.execute()])


def celery():
    """Kombu's transport: a list for each priority, unacknowledged messages in a hash and a sorted set."""
    r.flushall()
    message = json.dumps({"body": "W10=", "headers": {"task": "add", "id": "1"}, "properties": {"delivery_tag": "tag"}})
    r.sadd("_kombu.binding.celery", "celery\x06\x16\x06\x16celery")
    show("celery push", r.lpush("celery", message))
    show("celery fetch", r.brpop(["celery", "celery\x06\x163", "celery\x06\x166"], 1) == ("celery", message))
    with r.pipeline() as pipe:
        pipe.zadd("unacked_index", {"tag": 1000.5}).hset("unacked", "tag", message)
        show("celery unacked", pipe.execute())
    show("celery expired", r.zrevrangebyscore("unacked_index", 2000, 0, start=0, num=10, withscores=True))

    def restore(pipe):
        body = pipe.hget("unacked", "tag")
        pipe.multi()
        pipe.zrem("unacked_index", "tag")
        pipe.hdel("unacked", "tag")
        pipe.rpush("celery", body)

    show("celery restore", r.transaction(restore, "unacked"))
    show("celery result", r.set("celery-task-meta-1", "{}", ex=86400))
    subscriber = r.pubsub()
    subscriber.subscribe("celery-task-meta-1")
    with r.pipeline() as pipe:
        pipe.setex("celery-task-meta-1", 86400, '{"status": "SUCCESS"}').publish("celery-task-meta-1", "done")
        first = subscriber.get_message(timeout=5)
        show("celery publish", [first["type"], pipe.execute()])
    show("celery told", subscriber.get_message(timeout=5)["data"])
    pipe = r.pipeline()
    pipe.incr("chord").expire("chord", 86400).rpush("chord.j", "1").llen("chord.j")
    show("celery chord", pipe.execute())
    with r.lock("celery-beat-lock", timeout=5, blocking_timeout=1) as lock:
        show("celery lock", [lock.owned(), lock.reacquire(), r.lock("celery-beat-lock").acquire(blocking=False)])
    show("celery lock gone", r.exists("celery-beat-lock"))


def rq():
    """Jobs as hashes, blocking moves, registries with scores."""
    r.flushall()
    with r.pipeline() as pipe:
        pipe.hset("rq:job:1", mapping={"status": "queued", "data": "x", "timeout": 180})
        pipe.sadd("rq:queues", "rq:queue:default").rpush("rq:queue:default", "1", "2")
        show("rq enqueue", pipe.execute())
    show("rq move", r.lmove("rq:queue:default", "rq:intermediate", "LEFT", "RIGHT"))
    show("rq blocking move", r.blmove("rq:queue:default", "rq:intermediate", 1, "LEFT", "RIGHT"))
    results = []
    waiter = threading.Thread(target=lambda: results.append(r.blmove("rq:queue:default", "rq:intermediate", 5, "LEFT", "RIGHT")))
    waiter.start()
    while int(r.info("clients")["blocked_clients"]) == 0:
        pass
    show("rq wake", r.rpush("rq:queue:default", "3"))
    waiter.join()
    show("rq woken", results)
    with r.pipeline() as pipe:
        pipe.zadd("rq:wip:default", {"1": 100}, xx=True).zadd("rq:wip:default", {"1": 100}).lrem("rq:intermediate", 1, "1")
        pipe.xadd("rq:results:1", {"type": 1}, id="1-1", maxlen=10).expire("rq:results:1", 500).xrevrange("rq:results:1", "+", "-", count=1)
        show("rq finish", pipe.execute())
    show("rq left", r.lrange("rq:intermediate", 0, -1))


sidekiq()
celery()
rq()
