package command

const streamsNotes = "An option before it may have the word as its argument"

// trimArguments is the notation of the trimming options of XADD and XTRIM.
const trimArguments = "trim(strategy<maxlen=MAXLEN minid=MINID@6.2.0> operator<equal='=' approximately='~'>? threshold count:integer=LIMIT@6.2.0?)"

// streamTable holds the commands of the group stream.
func streamTable() []*Spec {
	return []*Spec{
		{
			Name: "xadd", Arity: -5, Flags: Write | DenyOOM | Fast,
			Categories: "stream", Since: "5.0.0", Complexity: "O(1), and O(N) for N entries that are trimmed",
			Keys:      []KeySpec{{Notes: "An option may take entries away", Flags: "RW update", Index: 1}},
			Tips:      []string{"nondeterministic_output"},
			Summary:   "Adds an entry to the stream at a key, which is made if need be, and trims it on request.",
			Arguments: "key:key nomkstream=NOMKSTREAM@6.2.0? " + trimArguments + "? id-selector<auto-id='*' id> data(field value)*",
			History: []Change{
				{"6.2.0", "Options `NOMKSTREAM`, `MINID` and `LIMIT`."},
				{"7.0.0", "IDs of the form `<ms>-*`."},
			},
			Run: xaddCommand,
		},
		{
			Name: "xlen", Arity: 2, Flags: ReadOnly | Fast,
			Categories: "stream", Since: "5.0.0", Complexity: "O(1)",
			Keys:      []KeySpec{{Flags: "RO", Index: 1}},
			Summary:   "Counts the entries of the stream at a key.",
			Arguments: "key:key",
			Run:       xlenCommand,
		},
		{
			Name: "xrange", Arity: -4, Flags: ReadOnly,
			Categories: "stream", Since: "5.0.0", Complexity: "O(N), N being the entries of the answer",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Summary:   "Reads the entries of the stream at a key between two IDs.",
			Arguments: "key:key start end count:integer=COUNT?",
			History: []Change{
				{"6.2.0", "Bounds that are not part of the range."},
			},
			Run: xrangeCommand,
		},
		{
			Name: "xrevrange", Arity: -4, Flags: ReadOnly,
			Categories: "stream", Since: "5.0.0", Complexity: "O(N), N being the entries of the answer",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Summary:   "Reads the entries of the stream at a key between two IDs, the last first.",
			Arguments: "key:key end start count:integer=COUNT?",
			History: []Change{
				{"6.2.0", "Bounds that are not part of the range."},
			},
			Run: xrevrangeCommand,
		},
		{
			Name: "xdel", Arity: -3, Flags: Write | Fast,
			Categories: "stream", Since: "5.0.0", Complexity: "O(1) an entry, however long the stream",
			Keys:      []KeySpec{{Flags: "RW delete", Index: 1}},
			Summary:   "Removes entries of the stream at a key and tells how many were there.",
			Arguments: "key:key id*",
			Run:       xdelCommand,
		},
		{
			Name: "xtrim", Arity: -4, Flags: Write,
			Categories: "stream", Since: "5.0.0", Complexity: "O(N), N being the entries removed, which go by the hundred",
			Keys:      []KeySpec{{Flags: "RW delete", Index: 1}},
			Tips:      []string{"nondeterministic_output"},
			Summary:   "Removes entries at the beginning of the stream at a key, down to a length or up to an ID.",
			Arguments: "key:key " + trimArguments,
			History: []Change{
				{"6.2.0", "Options `MINID` and `LIMIT`."},
			},
			Run: xtrimCommand,
		},
		{
			Name: "xsetid", Arity: -3, Flags: Write | DenyOOM | Fast,
			Categories: "stream", Since: "5.0.0", Complexity: "O(1)",
			Keys:      []KeySpec{{Flags: "RW update", Index: 1}},
			Summary:   "Sets the last ID of the stream at a key, and what it remembers of entries that are gone.",
			Arguments: "key:key last-id entries-added:integer=ENTRIESADDED@7.0.0? max-deleted-id:string=MAXDELETEDID@7.0.0?",
			History: []Change{
				{"7.0.0", "Options `ENTRIESADDED` and `MAXDELETEDID`."},
			},
			Run: xsetidCommand,
		},
		{
			Name: "xread", Arity: -4, Flags: ReadOnly | Blocking | MovableKeys,
			Categories: "stream", Since: "5.0.0",
			Keys:      []KeySpec{{Notes: streamsNotes, Flags: "RO access incomplete", Keyword: "STREAMS", Index: 1, Last: -1, Limit: 2, Find: readKeys(1)}},
			Summary:   "Reads the entries of several streams that follow an ID of each, and waits for some on request.",
			Arguments: "count:integer=COUNT? milliseconds:integer=BLOCK? streams(key:key* id*)=STREAMS",
			Run:       xreadCommand,
		},
		{
			Name: "xreadgroup", Arity: -7, Flags: Write | Blocking | MovableKeys,
			Categories: "stream", Since: "5.0.0", Complexity: "O(M) a stream, M being the entries of the answer; whoever adds to a stream for which N clients wait serves them in O(N)",
			Keys:      []KeySpec{{Notes: streamsNotes, Flags: "RO access incomplete", Keyword: "STREAMS", Index: 4, Last: -1, Limit: 2, Find: readKeys(4)}},
			Summary:   "Reads the entries of several streams that a group has not delivered yet, or those pending for a consumer of it.",
			Arguments: "group-block(group consumer)=GROUP count:integer=COUNT? milliseconds:integer=BLOCK? noack=NOACK? streams(key:key* id*)=STREAMS",
			Run:       xreadgroupCommand,
		},
		{
			Name: "xack", Arity: -4, Flags: Write | Fast,
			Categories: "stream", Since: "5.0.0", Complexity: "O(1) an ID",
			Keys:      []KeySpec{{Flags: "RW update", Index: 1}},
			Summary:   "Tells a group that entries were dealt with, so that they are no longer pending, and how many were.",
			Arguments: "key:key group id*",
			Run:       xackCommand,
		},
		{
			Name: "xpending", Arity: -3, Flags: ReadOnly,
			Categories: "stream", Since: "5.0.0", Complexity: "O(N), N being the entries shown or, with IDLE, looked at; without a range O(N), N being the consumers",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Tips:      []string{"nondeterministic_output"},
			Summary:   "Shows what is pending in a group: how much for whom, or entry by entry.",
			Arguments: "key:key group filters(min-idle-time:integer=IDLE@6.2.0? start end count:integer consumer?)?",
			History: []Change{
				{"6.2.0", "Option `IDLE`, and bounds that are not part of the range."},
			},
			Run: xpendingCommand,
		},
		{
			Name: "xclaim", Arity: -6, Flags: Write | Fast,
			Categories: "stream", Since: "5.0.0", Complexity: "O(log N), N being the entries pending in the group",
			Keys:      []KeySpec{{Flags: "RW update", Index: 1}},
			Tips:      []string{"nondeterministic_output"},
			Summary:   "Hands pending entries to another consumer of the group.",
			Arguments: "key:key group consumer min-idle-time id* ms:integer=IDLE? unix-time-milliseconds:unix-time=TIME? count:integer=RETRYCOUNT? force=FORCE? justid=JUSTID? lastid:string=LASTID?",
			Run:       xclaimCommand,
		},
		{
			Name: "xautoclaim", Arity: -6, Flags: Write | Fast,
			Categories: "stream", Since: "6.2.0", Complexity: "O(1) if COUNT is small",
			Keys:      []KeySpec{{Flags: "RW delete", Index: 1}},
			Tips:      []string{"nondeterministic_output"},
			Summary:   "Hands what has been pending in a group for long enough to another consumer.",
			Arguments: "key:key group consumer min-idle-time start count:integer=COUNT? justid=JUSTID?",
			History: []Change{
				{"7.0.0", "Lists the entries that are no longer pending because they were deleted."},
			},
			Run: xautoclaimCommand,
		},
		xgroupSpec(),
		xinfoSpec(),
	}
}

