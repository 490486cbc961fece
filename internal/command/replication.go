package command

import "strings"

// The errors of the commands on replicas.
const (
	errFailoverNone   = "ERR FAILOVER requires connected replicas."
	errFailoverAbort  = "ERR No failover in progress."
	errFailoverBounds = "ERR FAILOVER timeout must be greater than 0"
	errMasterPort     = "ERR Invalid master port"
	errReplica        = "ERR this server cannot be a replica"
)

// roleCommand replies that this is a master without replicas.
func roleCommand(c *Client, _ [][]byte) {
	c.Reply.ArrayLen(3)
	c.Reply.BulkString("master")
	c.Reply.Int(0)
	c.Reply.ArrayLen(0)
}

// replicaofCommand takes that the server stays what it is, and nothing else.
func replicaofCommand(c *Client, args [][]byte) {
	if c.W.Server.cluster != nil {
		c.Error(errClusterReplica)
		return
	}
	if equalName(args[1], "no") && equalName(args[2], "one") {
		c.Reply.SimpleString("OK")
		return
	}
	if port, ok := parseInt(args[2]); !ok || port < 0 || port > 65535 {
		c.Error(errMasterPort)
		return
	}
	c.Error(errReplica)
}

// replconfCommand takes what a replica says before it asks for the data. An
// acknowledgement is not answered.
func replconfCommand(c *Client, args [][]byte) {
	if len(args)%2 == 0 {
		c.Error(errSyntax)
		return
	}
	for i := 1; i < len(args); i += 2 {
		switch name := strings.ToLower(string(args[i])); name {
		case "listening-port":
			if _, isInt, inRange := parseInt32(args[i+1]); !isInt || !inRange {
				c.Error(errNotInteger)
				return
			}
		case "ip-address", "capa", "rdb-only", "rdb-filter-only", "main-ch-client-id", "rdb-channel":
		case "ack", "getack":
			return
		default:
			c.Error("ERR Unrecognized REPLCONF option: " + string(args[i]))
			return
		}
	}
	c.Reply.SimpleString("OK")
}

// failoverCommand finds that there is no replica to change places with.
func failoverCommand(c *Client, args [][]byte) {
	if len(args) == 2 && equalName(args[1], "abort") {
		c.Error(errFailoverAbort)
		return
	}
	for i := 1; i < len(args); i++ {
		left := len(args) - i - 1
		switch {
		case equalName(args[i], "timeout") && left >= 1:
			i++
			n, ok := parseInt(args[i])
			if !ok {
				c.Error(errNotInteger)
				return
			}
			if n <= 0 {
				c.Error(errFailoverBounds)
				return
			}
		case equalName(args[i], "to") && left >= 2:
			i += 2
			if port, ok := parseInt(args[i]); !ok || port < -maxInt32-1 || port > maxInt32 {
				c.Error(errNotInteger)
				return
			}
		case equalName(args[i], "force"):
		default:
			c.Error(errSyntax)
			return
		}
	}
	c.Error(errFailoverNone)
}
