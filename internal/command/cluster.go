package command

// This server is none of a cluster. What needs one is refused as by a server
// that was started without cluster-enabled.

const errNoCluster = "ERR This instance has cluster support disabled"

func noClusterCommand(c *Client, _ [][]byte) { c.Error(errNoCluster) }