func xgroupSpec() *Spec {
	return &Spec{
		Name: "xgroup", Arity: -2, Since: "5.0.0", Complexity: "that of the subcommand",
		Summary: "Makes and removes groups and their consumers.",
		Sub: []*Spec{
			{
				Name: "create", Arity: -5, Flags: Write | DenyOOM,
				Categories: "stream", Since: "5.0.0", Complexity: "O(1)",
				Keys:      []KeySpec{{Flags: "RW insert", Index: 2}},
				Summary:   "Makes a group that begins to read after an ID.",
				Arguments: "key:key group id-selector<id new-id='$'> mkstream=MKSTREAM? entriesread:integer'entries-read'=ENTRIESREAD?",
				History: []Change{
					{"7.0.0", "Option `ENTRIESREAD`."},
				},
				Run: xgroupCreateCommand,
			},
			{
				Name: "createconsumer", Arity: 5, Flags: Write | DenyOOM,
				Categories: "stream", Since: "6.2.0", Complexity: "O(1)",
				Keys:      []KeySpec{{Flags: "RW insert", Index: 2}},
				Summary:   "Makes a consumer of a group.",
				Arguments: "key:key group consumer",
				Run:       xgroupCreateconsumerCommand,
			},
			{
				Name: "delconsumer", Arity: 5, Flags: Write,
				Categories: "stream", Since: "5.0.0", Complexity: "O(N), N being what is pending for it",
				Keys:      []KeySpec{{Flags: "RW delete", Index: 2}},
				Summary:   "Removes a consumer of a group with what is pending for it, and tells how much that was.",
				Arguments: "key:key group consumer",
				Run:       xgroupDelconsumerCommand,
			},
			{
				Name: "destroy", Arity: 4, Flags: Write,
				Categories: "stream", Since: "5.0.0", Complexity: "O(N), N being what is pending in it",
				Keys:      []KeySpec{{Flags: "RW delete", Index: 2}},
				Summary:   "Removes a group.",
				Arguments: "key:key group",
				Run:       xgroupDestroyCommand,
			},
			{
				Name: "help", Arity: 2, Flags: Loading | Stale,
				Categories: "stream", Since: "5.0.0", Complexity: "O(1)",
				Summary: "Prints this help.",
				Run:     helpCommand,
			},
			{
				Name: "setid", Arity: -5, Flags: Write,
				Categories: "stream", Since: "5.0.0", Complexity: "O(1)",
				Keys:      []KeySpec{{Flags: "RW update", Index: 2}},
				Summary:   "Sets the ID after which a group goes on to read.",
				Arguments: "key:key group id-selector<id new-id='$'> entriesread:integer'entries-read'=ENTRIESREAD?",
				History: []Change{
					{"7.0.0", "Option `ENTRIESREAD`."},
				},
				Run: xgroupSetidCommand,
			},
		},
	}
}

