package command

import (
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/node"
)

// cluster is a cluster of one: this server, so that clients made for clusters find in it
// what they look for. Nobody else is known. It owns every hash slot unless some are
// taken from it.
type cluster struct {
	changing sync.Mutex
	state    atomic.Pointer[node.State] // is replaced, never changed
	save     func(text string) error    // nil if nothing outlasts the server
	secret   string                     // new at each start; see debugSecret

	// open is set while a request's slot has to be looked at: not all are owned, or some
	// are on their way.
	open atomic.Bool
}

// FormCluster makes the server a cluster of one. save keeps the text that a node is
// made of again, and is called by one thread at a time; nil if nobody does. It is done
// before the first client comes.
func (s *Server) FormCluster(st *node.State, save func(text string) error) {
	s.cluster = &cluster{save: save, secret: randomHistory()}
	s.cluster.publish(st)
}

func (cl *cluster) publish(st *node.State) {
	cl.state.Store(st)
	cl.open.Store(st.Owned.Len() < slots || st.Migrating.Len()+st.Importing.Len() > 0)
}

// changeCluster has change make another state of the server's, saves that and lets all see it.
// An error means that everything is as it was. What those who listen to channels of shards
// lose, they are told.
func (s *Server) changeCluster(w *Worker, change func(st *node.State) error) error {
	cl := s.cluster
	cl.changing.Lock()
	defer cl.changing.Unlock()
	before := cl.state.Load()
	after := *before
	if err := change(&after); err != nil {
		return err
	}
	if after == *before {
		return nil
	}
	if err := s.saveNode(&after); err != nil {
		return errors.New(errClusterSave + strerror(err))
	}
	cl.publish(&after)
	lost := before.Owned
	lost.RemoveAll(&after.Owned)
	w.silenceSlots(&lost)
	return nil
}

// saveNode keeps what the server is as a node, if anybody does.
func (s *Server) saveNode(st *node.State) error {
	if s.cluster.save == nil {
		return nil
	}
	return s.cluster.save(s.clusterText(st))
}

// clusterText is what a node is made of again.
func (s *Server) clusterText(st *node.State) string {
	n := s.node()
	n.ip, n.hostname = oneWord(n.ip), oneWord(n.hostname)
	address := n.address(n.port) + "," + n.hostname + ",tls-port=" + itoa(n.tlsPort)
	if name := oneWord(s.Params.value("cluster-announce-human-nodename")); name != "" {
		address += ",nodename=" + name
	}
	return st.Text(address)
}

// oneWord returns text unless it would be read as several parts of a line, then nothing.
func oneWord(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return r == ',' || r == '=' || unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return ""
	}
	return text
}

// clusterServes reports whether requests for the slots that the server owns are carried out.
func (s *Server) clusterServes(st *node.State) bool {
	switch n := st.Owned.Len(); n {
	case 0:
		return false
	case slots:
		return true
	default:
		return s.Params.fullCoverage.Load() == 0
	}
}

// SettleCluster saves what the server is as a node, and takes the slots in which it has keys
// though nobody owns them, as Redis does. It is called when the snapshot is loaded, before the first
// client comes.
func (s *Server) SettleCluster() error {
	st := *s.cluster.state.Load()
	if st.Owned.Len() < slots {
		var taken node.Slots
		w := s.Workers()[0]
		for cursor, more := uint64(0), true; more; more = cursor != 0 {
			cursor = w.Scan(0, cursor, slotStep, func(it keyspace.Item) {
				if slot := hashSlot(it.Name()); !st.Owned.Has(slot) && !st.Importing.Has(slot) {
					taken.Add(slot)
				}
			})
		}
		if taken.Len() > 0 {
			slog.Warn("there are keys in hash slots that nobody owned; they are taken", "slots", taken.Len())
			st.Take(&taken)
			s.cluster.publish(&st)
		}
	}
	return s.saveNode(&st)
}

// mode is how the server names what it is: of a cluster or alone.
func (s *Server) mode() string {
	if s.cluster != nil {
		return "cluster"
	}
	return "standalone"
}

// inCluster makes a handler that refuses to work on a server that is none of a cluster,
// as one that was started without cluster-enabled.
func inCluster(run func(c *Client, args [][]byte)) func(c *Client, args [][]byte) {
	return func(c *Client, args [][]byte) {
		if c.W.Server.cluster == nil {
			c.Error(errNoCluster)
			return
		}
		run(c, args)
	}
}

// self is what the server knows of itself as a node of a cluster.
func (c *Client) self() *node.State { return c.W.Server.cluster.state.Load() }

func clusterMyidCommand(c *Client, _ [][]byte)      { c.Reply.BulkString(c.self().ID) }
func clusterMyshardidCommand(c *Client, _ [][]byte) { c.Reply.BulkString(c.self().Shard) }

func clusterKeyslotCommand(c *Client, args [][]byte) { c.Reply.Int(int64(hashSlot(args[2]))) }

// clusterCountkeysinslotCommand looks at every key, for keys are not kept by slot:
// a cluster of one has no use for that but this.
func clusterCountkeysinslotCommand(c *Client, args [][]byte) {
	slot, isInt := parseInt(args[2])
	switch {
	case !isInt:
		c.Error(errNotInteger)
		return
	case slot < 0 || slot >= slots:
		c.Error("ERR Invalid slot")
		return
	}
	n := int64(0)
	c.eachInSlot(int(slot), func([]byte) bool { n++; return true })
	c.Reply.Int(n)
}

// clusterGetkeysinslotCommand looks at keys until it has as many as asked for.
func clusterGetkeysinslotCommand(c *Client, args [][]byte) {
	slot, slotIsInt := parseInt(args[2])
	count, countIsInt := parseInt(args[3])
	switch {
	case !slotIsInt || !countIsInt:
		c.Error(errNotInteger)
		return
	case slot < 0 || slot >= slots || count < 0:
		c.Error("ERR Invalid slot or number of keys")
		return
	}
	var list nameList
	if count > 0 {
		c.eachInSlot(int(slot), func(name []byte) bool {
			list.add(name)
			return int64(list.count) < count
		})
	}
	c.replyNames(&list)
}

// slotStep is about how many keys are looked at before the shard's lock is let
// go for a moment.
const slotStep = 1000

// eachInSlot visits the names of the keys of a slot until visit returns false.
// The index moves while it is walked: a name may come twice after it grew.
func (c *Client) eachInSlot(slot int, visit func(name []byte) bool) {
	more := true
	for cursor := uint64(0); more; {
		cursor = c.W.Scan(c.DB, cursor, slotStep, func(it keyspace.Item) {
			if name := it.Name(); more && hashSlot(name) == slot {
				more = visit(name)
			}
		})
		if cursor == 0 {
			return
		}
	}
}
