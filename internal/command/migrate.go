package command

import (
	"errors"
	"net"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

// The errors of MIGRATE.
const (
	errMigrateKeys    = "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string"
	errMigrateConnect = "IOERR error or timeout connecting to the client"
	errMigrateWrite   = "IOERR error or timeout writing to target instance"
	errMigrateRead    = "IOERR error or timeout reading from target instance"
	errMigrateTarget  = "ERR Target instance replied with error: "
	errMigrateChanged = "IOERR the key changes faster than it can be migrated"
)

const (
	migrateTimeout = time.Second // where a request gives none

	// migrateRounds is how often keys are sent that change on the way.
	migrateRounds = 32
)

// migration carries keys to another server. The network is waited for by a
// goroutine, while the loop goes on; keys are watched meanwhile, and one that
// changed is sent again before it is deleted here.
type migration struct {
	host, port    string
	db            int64
	timeout       time.Duration
	copy, replace bool
	user, secret  string
	auth          int // words of AUTH, 0 for none

	keys []*migrant
	from int // database
}

// migrant is a key on its way.
type migrant struct {
	name    []byte
	payload []byte
	ttl     int64
	watcher keyspace.Watcher
	problem string // of the target, "" = it has the key
}

// migrateCommand blocks its client, and nobody else unless it runs in a
// transaction or script, which is one step to everybody.
func migrateCommand(c *Client, args [][]byte) {
	m, ok := c.parseMigrate(args)
	if !ok {
		return
	}
	if m.collect(c.W); len(m.keys) == 0 {
		c.Reply.SimpleString("NOKEY")
		return
	}
	if c.W.Holding() {
		failure := m.send()
		if failure = m.settle(c.W, failure); failure != "" {
			c.Error(failure)
		} else {
			c.Reply.Raw(resp.OK)
		}
		return
	}
	c.await(args)
	c.migrating = m
	m.launch(c, c.waiter.Load(), migrateRounds)
}

// launch sends the keys on another thread, and again what changed meanwhile.
func (m *migration) launch(c *Client, x *waiter, rounds int) {
	go func() {
		failure := m.send()
		c.Peer.Post(func() {
			w := c.W
			failure = m.settle(w, failure)
			if failure == "" && len(m.keys) > 0 {
				if m.collect(w); len(m.keys) > 0 && rounds > 0 {
					m.replace = true // what is there is ours
					m.launch(c, x, rounds-1)
					return
				}
				if len(m.keys) > 0 {
					m.forget(w)
					failure = errMigrateChanged
				}
			}
			c.migrating = nil
			reply := resp.OK
			if failure != "" {
				w.countError(failure)
				reply = "-" + failure + "\r\n"
			}
			if x.cancel() {
				c.unblock(x, []byte(reply))
			}
		})
	}()
}

// collect encodes the keys, of which those that there are stay in m.
func (m *migration) collect(w *Worker) {
	held, there := w.Holding(), m.keys[:0]
	for i := range m.keys {
		x := m.keys[i]
		k := w.Worker.Key(x.name)
		if !held {
			w.Watch(m.from, k, &x.watcher)
			w.LockKey(k)
		}
		it, found := w.Peek(m.from, k)
		if found {
			x.payload = w.dump(x.payload[:0], k, it)
			if x.ttl = 0; it.ExpireAt() != 0 {
				x.ttl = max(1, it.ExpireAt()-w.NowMS)
			}
		}
		if !held {
			w.Unlock()
		}
		if found {
			there = append(there, x)
		} else if !held {
			w.Unwatch(&x.watcher)
		}
	}
	m.keys = there
}

// settle deletes what the target has, and leaves in m what changed meanwhile. It
// returns the first thing that went wrong.
func (m *migration) settle(w *Worker, failure string) string {
	held := w.Holding()
	var again []*migrant
	for i := range m.keys {
		x := m.keys[i]
		if x.problem != "" {
			if failure == "" {
				failure = x.problem
			}
		} else if !m.copy {
			k := w.Worker.Key(x.name)
			if !held {
				w.LockKey(k)
			}
			opened := w.beginUnit()
			if x.watcher.Changed() {
				again = append(again, x)
			} else if w.Delete(m.from, k) {
				w.Event(keyspace.GenericEvent, "del", m.from, k)
				if w.unit.open {
					w.tell(m.from, "DEL", x.name)
					w.unit.told = true
				}
			}
			if !held {
				w.tellUnit()
				w.endUnit(opened)
				w.serveWaiters()
				w.Unlock()
			}
		}
		if !held {
			w.Unwatch(&x.watcher)
		}
	}
	m.keys = again
	return failure
}

// forget ends the watching of keys of which nothing will come. No shard is locked.
func (m *migration) forget(w *Worker) {
	for i := range m.keys {
		w.Unwatch(&m.keys[i].watcher)
	}
}

// send carries the keys over and notes the target's reply to each. It returns
// what went wrong with all of them.
func (m *migration) send() (failure string) {
	for i := range m.keys {
		m.keys[i].problem = errMigrateRead
	}
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(m.host, m.port), m.timeout)
	if err != nil {
		var lookup *net.DNSError
		if errors.As(err, &lookup) || errors.Is(err, os.ErrDeadlineExceeded) {
			return errMigrateConnect
		}
		return errMigrateWrite
	}
	defer conn.Close() //nolint:errcheck // all that matters was replied
	target := &migrationTarget{conn: conn, timeout: m.timeout}
	if err := target.write(m.requests()); err != nil {
		return errMigrateWrite
	}
	if m.auth > 0 {
		failure = target.reply()
	}
	if text := target.reply(); failure == "" { // SELECT
		failure = text
	}
	for i := range m.keys {
		if m.keys[i].problem = target.reply(); m.keys[i].problem == errMigrateRead {
			return errMigrateRead
		}
		if failure != "" { // it may have gone to another database
			m.keys[i].problem = failure
		}
	}
	return failure
}

