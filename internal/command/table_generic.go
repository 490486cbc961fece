package command

// genericTable holds the commands of the group generic.
func genericTable() []*Spec {
	return []*Spec{
		{
			Name: "copy", Arity: -3, Flags: Write | DenyOOM,
			Categories: "keyspace", Since: "6.2.0", Complexity: "O(N), N being the bytes of the value",
			Keys: []KeySpec{
				{Flags: "RO access", Index: 1},
				{Flags: "OW update", Index: 2},
			},
			Summary:   "Copies the value and the time to live of a key to another key or database.",
			Arguments: "source:key destination:key#1 destination-db:integer=DB? replace=REPLACE?",
			Grows:     copyGrows,
			Run:       copyCommand,
		},
		{
			Name: "del", Arity: -2, Flags: Write,
			Categories: "keyspace", Since: "1.0.0", Complexity: "O(N), N being the keys",
			Keys:      []KeySpec{{Flags: "RM delete", Index: 1, Last: -1}},
			Tips:      []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Summary:   "Removes keys.",
			Arguments: "key:key*",
			Run:       delCommand,
		},
		{
			Name: "dump", Arity: 2, Flags: ReadOnly,
			Categories: "keyspace", Since: "2.6.0", Complexity: "O(N), N being the bytes of the value",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Tips:      []string{"nondeterministic_output"},
			Summary:   "Shows the value of a key in a form that RESTORE takes.",
			Arguments: "key:key",
			Run:       dumpCommand,
		},
		{
			Name: "exists", Arity: -2, Flags: ReadOnly | Fast,
			Categories: "keyspace", Since: "1.0.0", Complexity: "O(N), N being the keys",
			Keys:      []KeySpec{{Flags: "RO", Index: 1, Last: -1}},
			Tips:      []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Summary:   "Counts how many of the keys given exist.",
			Arguments: "key:key*",
			History: []Change{
				{"3.0.3", "More than one key."},
			},
			Run: existsCommand,
		},
		{
			Name: "expire", Arity: -3, Flags: Write | Fast,
			Categories: "keyspace", Since: "1.0.0", Complexity: "O(1)",
			Keys:      []KeySpec{{Flags: "RW update", Index: 1}},
			Summary:   "Gives a key a time to live in seconds.",
			Arguments: "key:key seconds:integer condition<nx=NX xx=XX gt=GT lt=LT>@7.0.0?",
			History: []Change{
				{"7.0.0", "Conditions `NX`, `XX`, `GT`, `LT`."},
			},
			Run: expireCommand,
		},
		{
			Name: "expireat", Arity: -3, Flags: Write | Fast,
			Categories: "keyspace", Since: "1.2.0", Complexity: "O(1)",
			Keys:      []KeySpec{{Flags: "RW update", Index: 1}},
			Summary:   "Sets the second, as unix time, at which a key expires.",
			Arguments: "key:key unix-time-seconds:unix-time condition<nx=NX xx=XX gt=GT lt=LT>@7.0.0?",
			History: []Change{
				{"7.0.0", "Conditions `NX`, `XX`, `GT`, `LT`."},
			},
			Run: expireatCommand,
		},
		{
			Name: "expiretime", Arity: 2, Flags: ReadOnly | Fast,
			Categories: "keyspace", Since: "7.0.0", Complexity: "O(1)",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Summary:   "Tells the second, as unix time, at which a key expires.",
			Arguments: "key:key",
			Run:       expiretimeCommand,
		},
		{
			Name: "keys", Arity: 2, Flags: ReadOnly | Unlocked,
			Categories: "keyspace dangerous", Since: "1.0.0", Complexity: "O(N), N being the keys of the database",
			Tips:      []string{"request_policy:all_shards", "nondeterministic_output_order"},
			Summary:   "Lists all keys whose names match a pattern.",
			Arguments: "pattern:pattern",
			Run:       keysCommand,
		},
		{
			Name: "migrate", Arity: -6, Flags: Write | MovableKeys | Unlocked,
			Categories: "keyspace dangerous", Since: "2.6.0", Complexity: "O(N), N being the bytes of the values",
			Keys: []KeySpec{
				{Flags: "RW access delete", Index: 3, Find: migrateKey},
				{Flags: "RW access delete incomplete", Keyword: "KEYS", Index: -2, Last: -1, Find: migrateKeys},
			},
			Tips:    []string{"nondeterministic_output"},
			Summary: "Moves keys to another server.",
			Arguments: "host port:integer key-selector<key:key empty-string=''> destination-db:integer timeout:integer " +
				"copy=COPY@3.0.0? replace=REPLACE@3.0.0? authentication<auth:string'password'=AUTH@4.0.7 " +
				"auth2(username password)=AUTH2@6.0.0>? keys:key#1'key'=KEYS@3.0.6?*",
			History: []Change{
				{"3.0.0", "The options `COPY` and `REPLACE`."},
				{"3.0.6", "The option `KEYS`."},
				{"4.0.7", "The option `AUTH`."},
				{"6.0.0", "The option `AUTH2`."},
			},
			Run: migrateCommand,
		},
		{
			Name: "move", Arity: 3, Flags: Write | Fast,
			Categories: "keyspace", Since: "1.0.0", Complexity: "O(1)",
			Keys:      []KeySpec{{Flags: "RW access update", Index: 1}},
			Summary:   "Moves a key to another database.",
			Arguments: "key:key db:integer",
			Run:       moveCommand,
		},
		{
			Name: "object", Arity: -2,
			Since: "2.2.3", Complexity: "As the subcommand",
			Summary: "Looks into how a value is kept.",
			Sub: []*Spec{
				{
					Name: "encoding", Arity: 3, Flags: ReadOnly,
					Categories: "keyspace", Since: "2.2.3", Complexity: "O(1)",
					Keys:      []KeySpec{{Flags: "RO", Index: 2}},
					Tips:      []string{"nondeterministic_output"},
					Summary:   "Tells how the value of a key is encoded.",
					Arguments: "key:key",
					Run:       objectEncodingCommand,
				},
				{
					Name: "freq", Arity: 3, Flags: ReadOnly,
					Categories: "keyspace", Since: "4.0.0", Complexity: "O(1)",
					Keys:      []KeySpec{{Flags: "RO", Index: 2}},
					Tips:      []string{"nondeterministic_output"},
					Summary:   "Tells the logarithmic counter of uses of a key, under an LFU policy.",
					Arguments: "key:key",
					Run:       objectFreqCommand,
				},
				{
					Name: "help", Arity: 2, Flags: Loading | Stale,
					Categories: "keyspace", Since: "6.2.0", Complexity: "O(1)",
					Summary: "Explains the subcommands of OBJECT.",
					Run:     helpCommand,
				},
				{
					Name: "idletime", Arity: 3, Flags: ReadOnly,
					Categories: "keyspace", Since: "2.2.3", Complexity: "O(1)",
					Keys:      []KeySpec{{Flags: "RO", Index: 2}},
					Tips:      []string{"nondeterministic_output"},
					Summary:   "Tells how many seconds ago a key was used last, unless the policy is LFU.",
					Arguments: "key:key",
					Run:       objectIdletimeCommand,
				},
				{
					Name: "refcount", Arity: 3, Flags: ReadOnly,
					Categories: "keyspace", Since: "2.2.3", Complexity: "O(1)",
					Keys:      []KeySpec{{Flags: "RO", Index: 2}},
					Tips:      []string{"nondeterministic_output"},
					Summary:   "Tells how many references to the value of a key there are.",
					Arguments: "key:key",
					Run:       objectRefcountCommand,
				},
			},
		},
		{
			Name: "persist", Arity: 2, Flags: Write | Fast,
			Categories: "keyspace", Since: "2.2.0", Complexity: "O(1)",
			Keys:      []KeySpec{{Flags: "RW update", Index: 1}},
			Summary:   "Takes the time to live from a key.",
			Arguments: "key:key",
			Run:       persistCommand,
		},
		{
			Name: "pexpire", Arity: -3, Flags: Write | Fast,
			Categories: "keyspace", Since: "2.6.0", Complexity: "O(1)",
			Keys:      []KeySpec{{Flags: "RW update", Index: 1}},
			Summary:   "Gives a key a time to live in milliseconds.",
			Arguments: "key:key milliseconds:integer condition<nx=NX xx=XX gt=GT lt=LT>@7.0.0?",
			History: []Change{
				{"7.0.0", "Conditions `NX`, `XX`, `GT`, `LT`."},
			},
			Run: pexpireCommand,
		},
		{
			Name: "pexpireat", Arity: -3, Flags: Write | Fast,
			Categories: "keyspace", Since: "2.6.0", Complexity: "O(1)",
			Keys:      []KeySpec{{Flags: "RW update", Index: 1}},
			Summary:   "Sets the millisecond, as unix time, at which a key expires.",
			Arguments: "key:key unix-time-milliseconds:unix-time condition<nx=NX xx=XX gt=GT lt=LT>@7.0.0?",
			History: []Change{
				{"7.0.0", "Conditions `NX`, `XX`, `GT`, `LT`."},
			},
			Run: pexpireatCommand,
		},
		{
			Name: "pexpiretime", Arity: 2, Flags: ReadOnly | Fast,
			Categories: "keyspace", Since: "7.0.0", Complexity: "O(1)",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Summary:   "Tells the millisecond, as unix time, at which a key expires.",
			Arguments: "key:key",
			Run:       pexpiretimeCommand,
		},
		{
			Name: "pttl", Arity: 2, Flags: ReadOnly | Fast,
			Categories: "keyspace", Since: "2.6.0", Complexity: "O(1)",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Tips:      []string{"nondeterministic_output"},
			Summary:   "Tells how many milliseconds a key has left to live.",
			Arguments: "key:key",
			History: []Change{
				{"2.8.0", "Answers -2 for an absent key."},
			},
			Run: pttlCommand,
		},
		{
			Name: "randomkey", Arity: 1, Flags: ReadOnly | Unlocked,
			Categories: "keyspace", Since: "1.0.0", Complexity: "O(1)",
			Tips:    []string{"request_policy:all_shards", "response_policy:special", "nondeterministic_output"},
			Summary: "Picks the name of a key at random.",
			Run:     randomkeyCommand,
		},
		{
			Name: "rename", Arity: 3, Flags: Write,
			Categories: "keyspace", Since: "1.0.0", Complexity: "O(1)",
			Keys: []KeySpec{
				{Flags: "RW access delete", Index: 1},
				{Flags: "OW update", Index: 2},
			},
			Summary:   "Gives a key another name, replacing what has that name.",
			Arguments: "key:key newkey:key#1",
			Run:       renameCommand,
		},
		{
			Name: "renamenx", Arity: 3, Flags: Write | Fast,
			Categories: "keyspace", Since: "1.0.0", Complexity: "O(1)",
			Keys: []KeySpec{
				{Flags: "RW access delete", Index: 1},
				{Flags: "OW insert", Index: 2},
			},
			Summary:   "Gives a key another name that is not taken.",
			Arguments: "key:key newkey:key#1",
			History: []Change{
				{"3.2.0", "No error when both names are the same."},
			},
			Run: renamenxCommand,
		},
		restoreSpec(),
		{
			Name: "scan", Arity: -2, Flags: ReadOnly | Unlocked,
			Categories: "keyspace", Since: "2.8.0", Complexity: "O(1) for a call, O(N) for a whole walk over N keys",
			Tips:      []string{"nondeterministic_output", "request_policy:special", "response_policy:special"},
			Summary:   "Walks over the keys of a database, some with each call.",
			Arguments: "cursor:integer pattern:pattern=MATCH? count:integer=COUNT? type:string=TYPE@6.0.0?",
			History: []Change{
				{"6.0.0", "Option `TYPE`."},
			},
			Run: scanCommand,
		},
		{
			Name: "sort", Arity: -2, Flags: Write | DenyOOM | MovableKeys | WholeKeyspace,
			Categories: "set sortedset list dangerous", Since: "1.0.0", Complexity: "O(N+M*log(M)), N being the elements and M those of the answer",
			Keys: []KeySpec{
				{Flags: "RO access", Index: 1},
				{Notes: sortByNotes, Flags: "RO access", Unknown: true},
				{
					Notes: "STORE may stand at any place among the options",
					Flags: "OW update", Unknown: true, Find: sortStore,
				},
			},
			Summary:   "Sorts the elements of a list, set or sorted set, and stores the outcome if asked to.",
			Arguments: "key:key by-pattern:pattern#1'pattern'=BY? limit(offset:integer count:integer)=LIMIT? get-pattern:pattern#1'pattern'=GET?** order<asc=ASC desc=DESC>? sorting=ALPHA? destination:key#2=STORE?",
			Grows:     sortGrows,
			Run:       sortCommand,
		},
		{
			Name: "sort_ro", Arity: -2, Flags: ReadOnly | MovableKeys | WholeKeyspace,
			Categories: "set sortedset list dangerous", Since: "7.0.0", Complexity: "O(N+M*log(M)), N being the elements and M those of the answer",
			Keys: []KeySpec{
				{Flags: "RO access", Index: 1},
				{Notes: sortByNotes, Flags: "RO access", Unknown: true},
			},
			Summary:   "Sorts the elements of a list, set or sorted set.",
			Arguments: "key:key by-pattern:pattern#1'pattern'=BY? limit(offset:integer count:integer)=LIMIT? get-pattern:pattern#1'pattern'=GET?** order<asc=ASC desc=DESC>? sorting=ALPHA?",
			Run:       sortroCommand,
		},
		{
			Name: "touch", Arity: -2, Flags: ReadOnly | Fast,
			Categories: "keyspace", Since: "3.2.1", Complexity: "O(N), N being the keys",
			Keys:      []KeySpec{{Flags: "RO", Index: 1, Last: -1}},
			Tips:      []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Summary:   "Marks keys as used just now and counts those that exist.",
			Arguments: "key:key*",
			Run:       touchCommand,
		},
		{
			Name: "ttl", Arity: 2, Flags: ReadOnly | Fast,
			Categories: "keyspace", Since: "1.0.0", Complexity: "O(1)",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Tips:      []string{"nondeterministic_output"},
			Summary:   "Tells how many seconds a key has left to live.",
			Arguments: "key:key",
			History: []Change{
				{"2.8.0", "Answers -2 for an absent key."},
			},
			Run: ttlCommand,
		},
		{
			Name: "type", Arity: 2, Flags: ReadOnly | Fast,
			Categories: "keyspace", Since: "1.0.0", Complexity: "O(1)",
			Keys:      []KeySpec{{Flags: "RO", Index: 1}},
			Summary:   "Tells which kind of value a key holds.",
			Arguments: "key:key",
			Run:       typeCommand,
		},
		{
			Name: "unlink", Arity: -2, Flags: Write | Fast,
			Categories: "keyspace", Since: "4.0.0", Complexity: "O(N), N being the keys",
			Keys:      []KeySpec{{Flags: "RM delete", Index: 1, Last: -1}},
			Tips:      []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Summary:   "Removes keys; their memory may be given back later.",
			Arguments: "key:key*",
			Run:       unlinkCommand,
		},
		{
			Name: "wait", Arity: 3, Flags: Blocking,
			Categories: "connection", Since: "3.0.0", Complexity: "O(1)",
			Tips:      []string{"request_policy:all_shards", "response_policy:agg_min"},
			Summary:   "Waits until so many replicas have what the connection wrote.",
			Arguments: "numreplicas:integer timeout:integer",
			Run:       waitCommand,
		},
		{
			Name: "waitaof", Arity: 4, Flags: Blocking,
			Categories: "connection", Since: "7.2.0", Complexity: "O(1)",
			Tips:      []string{"request_policy:all_shards", "response_policy:agg_min"},
			Summary:   "Waits until what the connection wrote is in the log of this server, of so many replicas, or both.",
			Arguments: "numlocal:integer numreplicas:integer timeout:integer",
			Run:       waitaofCommand,
		},
	}
}

