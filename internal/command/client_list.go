package command

import (
	"slices"
	"strconv"
	"strings"

	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/pubsub"
)

// Buffers are how much memory a connection's input and output take, in bytes.
// The session stores them on the loop's thread, once per wake-up; CLIENT LIST
// reads them from any.
type Buffers struct {
	Query     metrics.Gauge // received and not carried out yet
	Parsed    metrics.Gauge // of Query: what of a request in part is parsed
	Args      metrics.Gauge // of Parsed: arguments
	QueryFree metrics.Gauge // room left in the same memory
	Output    metrics.Gauge // replies that wait to be sent
}

// Active notes that the client took or sent something other than a request, of which the
// client knows itself.
func (c *Client) Active(nowMS int64) { c.seen.lastMS.Set(nowMS) }

// Class returns what kind of client this is. Any thread may call it.
func (c *Client) Class() Class {
	switch flags := c.seen.flags.Load(); {
	case flags&seenMaster != 0:
		return classMaster
	case flags&seenReplica != 0:
		return ClassReplica
	case flags&seenListening != 0:
		return ClassPubSub
	}
	return ClassNormal
}

// classMaster is the class of no client that limits are set for.
const classMaster = classes

// parseClass reads the word after TYPE.
func parseClass(word []byte) (of Class, known bool) {
	for class, name := range classNames {
		if equalName(word, name) {
			return Class(class), true
		}
	}
	switch {
	case equalName(word, "replica"):
		return ClassReplica, true
	case equalName(word, "master"):
		return classMaster, true
	}
	return 0, false
}

func errUnknownKind(word []byte) string {
	return "ERR Unknown client type '" + printed(word, len(word)) + "'"
}

func clientListCommand(c *Client, args [][]byte) {
	registry := c.W.Server.Clients
	var clients []*Client
	switch {
	case len(args) == 2:
		clients = registry.snapshot()
	case len(args) == 4 && equalName(args[2], "type"):
		class, known := parseClass(args[3])
		if !known {
			c.Error(errUnknownKind(args[3]))
			return
		}
		clients = slices.DeleteFunc(registry.snapshot(), func(other *Client) bool { return other.Class() != class })
	case len(args) > 3 && equalName(args[2], "id"):
		var ids []int64
		for _, a := range args[3:] {
			id, ok := parseInt(a)
			if !ok {
				c.Error(errClientID)
				return
			}
			ids = append(ids, id)
		}
		clients = registry.get(ids)
	default:
		c.Error(errSyntax)
		return
	}
	var b strings.Builder
	for _, other := range clients {
		var own [][]byte
		if other == c {
			own = args
		}
		other.describe(&b, c.W.NowMS, own)
		b.WriteByte('\n')
	}
	c.Reply.Verbatim("txt", b.String())
}

func clientInfoCommand(c *Client, args [][]byte) {
	var b strings.Builder
	c.describe(&b, c.W.NowMS, args)
	b.WriteByte('\n')
	c.Reply.Verbatim("txt", b.String())
}

// wireBytes is how long a request is on the wire as an array of bulk strings, and how much of that its arguments
// are. There is none without arguments.
func wireBytes(args [][]byte) (whole, arguments int64) {
	if len(args) == 0 {
		return 0, 0
	}
	const frame = len("$\r\n\r\n")
	n := len("*\r\n") + len(itoa(len(args)))
	for _, a := range args {
		n += frame + len(itoa(len(a)))
		arguments += int64(len(a))
	}
	return int64(n) + arguments, arguments
}

