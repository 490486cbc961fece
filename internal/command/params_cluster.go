package command

import (
	"strconv"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/redisconf"
)

// clusterParams say where clients of a cluster reach this server. They are read
// when a client asks for that.
var clusterParams = []string{
	"cluster-announce-ip", "cluster-announce-port", "cluster-announce-tls-port", "cluster-announce-bus-port",
	"cluster-announce-hostname", "cluster-announce-human-nodename", "cluster-preferred-endpoint-type", "cluster-port",
}

// clusterSwitches say what is served while some slots are not, 1 for yes.
type clusterSwitches struct {
	fullCoverage          atomic.Int64 // nothing
	readsWhenDown         atomic.Int64 // but reads
	shardChannelsWhenDown atomic.Int64 // but channels of shards
}

// addCluster enters the parameters of clusters.
func (p *Params) addCluster(s Settings) {
	p.add("cluster-enabled", fixedParam(yesNo(s.ClusterEnabled)))
	p.add("cluster-config-file", fixedParam(s.ClusterConfigFile))
	p.add("cluster-require-full-coverage", newBool(&p.fullCoverage, true))
	p.add("cluster-allow-reads-when-down", newBool(&p.readsWhenDown, false))
	p.add("cluster-allow-pubsubshard-when-down", newBool(&p.shardChannelsWhenDown, true))
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
