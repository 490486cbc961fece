// Package pubsub is who listens to which channel, and who gets a message.
//
// A Topic is what can be subscribed to: a channel, a pattern of channels' names,
// or a shard channel. It knows its listeners loop by loop. To publish is to find
// the topics that a message concerns and to put one letter (package push) into
// the inbox of each loop that has listeners to any of them; that loop then has
// its listeners hear it.
//
// # Order
//
// Messages are numbered under the lock of the Broker, and put into all inboxes
// under it: everybody hears all messages in one order, which is that of their
// publishers. A Subscription notes the number at which it began, and hears
// nothing older that is still on its way.
//
// # Threads
//
// Any thread publishes. Subscribing and unsubscribing is done by the thread of
// the listener's loop, under the lock, so that this thread may read its own
// loop's lists without. The lock may be taken with shards of the keyspace
// locked, and nothing but an inbox is locked under it.
//
// # Memory
//
// Topics, subscriptions and messages are on the Go heap. The names of a client's
// subscriptions are bounded by the command room, letters by package push.
package pubsub