func xinfoSpec() *Spec {
	return &Spec{
		Name: "xinfo", Arity: -2, Since: "5.0.0", Complexity: "that of the subcommand",
		Summary: "Describes streams, their groups and consumers.",
		Sub: []*Spec{
			{
				Name: "consumers", Arity: 4, Flags: ReadOnly,
				Categories: "stream", Since: "5.0.0", Complexity: "O(N), N being the consumers",
				Keys:      []KeySpec{{Flags: "RO access", Index: 2}},
				Tips:      []string{"nondeterministic_output"},
				Summary:   "Describes the consumers of a group.",
				Arguments: "key:key group",
				History: []Change{
					{"7.2.0", "Field `inactive`; `idle` counts from the last attempt to read."},
				},
				Run: xinfoConsumersCommand,
			},
			{
				Name: "groups", Arity: 3, Flags: ReadOnly,
				Categories: "stream", Since: "5.0.0", Complexity: "O(N), N being the groups",
				Keys:      []KeySpec{{Flags: "RO access", Index: 2}},
				Summary:   "Describes the groups of a stream.",
				Arguments: "key:key",
				History: []Change{
					{"7.0.0", "Fields `entries-read` and `lag`."},
				},
				Run: xinfoGroupsCommand,
			},
			{
				Name: "help", Arity: 2, Flags: Loading | Stale,
				Categories: "stream", Since: "5.0.0", Complexity: "O(1)",
				Summary: "Prints this help.",
				Run:     helpCommand,
			},
			{
				Name: "stream", Arity: -3, Flags: ReadOnly,
				Categories: "stream", Since: "5.0.0", Complexity: "O(N), N being the nodes, each of about 100 entries",
				Keys:      []KeySpec{{Flags: "RO access", Index: 2}},
				Summary:   "Describes a stream, with FULL also its entries, groups and consumers.",
				Arguments: "key:key full-block(full=FULL count:integer=COUNT?)?",
				History: []Change{
					{"6.0.0", "Option `FULL`."},
					{"7.0.0", "Fields `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read`, `lag`."},
					{"7.2.0", "Field `active-time`; `seen-time` is that of the last attempt to read."},
				},
				Run: xinfoStreamCommand,
			},
		},
	}
}
