package command

import (
	"cmp"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/stream"
)

// stage is how far a replica of this server is.
type stage int32

const (
	stageWait   stage = iota // its file is being made
	stageSend                // its file is on the way
	stageOnline              // it follows the stream, or will when it says that it has read the file
)

func (s stage) String() string { return [...]string{"wait_bgsave", "send_bulk", "online"}[s] }

// follower is a client that is a replica of this server, or wants all data once. A transfer brings it the data; from then on its
// loop copies to its output what the stream has, a piece at a time, from where the follower is. Nobody who writes waits
// for it: what it has not read waits in the stream, for as long as that is within the output limit of replicas.
type follower struct {
	*feed
	want wish // as it was when the client asked
	host string
	port int
	old  bool // it said SYNC and may never say how far it is

	stage   atomic.Int32
	acked   atomic.Int64 // offset up to which it has the stream
	durable atomic.Int64 // and has it on disk
	ackedMS atomic.Int64 // when it said so last, unix
	sent    atomic.Int64 // bytes of the stream

	overMS int64 // since when it is over the soft limit, 0 if it isn't; of the thread that tends

	mu     sync.Mutex
	reader *stream.Reader // nil before the moment that its data is of
	ended  bool           // it is no follower any more

	flows   bool // the stream is being sent; of the client's thread
	hasRead bool // the client has said that it has read the file; of the client's thread
}

// followers are all there are.
type followers struct {
	mu      sync.Mutex // of the list, and of whether the stream is wanted
	list    []*follower
	count   atomic.Int32
	lackMS  int64        // since when there is none
	lastMS  int64        // when they were last looked at as a whole
	pingMS  atomic.Int64 // when the stream last had a PING, or needed none
	waiters waiters

	full, partial, refused atomic.Uint64 // synchronizations
	sent                   atomic.Int64  // bytes to those that are gone
}

// each returns those there are now, oldest first.
func (x *followers) each() []*follower {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.list)
}

// bytesSent returns how much of the stream replicas were sent.
func (x *followers) bytesSent() int64 {
	n := x.sent.Load()
	for _, f := range x.each() {
		n += f.sent.Load()
	}
	return n
}

// becomeFollower makes the client a follower.
func (c *Client) becomeFollower(old bool) *follower {
	f := &follower{feed: c.beFed(), want: *cmp.Or(c.wish, &wish{}), old: old, port: 0}
	f.host, f.port = f.want.address, f.want.port
	if f.host == "" {
		f.host = hostOf(c.Peer.RemoteAddr())
	}
	f.ackedMS.Store(c.W.NowMS)
	c.follower.Store(f)
	c.seen.setFlag(seenReplica, true)
	c.mute = replyFollower
	s := c.W.Server
	x := &s.followers
	x.mu.Lock()
	if len(x.list) == 0 {
		x.pingMS.Store(c.W.NowMS)
	}
	x.list = append(x.list, f)
	x.count.Add(1)
	x.mu.Unlock()
	return f
}

// hostOf is the host of an address as clients show it.
func hostOf(addr string) string {
	if strings.HasPrefix(addr, "/") {
		return strings.TrimSuffix(addr, ":0")
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return host
}

// unfollow ends a follower whose client is gone.
func (c *Client) unfollow() {
	f := c.follower.Load()
	if f == nil {
		return
	}
	f.mu.Lock()
	f.ended = true
	if f.reader != nil {
		f.reader.Close()
	}
	f.mu.Unlock()
	s := c.W.Server
	x := &s.followers
	x.mu.Lock()
	defer x.mu.Unlock()
	if i := slices.Index(x.list, f); i >= 0 {
		x.list = slices.Delete(x.list, i, i+1)
		x.count.Add(-1)
		x.sent.Add(f.sent.Load())
		if len(x.list) == 0 {
			x.lackMS = c.W.NowMS
		}
	}
	if f.stage.Load() == int32(stageOnline) {
		slog.Info("a replica is gone", "replica", f.name())
	}
	s.countGood(c.W.NowMS)
}

// name is how the log calls it.
func (f *follower) name() string { return net.JoinHostPort(f.host, strconv.Itoa(f.port)) }

func (f *follower) state() stage { return stage(f.stage.Load()) }

// lag is how many seconds ago it last said how far it is.
func (f *follower) lag(nowMS int64) int64 { return max(0, nowMS/1000-f.ackedMS.Load()/1000) }

// start gives the follower its place in the stream, unless nobody needs that any more.
func (f *follower) start(r *stream.Reader) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.reader != nil {
		f.reader.Close()
	}
	if f.reader = r; f.ended {
		r.Close()
		return
	}
	r.Limit(f.limit())
}