// requests are what is sent, one after another.
func (m *migration) requests() (b []byte) {
	switch m.auth {
	case 1:
		b = appendRequest(b, "AUTH", m.secret)
	case 2:
		b = appendRequest(b, "AUTH", m.user, m.secret)
	}
	b = appendRequest(b, "SELECT", strconv.FormatInt(m.db, 10))
	for i := range m.keys {
		x := m.keys[i]
		words := []string{"RESTORE", string(x.name), strconv.FormatInt(x.ttl, 10), string(x.payload)}
		if m.replace {
			words = append(words, "REPLACE")
		}
		b = appendRequest(b, words...)
	}
	return b
}

func appendRequest[T string | []byte](b []byte, words ...T) []byte {
	b = append(strconv.AppendInt(append(b, '*'), int64(len(words)), 10), "\r\n"...)
	return appendWords(b, words...)
}

func appendWords[T string | []byte](b []byte, words ...T) []byte {
	for _, w := range words {
		b = append(strconv.AppendInt(append(b, '$'), int64(len(w)), 10), "\r\n"...)
		b = append(append(b, w...), "\r\n"...)
	}
	return b
}

// migrationTarget is the connection to the other server.
type migrationTarget struct {
	conn    net.Conn
	timeout time.Duration
	in      []byte
}

func (t *migrationTarget) write(b []byte) error {
	for len(b) > 0 { // the time limit is for a piece, not for all of a large value
		n := min(len(b), 64<<10)
		_ = t.conn.SetWriteDeadline(time.Now().Add(t.timeout))
		if _, err := t.conn.Write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// replyMax bounds the line of a reply.
const replyMax = 64 << 10

// reply reads a line, and returns "" unless it is an error.
func (t *migrationTarget) reply() (failure string) {
	for {
		if end := slices.Index(t.in, '\n'); end >= 0 {
			line := string(t.in[:max(end-1, 0)])
			t.in = t.in[end+1:]
			if line != "" && line[0] == '-' {
				return errMigrateTarget + line[1:]
			}
			return ""
		}
		var buf [4096]byte
		_ = t.conn.SetReadDeadline(time.Now().Add(t.timeout))
		n, err := t.conn.Read(buf[:])
		if t.in = append(t.in, buf[:n]...); err != nil || len(t.in) > replyMax {
			return errMigrateRead
		}
	}
}

func (c *Client) parseMigrate(args [][]byte) (m *migration, ok bool) {
	m = &migration{host: string(args[1]), port: string(args[2]), from: c.DB}
	if _, ok := parseInt(args[2]); !ok {
		m.port = "0" // which nobody listens on
	}
	keys := args[3:4]
	for i := 6; i < len(args) && keys != nil; i++ {
		left := len(args) - i - 1
		switch {
		case equalName(args[i], "copy"):
			m.copy = true
		case equalName(args[i], "replace"):
			m.replace = true
		case equalName(args[i], "auth") && left >= 1:
			m.auth, m.secret = 1, string(args[i+1])
			i++
		case equalName(args[i], "auth2") && left >= 2:
			m.auth, m.user, m.secret = 2, string(args[i+1]), string(args[i+2])
			i += 2
		case equalName(args[i], "keys"):
			if len(args[3]) != 0 {
				c.Error(errMigrateKeys)
				return nil, false
			}
			keys = args[i+1:]
			i = len(args)
		default:
			c.Error(errSyntax)
			return nil, false
		}
	}
	ms, ok := parseInt(args[5])
	if ok {
		m.db, ok = parseInt(args[4])
	}
	if !ok {
		c.Error(errNotInteger)
		return nil, false
	}
	if m.timeout = migrateTimeout; ms > 0 {
		m.timeout = time.Duration(min(ms, maxInt32)) * time.Millisecond
	}
	for _, name := range keys {
		m.keys = append(m.keys, &migrant{name: slices.Clone(name)})
	}
	return m, true
}

// migrateKey finds the key of a MIGRATE that has no list of them.
func migrateKey(args [][]byte) (first, last int) {
	if migrateList(args) > 0 {
		return 0, 0
	}
	return 3, 3
}

// migrateKeys finds the keys of a MIGRATE behind the word KEYS. An empty key has
// to make the way for them.
func migrateKeys(args [][]byte) (first, last int) {
	if len(args[3]) > 0 {
		return 0, 0
	}
	return migrateList(args), len(args) - 1
}

// migrateList returns where the list of keys of a MIGRATE begins, 0 if it has none.
func migrateList(args [][]byte) int {
	for i := 6; i < len(args)-1; i++ {
		switch {
		case equalName(args[i], "auth"):
			i++
		case equalName(args[i], "auth2"):
			i += 2
		case equalName(args[i], "keys"):
			return i + 1
		}
	}
	return 0
}
