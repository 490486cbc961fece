package command

import "errors"

var errSlotNumber = errors.New("ERR Invalid or out of range slot")

// The errors of clusters.
const (
	errNoCluster    = "ERR This instance has cluster support disabled"
	errClusterOfOne = "ERR this server is a cluster of one, which meets no others"
	errClusterSave  = "ERR error saving the cluster node config: "

	errCrossSlot        = "CROSSSLOT Keys in request don't hash to the same slot"
	errTryAgain         = "TRYAGAIN Multiple keys request during rehashing of slot"
	errSlotUnserved     = "CLUSTERDOWN Hash slot not served"
	errClusterDown      = "CLUSTERDOWN The cluster is down"
	errClusterDownWrite = "CLUSTERDOWN The cluster is down and only accepts read commands"

	errClusterSelect  = "ERR SELECT is not allowed in cluster mode"
	errClusterMove    = "ERR MOVE is not allowed in cluster mode"
	errClusterSwap    = "ERR SWAPDB is not allowed in cluster mode"
	errClusterReplica = "ERR REPLICAOF not allowed in cluster mode."

	errClusterSortBy  = "ERR BY option of SORT denied in Cluster mode when keys formed by the pattern may be in different slots."
	errClusterSortGet = "ERR GET option of SORT denied in Cluster mode when keys formed by the pattern may be in different slots."

	errScriptCluster   = "ERR Can not run script on cluster, 'no-cluster' flag is set."
	errScriptSlots     = "ERR Script attempted to access keys that do not hash to the same slot"
	errScriptUnserved  = "ERR Script attempted to access a slot not served"
	errScriptDown      = "ERR Script attempted to execute a command while the cluster is down"
	errScriptDownWrite = "ERR Script attempted to execute a write command while the cluster is down and readonly"
)

func errUnknownNode(name []byte) string { return "ERR Unknown node " + printed(name, len(name)) }

func errScriptCrossSlot(s *Spec) string {
	return "ERR Command '" + s.fullname + "' in script attempted to access keys that don't hash to the same slot"
}

func errScriptMoving(s *Spec) string {
	return "ERR Unable to execute command '" + s.fullname + "' in script because undeclared keys were accessed during rehashing of the slot"
}
