package command

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crucible-cache/crucible/internal/script"
)

// The errors of a server that is a replica.
const (
	errReadOnly       = "READONLY You can't write against a read only replica."
	errReadOnlyScript = "READONLY Can not run script with write flag on readonly replica."
	errMasterDown     = "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
	errReplicaNow     = "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)"
	errStaleScript    = "ERR Can not execute the command on a stale replica"
	errLoading        = "LOADING Redis is loading the dataset in memory"
	errNoMasterLink   = "NOMASTERLINK Can't SYNC while not connected with my master"
	errReplicaWait    = "ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured " +
		"to be writable (which is not the default) writes to replicas are just local and are not propagated."
	errReplicaWaitAOF  = "ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas are just local and are not propagated."
	errReplicaFailover = "ERR FAILOVER is not valid when server is a replica."
)

// replication is what a server is to others that have its data or give it theirs.
type replication struct {
	mu     sync.Mutex              // of changing what it is
	of     atomic.Pointer[replica] // whose replica it is, nil for nobody's
	last   *replica                // that was begun; under mu
	worker *Worker                 // carries out what the master sends; under mu
	post   func(fn func())         // has its thread do something
	torn   atomic.Bool             // the data is that of a master in part

	applying sync.Mutex   // held while a request of the master is carried out and relayed
	db       atomic.Int64 // that the master's stream is in; under applying
	history  atomic.Pointer[history]
}

// history names the data set, and what it was until it went its own way.
type history struct {
	id, before string
	until      int64 // offset of the first byte that is not of both
}

// isReplica reports whether the server has its data from another. Any thread may call it.
func (s *Server) isReplica() bool { return s.replica.of.Load() != nil }

// historyID names the data set.
func (s *Server) historyID() string { return s.pastOfData().id }

func (s *Server) pastOfData() history {
	if h := s.replica.history.Load(); h != nil {
		return *h
	}
	return history{s.Identity.HistoryID, noHistory, -1}
}

// newHistory begins a data set that goes its own way from here.
func (s *Server) newHistory() {
	s.replica.history.Store(&history{randomHistory(), s.historyID(), s.Stream.End() + 1})
}

func randomHistory() string {
	var random [20]byte
	_, _ = rand.Read(random[:]) // it does not fail
	return hex.EncodeToString(random[:])
}

// replicaofCommand makes the server a replica of another, or nobody's.
func replicaofCommand(c *Client, args [][]byte) {
	s := c.W.Server
	if s.cluster != nil {
		c.Error(errClusterReplica)
		return
	}
	if s.handover.now() != handoverNone {
		c.Error(errReplicaofFailover)
		return
	}
	if equalName(args[1], "no") && equalName(args[2], "one") {
		s.replicate(nil)
		c.Reply.SimpleString("OK")
		return
	}
	port, ok := parseInt(args[2])
	if !ok || port < 0 || port > 65535 {
		c.Error(errMasterPort)
		return
	}
	now := s.replica.of.Load()
	if now != nil && now.host == string(args[1]) && now.port == int(port) {
		c.Reply.SimpleString("OK Already connected to specified master")
		return
	}
	if s.Hire == nil {
		c.Error(errReplica)
		return
	}
	s.Follow(string(args[1]), int(port))
	c.Reply.SimpleString("OK")
}

// Follow makes the server a replica of a master.
func (s *Server) Follow(host string, port int) { s.replicate(newReplica(s, host, port)) }

// replicate makes the server the replica that r is, or with nil nobody's. What the
// last master sent may still be carried out for a moment, a request at the most.
func (s *Server) replicate(r *replica) {
	x := &s.replica
	x.mu.Lock()
	defer x.mu.Unlock()
	was := x.of.Load()
	if was != nil {
		was.end()
	}
	shown := ""
	if r != nil {
		shown = r.host + " " + strconv.Itoa(r.port)
	}
	s.Params.setMaster(shown)
	s.Params.followRole()
	switch {
	case was == nil && r != nil:
		s.Keyspace.Keep(true)
		s.hindered.Add(1)
	case was != nil && r == nil:
		s.newHistory()
		s.Stream.RelayOnly(false)
		s.disconnectFollowers() // who will learn of the new history, and go on
		s.Keyspace.Keep(false)
		s.hindered.Add(-1)
	}
	x.of.Store(r)
	if was == nil && r != nil {
		s.Stream.RelayOnly(true)
		s.disconnectFollowers()
		s.unblockAll()
	}
	if r != nil {
		go r.run(x.last)
		x.last = r
	}
}

