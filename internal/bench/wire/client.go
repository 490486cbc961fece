package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
)

// Client sends requests on one connection and waits for their replies: for what is sent beside a load, not for the load.
// It belongs to one goroutine and keeps one buffer; deadlines are the connection's.
type Client struct {
	conn   net.Conn
	parser Parser
	buffer []byte
	from   int // what buffer holds beyond the last reply: buffer[from:to]
	to     int
}

// NewClient returns the client of a connection, which stays the caller's to close.
func NewClient(conn net.Conn, p Protocol) *Client {
	return &Client{conn: conn, parser: p.NewParser(), buffer: make([]byte, 16<<10)}
}

// Keep hands every body of the replies that follow to visit; a body is valid only during the call.
func (c *Client) Keep(visit func(body []byte)) { c.parser.Keep(visit) }

// Exchange sends count requests that lie one after another and waits for as many replies. A refusal is an error. What is
// sent must fit the sockets' buffers together with its replies, or both sides wait for each other.
func (c *Client) Exchange(requests []byte, count int) error {
	if _, err := c.conn.Write(requests); err != nil {
		return err
	}
	for count > 0 {
		if c.from == c.to {
			n, err := c.conn.Read(c.buffer)
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				return err
			}
			c.from, c.to = 0, n
		}
		n, done, err := c.parser.Feed(c.buffer[c.from:c.to])
		if err != nil {
			return err
		}
		c.from += n
		if !done {
			c.from = c.to
			continue
		}
		count--
		if r := c.parser.Reply(); r.Failed {
			return fmt.Errorf("the server answers %q", r.Text)
		}
	}
	return nil
}