// describe appends the client's line of CLIENT LIST. request is what it is just
// carrying out. Any thread may call it.
func (c *Client) describe(b *strings.Builder, nowMS int64, request [][]byte) {
	s := &c.seen
	num := func(name string, n int64) {
		b.WriteString(name)
		b.WriteString(strconv.FormatInt(n, 10))
	}
	word := func(name, value string) {
		b.WriteString(name)
		b.WriteString(value)
	}
	query, free, out, queued := c.Buffers.Query.Load(), c.Buffers.QueryFree.Load(), c.Buffers.Output.Load(), s.queuedBytes.Load()
	if f := c.follower.Load(); f != nil {
		out += f.behind()
	}
	num("id=", c.ID)
	word(" addr=", c.Peer.RemoteAddr())
	word(" laddr=", c.Peer.LocalAddr())
	num(" fd=", int64(c.Peer.FD()))
	word(" name=", text(&s.name))
	num(" age=", (nowMS-s.startedMS)/1000)
	num(" idle=", max(nowMS-s.lastMS.Load(), 0)/1000)
	word(" flags=", c.flagLetters())
	num(" db=", s.db.Load())
	num(" sub=", s.subscriptions[pubsub.Channel].Load())
	num(" psub=", s.subscriptions[pubsub.Pattern].Load())
	num(" ssub=", s.subscriptions[pubsub.Shard].Load())
	num(" multi=", s.queued.Load())
	num(" watch=", s.watching.Load())
	own, arguments := wireBytes(request)
	num(" qbuf=", max(query-c.Buffers.Parsed.Load(), 0)+own)
	num(" qbuf-free=", free)
	num(" argv-mem=", c.Buffers.Args.Load()+arguments)
	num(" multi-mem=", queued)
	// Replies lie in chunks from the first byte on: there is no memory of the names
	// of these fields.
	b.WriteString(" rbs=0 rbp=0 obl=0")
	num(" oll=", min(out, 1))
	num(" omem=", out)
	num(" tot-mem=", c.memory())
	word(" events=", events(out))
	word(" cmd=", c.lastCommand())
	word(" user=", s.account.Load().Name)
	num(" redir=", c.redirection())
	num(" resp=", s.proto.Load())
	word(" lib-name=", text(&s.libName))
	word(" lib-ver=", text(&s.libVer))
	num(" io-thread=", int64(c.Peer.Loop()))
}

// events says what the loop waits for: to read, and to write if replies wait.
func events(output int64) string {
	if output > 0 {
		return "rw"
	}
	return "r"
}

// flagLetters returns the letters of the field flags.
func (c *Client) flagLetters() string {
	s := &c.seen
	var b []byte
	flags := s.flags.Load()
	if flags&seenReplica != 0 {
		b = append(b, 'S')
	}
	if flags&seenMaster != 0 {
		b = append(b, 'M')
	}
	if flags&seenMonitor != 0 {
		b = append(b, 'O')
	}
	if flags&seenListening != 0 {
		b = append(b, 'P')
	}
	if s.queued.Load() >= 0 {
		b = append(b, 'x')
	}
	if flags&seenBlocked != 0 {
		b = append(b, 'b')
	}
	if t := c.published.Load(); t != nil {
		b = append(b, 't')
		if t.broken.Load() {
			b = append(b, 'R')
		}
		if flags&seenBroadcast != 0 {
			b = append(b, 'B')
		}
	}
	if c.tx.watcher.Changed() {
		b = append(b, 'd')
	}
	if flags&seenReadOnly != 0 {
		b = append(b, 'r')
	}
	if strings.HasPrefix(c.Peer.RemoteAddr(), "/") {
		b = append(b, 'U')
	}
	if flags&seenNoEvict != 0 {
		b = append(b, 'e')
	}
	if flags&seenNoTouch != 0 {
		b = append(b, 'T')
	}
	if flags&seenInternal != 0 {
		b = append(b, 'I')
	}
	if len(b) == 0 {
		return "N"
	}
	return string(b)
}

// lastCommand returns the full name of the last command that the client sent.
func (c *Client) lastCommand() string {
	if i := c.seen.command.Load(); i > 0 {
		return c.W.Server.Table.all[i-1].fullname
	}
	return "NULL"
}
