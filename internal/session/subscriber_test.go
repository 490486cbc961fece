package session

import (
	"strings"
	"testing"
	"time"
)

// A subscriber that does not read is closed when more waits for it than the
// limits of its class allow, whatever those of others are.
func TestSubscriberThatDoesNotRead(t *testing.T) {
	for _, x := range []struct {
		limit    string
		messages int           // of 10 KB, all at once
		after    time.Duration // how long nothing more happens
		closed   bool
	}{
		{"pubsub 1mb 0 0", 150, 0, true},
		{"pubsub 1mb 0 0", 50, 5 * time.Second, false},
		{"normal 100kb 0 0 pubsub 0 0 0", 150, 5 * time.Second, false},
		{"pubsub 0 500kb 2", 60, time.Second, false},
		{"pubsub 0 500kb 2", 60, 4 * time.Second, true},
		{"pubsub 0 500kb 2", 40, 4 * time.Second, false},
	} {
		r := newRig(t, rigSettings())
		subscriber, publisher := r.connect(t, RESP), r.connect(t, RESP)
		publisher.turn([]byte(array("CONFIG", "SET", "client-output-buffer-limit", x.limit)))
		subscriber.turn([]byte(array("SUBSCRIBE", "ch")))
		message := array("PUBLISH", "ch", strings.Repeat("x", 10_000))
		for range x.messages {
			publisher.turn([]byte(message))
		}
		r.pass(x.after)
		if subscriber.killed != x.closed {
			t.Errorf("%q, %d messages, %v: closed is %v, %d bytes wait", x.limit, x.messages, x.after, subscriber.killed, subscriber.Output().Len())
		}
		if publisher.killed {
			t.Errorf("%q: the publisher was closed", x.limit)
		}
	}
}
