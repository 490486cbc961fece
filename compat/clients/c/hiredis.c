/* A round trip of hiredis, with its pipelines and its RESP3 types. Usage: hiredis PORT. It prints what came back,
 * which must be the same whichever server it was. */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show(const redisReply *r, int depth)
{
    printf("%*s", depth * 2, "");
    switch (r->type) {
    case REDIS_REPLY_STRING: printf("string %.*s\n", (int)r->len, r->str); break;
    case REDIS_REPLY_STATUS: printf("status %s\n", r->str); break;
    case REDIS_REPLY_ERROR: printf("error %s\n", r->str); break;
    case REDIS_REPLY_INTEGER: printf("integer %lld\n", r->integer); break;
    case REDIS_REPLY_NIL: printf("nil\n"); break;
    default:
        printf("type %d of %zu\n", r->type, r->elements);
        for (size_t i = 0; i < r->elements; i++)
            show(r->element[i], depth + 1);
    }
}

static void print(redisContext *c, redisReply *r)
{
    if (!r) {
        printf("connection: %s\n", c->errstr);
        exit(1);
    }
    show(r, 0);
    freeReplyObject(r);
}

#define DO(...) do { printf("> %s\n", #__VA_ARGS__); print(c, redisCommand(c, __VA_ARGS__)); } while (0)

int main(int argc, char **argv)
{
    struct timeval timeout = {5, 0};
    redisContext *c = argc == 2 ? redisConnectWithTimeout("127.0.0.1", atoi(argv[1]), timeout) : NULL;
    redisReply *reply;

    if (!c || c->err)
        return 1;
    redisSetTimeout(c, timeout);
    DO("FLUSHALL");
    DO("SET %s %b", "k", "a\0b", (size_t)3);
    DO("STRLEN k");
    DO("MSET a 1 b 2");
    DO("MGET a b nosuch");
    DO("INCRBYFLOAT a 1.5");
    DO("RPUSH l 1 2 3");
    DO("LRANGE l 0 -1");
    DO("LPUSH a 1");
    DO("HSET h f v");
    DO("HGETALL h");
    DO("ZADD z 1.5 m");
    DO("ZSCORE z m");
    DO("XADD x 1-1 f v");
    DO("XREAD STREAMS x 0");
    DO("EVAL %s 1 k %s", "return {ARGV[1], redis.call('strlen', KEYS[1]), {ok='fine'}, false}", "arg");
    DO("NOSUCH a b");
    DO("GET");
    for (int i = 0; i < 1000; i++)
        redisAppendCommand(c, "INCR counter");
    for (int i = 0; i < 1000; i++) {
        if (redisGetReply(c, (void **)&reply) != REDIS_OK)
            return 1;
        if (reply->integer != i + 1)
            printf("reply %d is %lld\n", i, reply->integer);
        freeReplyObject(reply);
    }
    DO("MULTI");
    DO("GET counter");
    DO("LPUSH counter x");
    DO("EXEC");
    DO("SUBSCRIBE one");
    DO("PSUBSCRIBE o*");
    DO("PING");
    DO("GET k");
    DO("UNSUBSCRIBE one");
    DO("PUNSUBSCRIBE o*");
    DO("PUBLISH one nobody");
    DO("QUIT");
    redisFree(c);
    return 0;
}
