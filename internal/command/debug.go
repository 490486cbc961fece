package command

import (
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/redisconf"
	"github.com/crucible-cache/crucible/internal/snapshot"
	"github.com/crucible-cache/crucible/internal/stream"
)

// debugCommands are the subcommands of DEBUG, which the reference server does
// not describe one by one. args is how many arguments follow the word.
var debugCommands = []struct {
	name      string
	min, max  int
	keys      bool // holds every shard
	arguments string
	about     string
	run       func(c *Client, args [][]byte)
}{
	{"aof-flush-sleep", 1, 1, false, "<microsec>", "Nothing: there is no append-only file to flush.", debugOK},
	{"assert", 0, maxInt32, false, "", "Ends the server as an error of its own would.", debugCrash},
	{"change-repl-id", 0, 0, false, "", "Gives the data another name for replicas.", debugChangeReplID},
	{"client-eviction", 0, 0, false, "", "Counts clients by the memory they take, for maxmemory-clients.", debugClientEviction},
	{"clusterlink", 3, 3, false, "KILL <to|from|all> <node-id>", "Nothing: there is one node.", debugClusterlink},
	{"config-rewrite-force-all", 0, 0, false, "", "Writes every parameter to the redis.conf.", debugRewriteAll},
	{"crash-and-recover", 0, maxInt32, false, "[<milliseconds>]", "Restarts the server, after a delay, and saves nothing.", debugRecover},
	{"dict-resizing", 1, 1, false, "<0|1>", "Nothing: the index grows by itself.", debugOK},
	{"digest", 0, 0, true, "", "Computes a signature of all data.", debugDigest},
	{"digest-value", 0, maxInt32, true, "<key>...", "Computes a signature of each value.", debugDigestValue},
	{"drop-cluster-packet-filter", 1, 1, false, "<packet-type>", "Nothing: there is one node.", debugPacketFilter},
	{"error", 1, 1, false, "<text>", "Replies with the text as an error.", debugError},
	{"help", 0, 0, false, "", "Shows this.", nil},
	{"htstats", 1, 2, true, "<db> [full]", "Counts the keys of a database.", debugHtstats},
	{"htstats-key", 1, 2, true, "<key> [full]", "Counts the elements of a hash table.", debugHtstatsKey},
	{"internal_secret", 0, 0, false, "", "Shows a sum of what the nodes of a cluster know each other by.", debugSecret},
	{"leak", 1, 1, false, "<string>", "Keeps the string until the server stops.", debugLeak},
	{"listpack", 1, 1, true, "<key>", "Says whether a value is packed.", debugListpack},
	{"loadaof", 0, maxInt32, true, "", "Empties all databases and loads the base of the append-only file.", debugLoadAppendFile},
	{"log", 1, 1, false, "<text>", "Writes the text to the log.", debugLog},
	{"mark-internal-client", 0, 1, false, "[UNMARK]", "Marks this client as one of the cluster's own, or no more.", debugMarkInternal},
	{"object", 1, 1, true, "<key>", "Shows how a value lies in memory.", debugObject},
	{"oom", 0, maxInt32, false, "", "Ends the server as an error of its own would.", debugCrash},
	{"panic", 0, maxInt32, false, "", "Ends the server as an error of its own would.", debugCrash},
	{"pause-cron", 1, 1, false, "<0|1>", "Pauses active expiry.", debugPauseCron},
	{"populate", 1, 3, true, "<count> [prefix] [size]", "Makes keys that there are not.", debugPopulate},
	{"protocol", 1, 1, false, "<type>", "Replies with a value of the type.", debugProtocol},
	{"quicklist", 1, 2, true, "<key> [<0|1>]", "Says whether a value is a list of nodes.", debugQuicklist},
	{"quicklist-packed-threshold", 1, 1, false, "<size>", "Nothing: nodes of lists follow list-max-listpack-size.", debugPackedThreshold},
	{"reload", 0, 3, true, "[NOSAVE] [NOFLUSH] [MERGE]", "Saves all databases and loads them again.", debugReload},
	{"repl-pause", 1, 1, false, "<clear|after-fork|before-rdb-channel|on-streaming-repl-buf>", "Nothing: there is nothing to pause in.", debugReplPause},
	{"replicate", 1, maxInt32, false, "<string>", "Sends a request to the replicas that is not carried out here.", debugReplicate},
	{"replybuffer", 2, 2, false, "<peak-reset-time|resizing> <value>", "Nothing: replies are not copied.", debugReplybuffer},
	{"restart", 0, maxInt32, true, "[<milliseconds>]", "Saves and restarts the server, after a delay.", debugRestart},
	{"script", 1, 1, false, "<LIST|<sha>>", "Writes the source of a script, or of all, to the log.", debugScript},
	{"sdslen", 1, 1, true, "<key>", "Shows how long a key and its string are.", debugSdslen},
	{"segfault", 0, maxInt32, false, "", "Ends the server by a signal.", debugSegfault},
	{"set-active-expire", 1, 1, false, "<0|1>", "Switches active expiry.", debugSetActiveExpire},
	{"set-disable-deny-scripts", 1, 1, false, "<0|1>", "Lets scripts call what is not for them.", debugAllowScripts},
	{"set-skip-checksum-validation", 1, 1, false, "<0|1>", "Reads payloads and files whatever their checksum.", debugSkipChecksum},
	{"sleep", 1, 1, false, "<seconds>", "Holds up the clients of this loop.", debugSleep},
	{"stringmatch-test", 0, 0, false, "", "Matches random names against random patterns.", debugStringmatch},
	{"structsize", 0, 0, false, "", "Shows how many bytes structures take.", debugStructsize},
}

