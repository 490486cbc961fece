package command

// This server is none of a cluster. What needs one is refused as by a server
// that was started without cluster-enabled.

const errNoCluster = "ERR This instance has cluster support disabled"

func noClusterCommand(c *Client, _ [][]byte) { c.Error(errNoCluster) }

// roleCommand says that the server is a master without replicas.
func roleCommand(c *Client, _ [][]byte) {
	c.Reply.ArrayLen(3)
	c.Reply.BulkString("master")
	c.Reply.Int(0)
	c.Reply.ArrayLen(0)
}
