package command

import (
	"strconv"

	"github.com/crucible-cache/crucible/internal/redisconf"
)

// clusterParams say where clients of a cluster reach this server. They are read
// when a client asks for that.
var clusterParams = []string{
	"cluster-announce-ip", "cluster-announce-port", "cluster-announce-tls-port", "cluster-announce-bus-port",
	"cluster-announce-hostname", "cluster-preferred-endpoint-type", "cluster-port",
}

// addCluster enters the parameters of clusters.
func (p *Params) addCluster(s Settings) {
	p.add("cluster-enabled", fixedParam(yesNo(s.ClusterEnabled)))
	for _, name := range clusterParams {
		p.add(name, newNoted(redisconf.Lookup(name)))
	}
}

// number returns a parameter that is a number.
func (p *Params) number(name string) int {
	n, _ := strconv.Atoi(p.value(name))
	return n
}

// announced returns a parameter that is a port, or if it is 0 the port given.
func (p *Params) announced(name string, port int) int {
	if n := p.number(name); n != 0 {
		return n
	}
	return port
}