// debugCommand finds the subcommand. Those that touch keys hold all shards.
func debugCommand(c *Client, args [][]byte) {
	for i := range debugCommands {
		d := &debugCommands[i]
		if n := len(args) - 2; !equalName(args[1], d.name) || n < d.min || n > d.max {
			continue
		}
		switch {
		case d.run == nil:
			c.debugHelp()
		case d.keys && !c.W.Holding():
			c.W.LockAll()
			d.run(c, args)
			c.W.serveWaiters()
			c.W.Unlock()
		default:
			d.run(c, args)
		}
		return
	}
	c.Error(errDebug(args[1]))
}

func errDebug(word []byte) string {
	return "ERR unknown subcommand or wrong number of arguments for '" + printed(word, quotedBytes) + "'. Try DEBUG HELP."
}

func (c *Client) debugHelp() {
	var lines []string
	for _, d := range debugCommands {
		if d.run == nil {
			continue // it ends the list of every command
		}
		name := strings.ToUpper(d.name)
		if d.arguments != "" {
			name += " " + d.arguments
		}
		lines = append(lines, name, "    "+d.about)
	}
	c.replyHelp("debug", lines)
}

func debugOK(c *Client, _ [][]byte) { c.Reply.SimpleString("OK") }

// debugSleep holds the loop up, and with it its clients; those of other loops
// are served meanwhile. What is no number is 0, as in C.
func debugSleep(c *Client, args [][]byte) {
	if seconds, err := strconv.ParseFloat(string(args[2]), 64); err == nil && seconds > 0 {
		time.Sleep(time.Duration(min(seconds, debugSleepMax) * float64(time.Second)))
	}
	c.Reply.SimpleString("OK")
}

// debugSleepMax is the longest DEBUG SLEEP in seconds: a loop that does not
// tick for longer is taken for hung.
const debugSleepMax = 10

func debugError(c *Client, args [][]byte) { c.Error(oneLine(string(args[2]))) }

// oneLine is text without the bytes that would end an error reply.
func oneLine(text string) string {
	b := []byte(text)
	for i, x := range b {
		if x == '\r' || x == '\n' {
			b[i] = ' '
		}
	}
	return string(b)
}

func debugLog(c *Client, args [][]byte) {
	slog.Warn("DEBUG LOG", "text", string(args[2]))
	c.Reply.SimpleString("OK")
}

// number reads an argument as C's atoi: what is no number is 0.
func number(arg []byte) int64 {
	n, _ := parseInt(arg)
	return n
}

func debugSetActiveExpire(c *Client, args [][]byte) {
	c.W.Server.Keyspace.SetActiveExpire(number(args[2]) != 0)
	c.Reply.SimpleString("OK")
}

func debugPauseCron(c *Client, args [][]byte) {
	c.W.Server.Keyspace.SetActiveExpire(number(args[2]) == 0)
	c.Reply.SimpleString("OK")
}

