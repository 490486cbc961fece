// Package clients drives the server with client libraries and tools that people use: go-redis (and its client for clusters),
// rueidis, gomemcache, redis-py, redis-cli, redis-benchmark and memccapable. Each does a round trip of
// every command a caching client needs, under every engine this machine has. Others (node-redis, ioredis, BullMQ,
// phpredis, hiredis, the command sequences of well-known queues) print a transcript, which is held against
// the one they print of the real Redis.
//
// The package has tests only. The server they drive is started by internal/compat/servertest; none of
// them imports anything else of ours, since a client knows nothing of the server but its protocol.
package clients