// call has the client's loop send what there is. Any thread calls it, with shards locked.
func (f *follower) call() { f.client.Peer.Post(f.flow) }

// online has the stream flow, now or when the client says that it has read the file, which it may have said as soon as the
// last of it was sent. It runs on the client's thread.
func (f *follower) online(awaitACK bool) {
	f.stage.Store(int32(stageOnline))
	f.ackedMS.Store(f.client.W.NowMS)
	f.client.W.Server.noteGood(f.client.W.NowMS)
	if !awaitACK || f.hasRead {
		f.flows = true
		f.flow()
	}
	slog.Info("a replica has the data", "replica", f.name())
}

// flow appends what the stream has to the client's output, as much as is to wait there. It runs on the client's thread.
func (f *follower) flow() {
	c := f.client
	if !f.flows || c.Killed || c.Closing || c.gone {
		return
	}
	out := c.Reply.Out
	for out.Len() < feedLow {
		b := f.reader.Next()
		if len(b) == 0 {
			return // it calls when there is more
		}
		out.Write(b)
		f.reader.Skip(len(b))
		f.sent.Add(int64(len(b)))
	}
	out.Below(feedLow/2, f.flow)
}

// limit is how far the follower may be behind, in bytes, 0 for any distance: the hard limit of replicas, or the backlog if
// that is more. Without a limit, or with a large one, it is a share of maxmemory: the stream must not drive out the data.
func (f *follower) limit() int64 {
	p := f.client.W.Server.Params
	n := p.OutputLimit(ClassReplica).Hard
	if most := p.Maxmemory() / followerShare; most > 0 && (n == 0 || n > most) {
		n = most
	}
	if n > 0 {
		n = max(n, p.backlog.size.Load())
	}
	return n
}

// followerShare is which part of maxmemory may wait for a replica.
const followerShare = 4

// behind is how many bytes wait for the follower.
func (f *follower) behind() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.reader == nil || f.ended {
		return 0
	}
	return f.reader.Behind()
}

// lost reports whether the follower can't go on, or takes too long to.
func (f *follower) lost(nowMS int64) (why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.reader == nil || f.ended {
		return ""
	}
	f.reader.Limit(f.limit())
	if f.reader.Lost() {
		return "it is too far behind"
	}
	p := f.client.W.Server.Params
	soft := p.OutputLimit(ClassReplica)
	switch {
	case soft.Soft <= 0 || f.reader.Behind() < max(soft.Soft, p.backlog.size.Load()):
		f.overMS = 0
	case f.overMS == 0:
		f.overMS = nowMS
	case nowMS-f.overMS > soft.SoftSeconds*1000:
		return "it has been far behind for too long"
	}
	if f.state() == stageOnline && !f.old && nowMS-f.ackedMS.Load() > p.seconds("repl-timeout")*1000 {
		return "it has said nothing for too long"
	}
	return ""
}

// disconnect ends the follower's connection. Any thread may call it.
func (f *follower) disconnect() {
	c := f.client
	c.W.Server.Clients.remove(c)
	c.Peer.Post(func() { c.Killed = true })
}
