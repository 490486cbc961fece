package launch

import "strings"

// A cluster of one owns every hash slot from the start. Redis reads that from the file in which it keeps what
// it knows of its cluster, and refuses keys with CLUSTERDOWN for two seconds, which clusterProbe waits out.

// nodesFile is that file. The node's address is filled in by the server.
const nodesFile = "nodes.conf"

var nodesText = strings.Repeat("c1", 20) + " :0@0,,shard-id=" + strings.Repeat("5a", 20) + " myself,master - 0 0 0 connected 0-16383\nvars currentEpoch 0 lastVoteEpoch 0\n"

var clusterProbe = Probe{Send: "EXISTS probe\r\n", Expect: ":0\r\n"}

// RedisCluster makes a cluster of one of the Redis that a command starts.
func RedisCluster(command Command) Command {
	command.Title += ", a cluster"
	command.Args = append(command.Args[:len(command.Args):len(command.Args)],
		"--cluster-enabled", "yes", "--cluster-config-file", nodesFile)
	command.Files = map[string]string{nodesFile: nodesText}
	command.Probe = clusterProbe
	return command
}

// CrucibleCluster makes a cluster of one of the server of ours that a command starts.
func CrucibleCluster(command Command) Command {
	command.Title += ", a cluster"
	command.Env = append(command.Env[:len(command.Env):len(command.Env)],
		"CRUCIBLE_REDIS_CLUSTER_ENABLED=true")
	command.Probe = clusterProbe
	return command
}
