package command

import (
	"net"
	"strconv"
	"strings"
)

// clusterNode is the server as a client is to see it.
type clusterNode struct {
	ip, hostname  string
	preferred     string // of ip, hostname and unknown-endpoint, what clients connect to
	port, tlsPort int    // 0 for none
	serves        int    // the one of the two that speaks as this client does
	busPort       int
}

// busPortOffset lies between the ports for clients and for other nodes, unless
// cluster-port says otherwise. Here nobody listens on it.
const busPortOffset = 10000

// node describes the server as the parameters do, to nobody in particular. The address is what
// cluster-announce-ip and its like say.
func (s *Server) node() clusterNode {
	p := s.Params
	n := clusterNode{
		hostname:  p.value("cluster-announce-hostname"),
		preferred: p.value("cluster-preferred-endpoint-type"),
		ip:        p.value("cluster-announce-ip"),
		port:      p.number("port"), tlsPort: p.number("tls-port"),
	}
	n.busPort = n.port + busPortOffset
	if n.port == 0 {
		n.busPort = n.tlsPort + busPortOffset
	}
	n.busPort = p.announced("cluster-announce-bus-port", p.announced("cluster-port", n.busPort))
	return n
}

// node describes the server to the client. Where no address is announced it is the one that
// the client is connected to, which it can surely reach. A client of a Unix socket learns
// no address, and stays with that.
func (c *Client) node() clusterNode {
	p, n := c.W.Server.Params, c.W.Server.node()
	host, port, err := net.SplitHostPort(c.Peer.LocalAddr())
	secure := n.port == 0
	if err == nil && !strings.HasPrefix(host, "/") {
		if n.ip == "" {
			n.ip = host
		}
		local, _ := strconv.Atoi(port)
		if secure = local == n.tlsPort; !secure {
			n.port = local // of several listeners the one that the client knows
		}
	}
	n.port = p.announced("cluster-announce-port", n.port)
	n.tlsPort = p.announced("cluster-announce-tls-port", n.tlsPort)
	n.serves = n.port
	if secure {
		n.serves = n.tlsPort
	}
	return n
}

// address is how the node is reached by clients, at port, and by other nodes.
func (n *clusterNode) address(port int) string {
	return n.ip + ":" + itoa(port) + "@" + itoa(n.busPort)
}

// endpoint is what clients connect to, "" if they are to stay with the address
// that they have.
func (n *clusterNode) endpoint() string {
	switch {
	case n.preferred == "ip":
		return n.ip
	case n.preferred == "hostname" && n.hostname == "":
		return "?"
	case n.preferred == "hostname":
		return n.hostname
	default:
		return ""
	}
}

// field is a name and a value of a reply.
type field struct{ name, value string }

// others are the addresses that the endpoint is not.
func (n *clusterNode) others() (all []field) {
	if n.preferred != "ip" && n.ip != "" {
		all = append(all, field{"ip", n.ip})
	}
	if n.preferred != "hostname" && n.hostname != "" {
		all = append(all, field{"hostname", n.hostname})
	}
	return all
}

func clusterSlotsCommand(c *Client, _ [][]byte) {
	n, st, r := c.node(), c.self(), &c.Reply
	r.ArrayLen(st.Owned.RangeCount())
	for first, last := range st.Owned.Ranges() {
		r.ArrayLen(3)
		r.Int(int64(first))
		r.Int(int64(last))
		n.locate(c, st.ID)
	}
}

// locate replies with where the node is, as CLUSTER SLOTS shows it.
func (n *clusterNode) locate(c *Client, id string) {
	r := &c.Reply
	r.ArrayLen(4)
	if n.preferred == "unknown-endpoint" {
		r.Null()
	} else {
		r.BulkString(n.endpoint())
	}
	r.Int(int64(n.serves))
	r.BulkString(id)
	others := n.others()
	r.MapLen(len(others))
	for _, f := range others {
		r.BulkString(f.name)
		r.BulkString(f.value)
	}
}

func clusterShardsCommand(c *Client, _ [][]byte) {
	n, st, r := c.node(), c.self(), &c.Reply
	r.ArrayLen(1)
	r.MapLen(2)
	r.BulkString("slots")
	r.ArrayLen(2 * st.Owned.RangeCount())
	for first, last := range st.Owned.Ranges() {
		r.Int(int64(first))
		r.Int(int64(last))
	}
	r.BulkString("nodes")
	r.ArrayLen(1)
	n.describe(c, st.ID)
}

// describe replies with the node as CLUSTER SHARDS shows it.
func (n *clusterNode) describe(c *Client, id string) {
	r := &c.Reply
	fields := 6
	for _, there := range []bool{n.port != 0, n.tlsPort != 0, n.hostname != ""} {
		if there {
			fields++
		}
	}
	text := func(name, value string) {
		r.BulkString(name)
		r.BulkString(value)
	}
	number := func(name string, value int) {
		r.BulkString(name)
		r.Int(int64(value))
	}
	r.MapLen(fields)
	text("id", id)
	if n.port != 0 {
		number("port", n.port)
	}
	if n.tlsPort != 0 {
		number("tls-port", n.tlsPort)
	}
	text("ip", n.ip)
	text("endpoint", n.endpoint())
	if n.hostname != "" {
		text("hostname", n.hostname)
	}
	text("role", "master")
	number("replication-offset", 0)
	text("health", "online")
}

func clusterNodesCommand(c *Client, _ [][]byte) {
	n := c.node()
	address := n.address(n.serves)
	if n.hostname != "" {
		address += "," + n.hostname
	}
	c.Reply.Verbatim("txt", c.self().Line(address)+"\n")
}

func clusterInfoCommand(c *Client, _ [][]byte) {
	var b strings.Builder
	line := func(name string, n uint64) { b.WriteString(name + ":" + strconv.FormatUint(n, 10) + "\r\n") }
	st := c.self()
	owned := uint64(st.Owned.Len()) //nolint:gosec // not negative
	state := "fail"
	if c.W.Server.clusterServes(st) {
		state = "ok"
	}
	b.WriteString("cluster_state:" + state + "\r\n")
	line("cluster_slots_assigned", owned)
	line("cluster_slots_ok", owned)
	line("cluster_slots_pfail", 0)
	line("cluster_slots_fail", 0)
	line("cluster_known_nodes", 1)
	line("cluster_size", min(owned, 1))
	line("cluster_current_epoch", st.CurrentEpoch)
	line("cluster_my_epoch", st.ConfigEpoch)
	line("cluster_stats_messages_sent", 0)
	line("cluster_stats_messages_received", 0)
	line("total_cluster_links_buffer_limit_exceeded", 0)
	c.Reply.Verbatim("txt", b.String())
}

// clusterLinksCommand lists the connections to other nodes, of which there are none.
func clusterLinksCommand(c *Client, _ [][]byte) { c.Reply.ArrayLen(0) }