func debugPackedThreshold(c *Client, args [][]byte) {
	if n, ok := redisconf.ParseMemory(string(args[2])); !ok || n > 4<<30-1<<20 {
		c.Error("ERR argument must be a memory value bigger than 1 and smaller than 4gb")
		return
	}
	c.Reply.SimpleString("OK")
}

func debugAllowScripts(c *Client, args [][]byte) {
	c.W.Server.scripts.allowAll.Store(number(args[2]) != 0)
	c.Reply.SimpleString("OK")
}

// debugReload replaces everything by what a snapshot of it holds.
func debugReload(c *Client, args [][]byte) {
	if c.scripting() {
		// It may well be of one of the libraries that go.
		c.Error("ERR DEBUG RELOAD is not for scripts")
		return
	}
	var r snapshot.Reloading
	for _, word := range args[2:] {
		switch {
		case equalName(word, "nosave"):
			r.NoSave = true
		case equalName(word, "noflush"):
			r.NoFlush = true
		case equalName(word, "merge"):
			r.Merge = true
		default:
			c.Error("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.")
			return
		}
	}
	if err := c.W.Server.Snapshots.Reload(c.W.Worker, r); err != nil {
		slog.Error("DEBUG RELOAD failed", "error", err)
		c.Error("ERR Error trying to load the RDB dump, check server logs.")
		return
	}
	c.Reply.SimpleString("OK")
}

// debugLoadAppendFile replaces everything by what BGREWRITEAOF wrote.
func debugLoadAppendFile(c *Client, _ [][]byte) {
	if c.scripting() {
		c.Error("ERR DEBUG LOADAOF is not for scripts")
		return
	}
	if err := c.W.Server.Snapshots.LoadAppendFile(c.W.Worker); err != nil {
		slog.Error("DEBUG LOADAOF failed", "error", err)
		c.Error("ERR Error trying to load the AOF files, check server logs.")
		return
	}
	c.Reply.SimpleString("OK")
}

func debugReplybuffer(c *Client, args [][]byte) {
	_, isNumber := parseInt(args[3])
	switch {
	case equalName(args[2], "resizing"), equalName(args[2], "peak-reset-time") && (isNumber || isWord(args[3], "never", "reset")):
		c.Reply.SimpleString("OK")
	case equalName(args[2], "peak-reset-time"):
		c.Error(errNotInteger)
	default:
		c.Error(errDebug(args[1]))
	}
}

// debugChangeReplID has the data named anew: a replica would begin from the start.
func debugChangeReplID(c *Client, _ [][]byte) {
	c.W.Server.replica.history.Store(&history{randomHistory(), noHistory, -1})
	c.Reply.SimpleString("OK")
}

// debugReplicate sends replicas a request that is not carried out here.
func debugReplicate(c *Client, args [][]byte) {
	c.W.Server.Stream.Append([]stream.Part{{DB: stream.AnyDB, Request: appendRequest(nil, args[2:]...)}})
	c.Reply.SimpleString("OK")
}

func debugSkipChecksum(c *Client, args [][]byte) {
	c.W.Server.unsummed.Store(number(args[2]) != 0)
	c.Reply.SimpleString("OK")
}

// debugPopulate makes keys of the name prefix:number, "key" if none is given,
// with the values value:number, cut or padded to a size. Those there are, stay.
func debugPopulate(c *Client, args [][]byte) {
	count, ok := parseInt(args[2])
	size := int64(0)
	if ok && len(args) == 5 {
		size, ok = parseInt(args[4])
	}
	if !ok || count < 0 || size < 0 {
		c.Error("ERR value is out of range, must be positive")
		return
	}
	prefix := "key"
	if len(args) > 3 {
		prefix = string(args[3])
	}
	for i := range count {
		k := c.W.Worker.Key([]byte(prefix + ":" + strconv.FormatInt(i, 10)))
		if _, found := c.W.Peek(c.DB, k); found {
			continue
		}
		value := []byte("value:" + strconv.FormatInt(i, 10))
		if size > 0 {
			value = append(value[:min(len(value), int(size))], make([]byte, max(int(size)-len(value), 0))...)
		}
		c.W.Set(c.DB, k, value, keyspace.Options{})
	}
	c.Reply.SimpleString("OK")
}
