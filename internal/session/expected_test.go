package session

import "testing"

func said(t *testing.T, c *client, want string) {
	t.Helper()
	if got := c.read(1 << 10); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What was shown before it is fed is answered once, in order, and what was
// shown but never came is not.
func TestExpectedRequests(t *testing.T) {
	r := newRig(t, rigSettings())
	a, b, c := r.connect(t, RESP), r.connect(t, Memcache), r.connect(t, RESP)
	a.Feed([]byte("SET k old\r\n"))
	said(t, a, "+OK\r\n")
	b.Feed([]byte("version\r\n"))
	b.read(100)

	get, set, pipeline := []byte("GET k\r\n"), []byte("set k 0 0 3\r\nnew\r\n"), []byte("GET k\r\nGET k\r\n")
	a.Expect(get)
	b.Expect(set)
	c.Expect(pipeline)
	a.Feed(get)
	b.Feed(set)
	c.Feed(pipeline)
	said(t, a, "$3\r\nold\r\n")
	said(t, b, "STORED\r\n")
	said(t, c, "$3\r\nnew\r\n$3\r\nnew\r\n")

	// Shown and not fed; then other bytes come at another place.
	a.Expect([]byte("DEL k\r\n"))
	c.Expect(get)
	c.Feed(get)
	said(t, c, "$3\r\nnew\r\n")
	a.Feed([]byte("GET k\r\n"))
	said(t, a, "$3\r\nnew\r\n")

	// Half a request is not expected, nor what completes it.
	a.Expect([]byte("GET "))
	a.Feed([]byte("GET "))
	a.Expect([]byte("k\r\n"))
	a.Feed([]byte("k\r\n"))
	said(t, a, "$3\r\nnew\r\n")

	// A session that is gone leaves nothing to be carried out.
	a.Expect(get)
	a.hangUp()
	c.Expect(get)
	c.Feed(get)
	said(t, c, "$3\r\nnew\r\n")
}