// sortByNotes is what is noted on the keys that SORT finds by patterns.
const sortByNotes = "The patterns of BY and GET make key names of the elements"

// restoreSpec describes RESTORE.
func restoreSpec() *Spec {
	return &Spec{
		Name: "restore", Arity: -4, Flags: Write | DenyOOM | Unlocked,
		Categories: "keyspace dangerous", Since: "2.6.0", Complexity: "O(N*M), N being the elements and M the bytes of each",
		Keys:      []KeySpec{{Flags: "OW update", Index: 1}},
		Summary:   "Makes a key of what DUMP showed.",
		Arguments: "key:key ttl:integer serialized-value replace=REPLACE@3.0.0? absttl=ABSTTL@5.0.0? seconds:integer=IDLETIME@5.0.0? frequency:integer=FREQ@5.0.0?",
		History: []Change{
			{"3.0.0", "The option `REPLACE`."},
			{"5.0.0", "The option `ABSTTL`."},
			{"5.0.0", "The options `IDLETIME` and `FREQ`."},
		},
		Run: restoreCommand,
	}
}

// restoreAskingSpec describes RESTORE under the name by which nodes of a cluster
// send it to each other.
func restoreAskingSpec() *Spec {
	s := restoreSpec()
	s.Name, s.Since = "restore-asking", "3.0.0"
	s.Flags |= Asking
	s.System = true
	return s
}
