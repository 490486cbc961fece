package command

// persistenceTable holds the commands on snapshots, the append-only file and
// replicas. There is no append-only file: what asks for it is answered as by a server that has it switched off.
func persistenceTable() []*Spec {
	return []*Spec{
		{
			Name: "bgrewriteaof", Arity: 1, Flags: Admin | NoScript | NoAsyncLoading,
			Since: "1.0.0", Complexity: "O(1)",
			Summary: "Writes the append-only file anew, if there is one.",
			Run:     bgrewriteaofCommand,
		},
		{
			Name: "bgsave", Arity: -1, Flags: Admin | NoScript | NoAsyncLoading,
			Since: "1.0.0", Complexity: "O(1)",
			Summary:   "Writes a snapshot to disk, and replies when it has begun.",
			Arguments: "schedule=SCHEDULE@3.2.2?",
			History: []Change{
				{"3.2.2", "The option `SCHEDULE`."},
			},
			Run: bgsaveCommand,
		},
		{
			Name: "failover", Arity: -1, Flags: Admin | NoScript | Stale,
			Since: "6.2.0", Complexity: "O(1)",
			Summary:   "Changes places with a replica.",
			Arguments: "target(host port:integer force=FORCE?)=TO? abort=ABORT? milliseconds:integer=TIMEOUT?",
			Run:       failoverCommand,
		},
		{
			Name: "lastsave", Arity: 1, Flags: Loading | Stale | Fast,
			Categories: "admin dangerous", Since: "1.0.0", Complexity: "O(1)",
			Tips:    []string{"nondeterministic_output"},
			Summary: "Tells when the last snapshot was written, as unix time.",
			Run:     lastsaveCommand,
		},
		{
			Name: "psync", Arity: -3, Flags: Admin | NoScript | NoAsyncLoading | NoMulti,
			Since:     "2.8.0",
			Summary:   "Is how replicas ask for the data, or for what they missed.",
			Arguments: "replicationid offset:integer",
			Run:       syncCommand,
		},
		{
			Name: "replconf", Arity: -1, Flags: Admin | NoScript | Loading | Stale | AllowBusy,
			Since: "3.0.0", Complexity: "O(1)", System: true,
			Summary: "Is how replicas say what they are.",
			Run:     replconfCommand,
		},
		replicaofSpec("replicaof", "5.0.0", Deprecation{}),
		{
			Name: "role", Arity: 1, Flags: NoScript | Loading | Stale | Fast,
			Categories: "admin dangerous", Since: "2.8.12", Complexity: "O(1)",
			Summary: "Tells whether this is a master or a replica.",
			Run:     roleCommand,
		},
		{
			Name: "save", Arity: 1, Flags: Admin | NoScript | NoAsyncLoading | NoMulti,
			Since: "1.0.0", Complexity: "O(N), N being the keys of all databases",
			Summary: "Writes a snapshot to disk.",
			Run:     saveCommand,
		},
		replicaofSpec("slaveof", "1.0.0", Deprecation{"5.0.0", "`REPLICAOF`"}),
		{
			Name: "sync", Arity: 1, Flags: Admin | NoScript | NoAsyncLoading | NoMulti,
			Since:   "1.0.0",
			Summary: "Asks for the data.",
			Run:     syncCommand,
		},
	}
}

func replicaofSpec(name, since string, old Deprecation) *Spec {
	return &Spec{
		Name: name, Arity: 3, Flags: Admin | NoScript | Stale | NoAsyncLoading,
		Since: since, Complexity: "O(1)", Deprecated: old,
		Summary:   "Makes the server a replica of another, or a master.",
		Arguments: "args<host-port(host port:integer) no-one(no=NO one=ONE)>",
		Run:       replicaofCommand,
	}
}
