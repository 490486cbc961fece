package command

// The errors of clusters.
const (
	errNoCluster    = "ERR This instance has cluster support disabled"
	errClusterOfOne = "ERR this server is a cluster of one, which keeps all hash slots and meets no others"
	errCrossSlot    = "CROSSSLOT Keys in request don't hash to the same slot"

	errClusterSelect  = "ERR SELECT is not allowed in cluster mode"
	errClusterMove    = "ERR MOVE is not allowed in cluster mode"
	errClusterSwap    = "ERR SWAPDB is not allowed in cluster mode"
	errClusterReplica = "ERR REPLICAOF not allowed in cluster mode."

	errClusterSortBy  = "ERR BY option of SORT denied in Cluster mode when keys formed by the pattern may be in different slots."
	errClusterSortGet = "ERR GET option of SORT denied in Cluster mode when keys formed by the pattern may be in different slots."

	errScriptCluster = "ERR Can not run script on cluster, 'no-cluster' flag is set."
	errScriptSlots   = "ERR Script attempted to access keys that do not hash to the same slot"
)

func errUnknownNode(name []byte) string { return "ERR Unknown node " + printed(name, len(name)) }

func errScriptCrossSlot(s *Spec) string {
	return "ERR Command '" + s.fullname + "' in script attempted to access keys that don't hash to the same slot"
}