// unblockAll ends the connections of those who wait for keys: what comes to those is not theirs to take.
func (s *Server) unblockAll() {
	for _, c := range s.Clients.snapshot() {
		x := c.waiter.Load()
		if x == nil || x.last < x.first && x.acks == nil || !x.cancel() {
			continue
		}
		c.Peer.Post(func() {
			c.unblock(x, []byte("-"+errReplicaNow+"\r\n"))
			c.Closing = true
		})
	}
}

// EndReplication ends the link to a master, for good, and reports whether the data is
// whole: it isn't while a master's is being loaded.
func (s *Server) EndReplication() (whole bool) {
	x := &s.replica
	x.mu.Lock()
	last := x.last
	if x.of.Load() != nil && !last.stopped() {
		last.end()
	}
	x.mu.Unlock()
	if last != nil {
		<-last.ended
	}
	return !x.torn.Load()
}

// phase is how far a replica is with its master.
type phase int32

const (
	phaseConnect phase = iota // it is going to
	phaseConnecting
	phaseHandshake
	phaseSync
	phaseConnected
)

func (p phase) String() string {
	return [...]string{"connect", "connecting", "handshake", "sync", "connected"}[p]
}

// replica is the link to a master. Its goroutine has the connection; what the master sends is
// carried out by the worker of a loop of its own.
type replica struct {
	server *Server
	host   string
	port   int

	stop  chan struct{} // closed when the server is to be this replica no more
	ended chan struct{} // closed when the goroutine is through

	mu     sync.Mutex
	conn   net.Conn // nil between two links; closed from outside to end one
	client *Client  // in whose name requests are carried out; of the worker's thread

	phase   atomic.Int32
	loading atomic.Bool
	lastMS  atomic.Int64 // when the master last sent something, unix
	downMS  atomic.Int64 // since when there is no link, 0 if there never was
	total   atomic.Int64 // bytes of the data that is on its way, -1 if not known
	read    atomic.Int64 // of these
}

func newReplica(s *Server, host string, port int) *replica {
	return &replica{server: s, host: host, port: port, stop: make(chan struct{}), ended: make(chan struct{})}
}

func (r *replica) state() phase { return phase(r.phase.Load()) }

// end ends the link. It does not wait for that.
func (r *replica) end() {
	close(r.stop)
	r.hangUp()
}

// hangUp breaks the connection off.
func (r *replica) hangUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.conn != nil {
		_ = r.conn.Close()
	}
}

// stopped reports whether the server is to be this replica no more.
func (r *replica) stopped() bool {
	select {
	case <-r.stop:
		return true
	default:
		return false
	}
}

// stale reports whether the data is old and not to be shown.
func (r *replica) stale() bool {
	return r.state() != phaseConnected && r.server.Params.value("replica-serve-stale-data") == "no"
}

// readOnly reports whether only the master may write.
func (r *replica) readOnly() bool { return r.server.Params.value("replica-read-only") == "yes" }

// refuseReplica refuses a client of a replica what it must not have, and reports whether it did.
func (c *Client) refuseReplica(s *Spec, args [][]byte) bool {
	r := c.W.Server.replica.of.Load()
	if r == nil {
		return false
	}
	writes, lacking := s.Flags&Write != 0, ^s.Flags
	if s == c.W.Server.Table.exec {
		writes, lacking = c.tx.flags&Write != 0, c.tx.lacking
	} else if s.Flags&SkipMonitor != 0 { // it runs a script, which may say what it does
		flags := c.scriptFlags(s, args)
		writes = flags&(script.Compat|script.NoWrites) == 0
		if flags&script.AllowStale == 0 {
			lacking |= Stale
		}
	}
	switch {
	case writes && r.readOnly():
		c.reject(s, errReadOnly)
	case lacking&Stale != 0 && r.stale():
		c.reject(s, errMasterDown)
	case lacking&Loading != 0 && r.loading.Load():
		c.reject(s, errLoading)
	default:
		return false
	}
	return true
}

// barsWrites reports whether scripts may not write because the server is a replica.
func (s *Server) barsWrites() bool {
	r := s.replica.of.Load()
	return r != nil && r.readOnly()
}

