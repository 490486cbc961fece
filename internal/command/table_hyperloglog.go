package command

// hyperloglogTable holds the commands of the group hyperloglog.
func hyperloglogTable() []*Spec {
	return []*Spec{
		{
			Name: "pfadd", Arity: -2, Flags: Write | DenyOOM | Fast,
			Categories: "hyperloglog", Since: "2.8.9", Complexity: "O(1) for each element",
			Keys:      []KeySpec{{Flags: "RW insert", Index: 1}},
			Summary:   "Counts elements in a HyperLogLog, which is made if absent.",
			Arguments: "key:key element?*",
			Run:       pfaddCommand,
		},
		{
			Name: "pfcount", Arity: -2, Flags: ReadOnly | MayReplicate,
			Categories: "hyperloglog", Since: "2.8.9", Complexity: "O(1) for a key whose estimate is up to date; else O(N), N being the keys, with a large constant",
			Keys:      []KeySpec{{Notes: "RW because the estimate is kept in the value", Flags: "RW access", Index: 1, Last: -1}},
			Summary:   "Estimates how many distinct elements one or several HyperLogLogs have been given.",
			Arguments: "key:key*",
			Run:       pfcountCommand,
		},
		{
			Name: "pfdebug", Arity: 3, Flags: Write | DenyOOM | Admin,
			Categories: "hyperloglog", Since: "2.8.9", Complexity: "O(1) but for the registers", System: true,
			Keys:      []KeySpec{{Flags: "RW access", Index: 2}},
			Summary:   "Shows what a HyperLogLog looks like inside.",
			Arguments: "subcommand key:key",
			Run:       pfdebugCommand,
		},
		{
			Name: "pfmerge", Arity: -2, Flags: Write | DenyOOM,
			Categories: "hyperloglog", Since: "2.8.9", Complexity: "O(N), N being the keys, with a large constant",
			Keys:      []KeySpec{{Flags: "RW access insert", Index: 1}, {Flags: "RO access", Index: 2, Last: -1}},
			Summary:   "Puts HyperLogLogs together and stores the result in the first.",
			Arguments: "destkey:key sourcekey:key#1?*",
			Run:       pfmergeCommand,
		},
		{
			Name: "pfselftest", Arity: 1, Flags: Admin,
			Categories: "hyperloglog", Since: "2.8.9", Complexity: "O(1), with a large constant", System: true,
			Summary: "Tests the HyperLogLog of the server.",
			Run:     pfselftestCommand,
		},
	}
}
