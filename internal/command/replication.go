package command

import (
	"strings"

	"github.com/crucible-cache/crucible/internal/redisconf"
	"github.com/crucible-cache/crucible/internal/snapshot"
)

// The errors of the commands on replicas.
const (
	errFailoverMaster    = "ERR PSYNC FAILOVER can't be sent to a master."
	errFailoverID        = "ERR PSYNC FAILOVER replid must match my replid."
	errFailoverNone      = "ERR FAILOVER requires connected replicas."
	errFailoverAbort     = "ERR No failover in progress."
	errReplicaofFailover = "ERR REPLICAOF not allowed while failing over."
	errFailoverTwice     = "ERR FAILOVER already in progress."
	errFailoverForce     = "ERR FAILOVER with force option requires both a timeout and target HOST and IP."
	errFailoverWhere     = "ERR FAILOVER target HOST and PORT is not a replica."
	errFailoverOffline   = "ERR FAILOVER target replica is not online."
	errFailoverCluster   = "ERR FAILOVER not allowed in cluster mode."
	errNoSyncFailover    = "NOMASTERLINK Can't SYNC while failing over"
	errFailoverBounds    = "ERR FAILOVER timeout must be greater than 0"
	errMasterPort        = "ERR Invalid master port"
	errReplica           = "ERR this server cannot be a replica"
	errSyncPending       = "ERR SYNC and PSYNC are invalid with pending output"
	errSyncFailed        = "ERR BGSAVE failed, replication can't continue"
	errFilterEOF         = "ERR Filtered replica requires EOF capability"
	errFilterWords       = "ERR Missing rdb-filter-only values"
	errFlagRange         = "ERR value is out of range, value must between 0 and 1"
)

// wish is what a client said by REPLCONF of the data that it is going to ask for.
type wish struct {
	once     bool // the data, and not what changes after that
	eof      bool // it finds the end by a mark
	psync2   bool // it knows that a history may have another name
	address  string
	port     int
	filtered bool
	parts    snapshot.Parts
}

// replconfCommand takes what one says before it asks for the data. An
// acknowledgement is not answered.
func replconfCommand(c *Client, args [][]byte) {
	if len(args)%2 == 0 {
		c.Error(errSyntax)
		return
	}
	if c.wish == nil {
		c.wish = &wish{parts: snapshot.Parts{Keys: true, Functions: true}}
	}
	for i := 1; i < len(args); i += 2 {
		switch {
		case equalName(args[i], "ack"):
			c.acknowledged(args[i+1:])
			return
		case equalName(args[i], "getack"):
			return
		}
		if failure := c.wish.take(string(args[i]), args[i+1]); failure != "" {
			c.Error(failure)
			return
		}
	}
	c.Reply.SimpleString("OK")
}

// replicaAddressMax is how long the address of a replica may be.
const replicaAddressMax = 255

// take takes one thing, or returns what is wrong with it.
func (x *wish) take(option string, value []byte) (failure string) {
	n, isInt := parseInt(value)
	switch name := strings.ToLower(option); name {
	case "listening-port":
		if !isInt {
			return errNotInteger
		}
		x.port = int(int32(n)) //nolint:gosec // as Redis keeps it
	case "rdb-only", "rdb-channel":
		switch {
		case !isInt:
			return errNotInteger
		case n < 0 || n > 1:
			return errFlagRange
		case name == "rdb-only":
			x.once = n == 1
		}
	case "capa":
		x.eof = x.eof || equalName(value, "eof")
		x.psync2 = x.psync2 || equalName(value, "psync2")
	case "rdb-filter-only":
		return x.filter(string(value))
	case "main-ch-client-id":
		if !isInt {
			return errNotInteger
		}
		return "ERR Unrecognized RDB client id: " + printed(value, len(value))
	case "ip-address":
		if len(value) > replicaAddressMax {
			return "ERR REPLCONF ip-address provided by replica instance is too long: " + itoa(len(value)) + " bytes"
		}
		x.address = string(value)
	default:
		return "ERR Unrecognized REPLCONF option: " + option
	}
	return ""
}

// acknowledged takes what a replica says of how far it is: the offset, and that of what it has on disk.
func (c *Client) acknowledged(said [][]byte) {
	f := c.follower.Load()
	if f == nil {
		return
	}
	offset, ok := parseInt(said[0])
	if !ok {
		return
	}
	if offset > f.acked.Load() {
		f.acked.Store(offset)
	}
	if len(said) > 2 && equalName(said[1], "fack") {
		if offset, ok = parseInt(said[2]); ok && offset > f.durable.Load() {
			f.durable.Store(offset)
		}
	}
	f.ackedMS.Store(c.W.NowMS)
	switch f.state() {
	case stageSend:
		f.hasRead = true
	case stageOnline:
		f.flows = true // executeFollower has it flow
	}
	c.W.Server.followers.waiters.look()
}

// Alive takes an empty line, by which a replica says that it is still there while it loads the data.
func (c *Client) Alive() {
	if f := c.follower.Load(); f != nil {
		f.ackedMS.Store(c.W.NowMS)
	}
}

// filter takes the words for what of the data is wanted: none, or functions.
func (x *wish) filter(list string) (failure string) {
	words, err := redisconf.Split(list)
	if err != nil {
		return errFilterWords
	}
	x.filtered, x.parts = true, snapshot.Parts{}
	for _, word := range words {
		if !strings.EqualFold(word, "functions") {
			return "ERR Unsupported rdb-filter-only option: " + oneLine(word)
		}
		x.parts.Functions = true
	}
	return ""
}
