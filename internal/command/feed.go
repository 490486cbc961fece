package command

import (
	"errors"
	"time"
)

const (
	feedLow = 256 << 10 // bytes that wait for the client when the next come

	// feedTimeout is how long a client may take for a piece: repl-timeout.
	feedTimeout = 60 * time.Second
)

var (
	errLeft = errors.New("the client is gone")
	errSlow = errors.New("the client took nothing for too long")
)

// feed brings a client what a goroutine has for it, a piece at a time, the next when most of the last is
// on its way.
type feed struct {
	client *Client
	taken  chan struct{} // the client's output has room for a piece
	gone   chan struct{} // closed by the client's thread when the client is gone
}

// beFed makes the client's feed.
func (c *Client) beFed() *feed {
	c.feed = &feed{client: c, taken: make(chan struct{}, 1), gone: make(chan struct{})}
	return c.feed
}

// left reports whether the client is gone.
func (f *feed) left() bool {
	select {
	case <-f.gone:
		return true
	default:
		return false
	}
}

// piece appends to what the client is sent, and returns when most of that is on
// its way. The bytes are not needed after that.
func (f *feed) piece(b []byte) error {
	out := f.client.Reply.Out
	f.client.Peer.Post(func() {
		out.Write(b)
		out.Below(feedLow, func() { f.taken <- struct{}{} })
	})
	late := time.NewTimer(feedTimeout)
	defer late.Stop()
	select {
	case <-f.taken:
		return nil
	case <-f.gone:
		return errLeft
	case <-late.C:
		return errSlow
	}
}
