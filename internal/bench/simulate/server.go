package simulate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/procstat"
	"github.com/crucible-cache/crucible/internal/bench/trace"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// server is a server of others, started anew for every replay. A trace with times to live is replayed at its own pace,
// for the server's clock can't be set; any other as fast as the server answers.
type server struct {
	contender contender.Contender
	settings  contender.Settings
}

// Name implements Cache.
func (s *server) Name() string { return s.contender.Name }

// Ours implements Cache.
func (s *server) Ours() bool { return false }

// Replay implements Cache. The limit is the server's own idea of one: maxmemory, or -m.
func (s *server) Replay(ctx context.Context, t *trace.Trace, limit int64) (Result, error) {
	settings := s.settings
	settings.MemoryMiB = int(limit >> 20)
	process, err := s.contender.Start(ctx, settings)
	if err != nil {
		return Result{}, err
	}
	defer process.Stop()
	conn, err := process.Dial()
	if err != nil {
		return Result{}, err
	}
	defer conn.Close()
	l := &client{conn: conn, protocol: s.contender.Protocol, parser: s.contender.Protocol.NewParser(), value: make([]byte, largest(t)), buffer: make([]byte, 64<<10)}
	for i := range l.value {
		l.value[i] = 'v'
	}
	began := time.Now()
	if err := l.replay(ctx, t); err != nil {
		return l.result, process.Explain(err)
	}
	l.result.Seconds = time.Since(began).Seconds()
	if l.result.Items, err = wire.Items(conn, s.contender.Protocol); err != nil {
		return l.result, err
	}
	if m, err := procstat.ReadMemory(process.PID); err == nil {
		l.result.Resident = m.Resident
	}
	return l.result, nil
}

const (
	// batch is how many requests are sent at a time. Reads come first, then what has to be stored because of them.
	batch = 32
	// answerTimeout bounds how long the server may take to answer a batch.
	answerTimeout = 10 * time.Second
)

// client replays a trace over one connection.
type client struct {
	conn     net.Conn
	protocol wire.Protocol
	parser   wire.Parser
	value    []byte
	out      []byte
	buffer   []byte
	held     []byte // of buffer: received and not yet parsed
	hits     []bool // of the replies awaited last
	result   Result
}

func (c *client) replay(ctx context.Context, t *trace.Trace) error {
	paced, began := t.Expires(), time.Now()
	for i := 0; i < len(t.Requests); {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if paced {
			time.Sleep(time.Until(began.Add(time.Duration(t.Requests[i].TimeMS) * time.Millisecond)))
		}
		// A batch doesn't straddle the middle, where counting begins anew.
		half := len(t.Requests) / 2
		if i == half {
			c.result = Result{}
		}
		end := min(i+batch, len(t.Requests))
		if i < half {
			end = min(end, half)
		}
		n, err := c.serve(t.Requests[i:end])
		if err != nil {
			return err
		}
		i += n
	}
	return nil
}

// serve serves the requests up to the first that is no read, or that alone, and returns how many those were.
func (c *client) serve(requests []trace.Request) (n int, err error) {
	n = slices.IndexFunc(requests, func(r trace.Request) bool { return r.Op != trace.Get })
	if n < 0 {
		n = len(requests)
	}
	if n == 0 {
		return 1, c.write(&requests[0])
	}
	return n, c.read(requests[:n])
}

func (c *client) write(r *trace.Request) error {
	c.out = c.out[:0]
	if r.Op == trace.Delete {
		c.appendDelete(r)
	} else {
		c.appendSet(r)
	}
	return c.exchange(1)
}

// read asks for objects and stores those that were not there. One that was asked for before in the same batch would have
// been stored meanwhile: it is read, so that the server counts the use, and counts as found.
func (c *client) read(requests []trace.Request) error {
	c.out = c.out[:0]
	for i := range requests {
		c.appendGet(&requests[i])
	}
	if err := c.exchange(len(requests)); err != nil {
		return err
	}
	c.out = c.out[:0]
	missed := 0
	for i := range requests {
		c.result.Reads++
		if c.hits[i] || slices.ContainsFunc(requests[:i], func(r trace.Request) bool { return r.Object == requests[i].Object }) {
			continue
		}
		c.result.Misses++
		missed++
		c.appendSet(&requests[i])
	}
	return c.exchange(missed)
}

func (c *client) appendGet(r *trace.Request) {
	if c.protocol == wire.RESP {
		c.out = append(c.out, "*2\r\n$3\r\nGET\r\n"...)
		c.appendName(r)
		return
	}
	c.out = append(c.out, "get "...)
	c.out = append(appendKey(c.out, r.Object), "\r\n"...)
}

func (c *client) appendDelete(r *trace.Request) {
	if c.protocol == wire.RESP {
		c.out = append(c.out, "*2\r\n$3\r\nDEL\r\n"...)
		c.appendName(r)
		return
	}
	c.out = append(c.out, "delete "...)
	c.out = append(appendKey(c.out, r.Object), "\r\n"...)
}

func (c *client) appendName(r *trace.Request) {
	c.out = append(c.out, "$16\r\n"...)
	c.out = append(appendKey(c.out, r.Object), "\r\n"...)
}

func (c *client) appendSet(r *trace.Request) {
	value := c.value[:r.Size]
	if c.protocol != wire.RESP {
		c.out = append(c.out, "set "...)
		c.out = appendKey(c.out, r.Object)
		c.out = fmt.Appendf(c.out, " 0 %d %d\r\n", r.TTL, r.Size)
		c.out = append(append(c.out, value...), "\r\n"...)
		return
	}
	words := "*3\r\n$3\r\nSET\r\n"
	if r.TTL > 0 {
		words = "*5\r\n$3\r\nSET\r\n"
	}
	c.out = append(c.out, words...)
	c.appendName(r)
	c.out = fmt.Appendf(c.out, "$%d\r\n", r.Size)
	c.out = append(append(c.out, value...), "\r\n"...)
	if r.TTL > 0 {
		ttl := strconv.Itoa(int(r.TTL))
		c.out = fmt.Appendf(c.out, "$2\r\nEX\r\n$%d\r\n%s\r\n", len(ttl), ttl)
	}
}

// exchange sends what is in out and awaits n replies. A server may refuse to store (a value too large, no memory to be
// had): then the object is simply not there.
func (c *client) exchange(n int) error {
	c.hits = c.hits[:0]
	if n == 0 {
		return nil
	}
	if err := c.conn.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return err
	}
	sent := make(chan error, 1)
	if len(c.out) <= socketBytes {
		_, err := c.conn.Write(c.out)
		sent <- err
	} else {
		go func() { _, err := c.conn.Write(c.out); sent <- err }()
	}
	for len(c.hits) < n {
		if len(c.held) == 0 {
			got, err := c.conn.Read(c.buffer)
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				return err
			}
			c.held = c.buffer[:got]
		}
		used, done, err := c.parser.Feed(c.held)
		if err != nil {
			return err
		}
		c.held = c.held[used:]
		if done {
			r := c.parser.Reply()
			c.hits = append(c.hits, r.Values > 0)
		}
	}
	return <-sent
}

// socketBytes is how much can be sent without that anybody reads the replies meanwhile.
const socketBytes = 64 << 10