// roleCommand replies what the server is to others.
func roleCommand(c *Client, _ [][]byte) {
	s := c.W.Server
	r := s.replica.of.Load()
	if r == nil {
		c.Reply.ArrayLen(3)
		c.Reply.BulkString("master")
		c.Reply.Int(s.Stream.End())
		online := s.followers.each()
		online = slices.DeleteFunc(online, func(f *follower) bool { return f.state() != stageOnline })
		c.Reply.ArrayLen(len(online))
		for _, f := range online {
			c.Reply.ArrayLen(3)
			c.Reply.BulkString(f.host)
			c.Reply.BulkString(itoa(f.port))
			c.Reply.BulkString(strconv.FormatInt(f.acked.Load(), 10))
		}
		return
	}
	c.Reply.ArrayLen(5)
	c.Reply.BulkString("slave")
	c.Reply.BulkString(r.host)
	c.Reply.Int(int64(r.port))
	c.Reply.BulkString(r.state().String())
	if r.state() == phaseConnected {
		c.Reply.Int(s.Stream.End())
	} else {
		c.Reply.Int(-1)
	}
}

func infoReplication(i *infoWriter) {
	s := i.w.Server
	past, offset := s.pastOfData(), s.Stream.End()
	if r := s.replica.of.Load(); r != nil {
		i.link(r, offset)
	} else {
		i.text("role", "master")
	}
	all := s.followers.each()
	i.num("connected_slaves", int64(len(all)))
	if s.Params.asked() {
		i.num("min_slaves_good_slaves", s.Params.good.Load())
	}
	for n, f := range all {
		lag := int64(0)
		if f.state() == stageOnline {
			lag = f.lag(i.w.NowMS)
		}
		i.text("slave"+itoa(n), fmt.Sprintf("ip=%s,port=%d,state=%s,offset=%d,lag=%d", f.host, f.port, f.state(), f.acked.Load(), lag))
	}
	i.text("master_failover_state", s.handover.now().String())
	i.text("master_replid", past.id)
	i.text("master_replid2", past.before)
	i.num("master_repl_offset", offset)
	i.num("second_repl_offset", past.until)
	first, kept := s.Stream.Kept()
	i.flag("repl_backlog_active", s.Stream.Wanted())
	i.text("repl_backlog_size", s.Params.value("repl-backlog-size"))
	if !s.Stream.Wanted() {
		first, kept = 0, 0
	}
	i.num("repl_backlog_first_byte_offset", first)
	i.num("repl_backlog_histlen", kept)
}

// link tells of the link to a master.
func (i *infoWriter) link(r *replica, offset int64) {
	p, state := r.server.Params, r.state()
	since := func(ms int64) int64 {
		if ms == 0 {
			return -1
		}
		return max(0, time.Now().UnixMilli()-ms) / 1000
	}
	i.text("role", "slave")
	i.text("master_host", r.host)
	i.num("master_port", int64(r.port))
	i.text("master_link_status", map[bool]string{true: "up", false: "down"}[state == phaseConnected])
	lastIO := int64(-1)
	if state == phaseConnected {
		lastIO = since(r.lastMS.Load())
	}
	i.num("master_last_io_seconds_ago", lastIO)
	i.flag("master_sync_in_progress", state == phaseSync)
	i.num("slave_read_repl_offset", offset)
	i.num("slave_repl_offset", offset)
	i.num("replica_full_sync_buffer_size", 0)
	i.num("replica_full_sync_buffer_peak", 0)
	if state == phaseSync {
		total, read := r.total.Load(), r.read.Load()
		share := 0.0
		if total > 0 {
			share = float64(read) / float64(total) * 100
		}
		i.num("master_sync_total_bytes", total)
		i.num("master_sync_read_bytes", read)
		i.num("master_sync_left_bytes", max(total, 0)-read)
		i.float("master_sync_perc", share, 2)
		i.num("master_sync_last_io_seconds_ago", since(r.lastMS.Load()))
	}
	if state != phaseConnected {
		i.num("master_link_down_since_seconds", since(r.downMS.Load()))
	}
	i.text("slave_priority", p.value("replica-priority"))
	i.flag("slave_read_only", r.readOnly())
	i.flag("replica_announced", p.value("replica-announced") == "yes")
}

// staleRefusal is why a script may not call a command on a replica that has lost its master, "" if it may.
func (s *Server) staleRefusal(called *Spec) string {
	if r := s.replica.of.Load(); r != nil && called.Flags&Stale == 0 && r.stale() {
		return errStaleScript
	}
	return ""
}

// streamDB is the database that the stream goes on in: nothing says so again to one who begins to follow a replica.
func (s *Server) streamDB() int {
	if s.isReplica() {
		return int(s.replica.db.Load())
	}
	return 0
}

// linkDown reports whether the server is a replica without its master.
func (s *Server) linkDown() bool {
	r := s.replica.of.Load()
	return r != nil && r.state() != phaseConnected
}
