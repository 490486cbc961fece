package command

// serverTable holds the commands of the group server.
func serverTable() []*Spec {
	return []*Spec{
		{
			Name: "command", Arity: -1, Flags: Loading | Stale,
			Categories: "connection", Since: "2.8.13", Complexity: "O(N), N being the commands",
			Tips:    []string{"nondeterministic_output_order"},
			Summary: "Describes all commands.",
			Sub: []*Spec{
				{
					Name: "count", Arity: 2, Flags: Loading | Stale,
					Categories: "connection", Since: "2.8.13", Complexity: "O(1)",
					Summary: "Counts the commands.",
					Run:     commandCountCommand,
				},
				{
					Name: "docs", Arity: -2, Flags: Loading | Stale,
					Categories: "connection", Since: "7.0.0", Complexity: "O(N), N being the commands asked for",
					Tips:      []string{"nondeterministic_output_order"},
					Summary:   "Documents commands: what they do, since when, with which arguments.",
					Arguments: "command-name?*",
					Run:       commandDocsCommand,
				},
				{
					Name: "getkeys", Arity: -3, Flags: Loading | Stale,
					Categories: "connection", Since: "2.8.13", Complexity: "O(N), N being the arguments",
					Summary:   "Finds the keys among the arguments of a command.",
					Arguments: "command arg?*",
					Run:       commandGetkeysCommand,
				},
				{
					Name: "getkeysandflags", Arity: -3, Flags: Loading | Stale,
					Categories: "connection", Since: "7.0.0", Complexity: "O(N), N being the arguments",
					Summary:   "Finds the keys among the arguments of a command, with how it uses them.",
					Arguments: "command arg?*",
					Run:       commandGetkeysandflagsCommand,
				},
				{
					Name: "help", Arity: 2, Flags: Loading | Stale,
					Categories: "connection", Since: "5.0.0", Complexity: "O(1)",
					Summary: "Explains the subcommands of COMMAND.",
					Run:     helpCommand,
				},
				{
					Name: "info", Arity: -2, Flags: Loading | Stale,
					Categories: "connection", Since: "2.8.13", Complexity: "O(N), N being the commands asked for",
					Tips:      []string{"nondeterministic_output_order"},
					Summary:   "Describes commands: arity, flags, keys, categories.",
					Arguments: "command-name?*",
					History: []Change{
						{"7.0.0", "Describes all commands when none is named."},
					},
					Run: commandInfoCommand,
				},
				{
					Name: "list", Arity: -2, Flags: Loading | Stale,
					Categories: "connection", Since: "7.0.0", Complexity: "O(N), N being the commands",
					Tips:      []string{"nondeterministic_output_order"},
					Summary:   "Lists the names of commands.",
					Arguments: "filterby<module-name:string=MODULE category:string=ACLCAT pattern:pattern=PATTERN>=FILTERBY?",
					Run:       commandListCommand,
				},
			},
			Run: commandCommand,
		},
		{
			Name: "config", Arity: -2,
			Since: "2.0.0", Complexity: "As the subcommand",
			Summary: "Shows and changes parameters of the running server.",
			Sub: []*Spec{
				{
					Name: "get", Arity: -3, Flags: Admin | NoScript | Loading | Stale,
					Since: "2.0.0", Complexity: "O(N), N being the patterns",
					Summary:   "Shows the parameters that match.",
					Arguments: "parameter*",
					History: []Change{
						{"7.0.0", "More than one pattern."},
					},
					Run: configGetCommand,
				},
				{
					Name: "help", Arity: 2, Flags: Loading | Stale,
					Since: "5.0.0", Complexity: "O(1)",
					Summary: "Explains the subcommands of CONFIG.",
					Run:     helpCommand,
				},
				{
					Name: "resetstat", Arity: 2, Flags: Admin | NoScript | Loading | Stale,
					Since: "2.0.0", Complexity: "O(1)",
					Tips:    []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
					Summary: "Sets the counters of INFO back to zero.",
					Run:     configResetstatCommand,
				},
				{
					Name: "set", Arity: -4, Flags: Admin | NoScript | Loading | Stale,
					Since: "2.0.0", Complexity: "O(N), N being the parameters",
					Tips:      []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
					Summary:   "Changes parameters, all or none.",
					Arguments: "data(parameter value)*",
					History: []Change{
						{"7.0.0", "More than one parameter."},
					},
					Run: configSetCommand,
				},
			},
		},
		{
			Name: "dbsize", Arity: 1, Flags: ReadOnly | Fast | Unlocked,
			Categories: "keyspace", Since: "1.0.0", Complexity: "O(1)",
			Tips:    []string{"request_policy:all_shards", "response_policy:agg_sum"},
			Summary: "Counts the keys of the database.",
			Run:     dbsizeCommand,
		},
		{
			Name: "flushall", Arity: -1, Flags: Write | WholeKeyspace,
			Categories: "keyspace dangerous", Since: "1.0.0", Complexity: "O(N), N being the keys of all databases",
			Tips:      []string{"request_policy:all_shards", "response_policy:all_succeeded"},
			Summary:   "Removes all keys of all databases.",
			Arguments: "flush-type<async=ASYNC@4.0.0 sync=SYNC@6.2.0>?",
			History: []Change{
				{"4.0.0", "Option `ASYNC`."},
				{"6.2.0", "Option `SYNC`."},
			},
			Run: flushallCommand,
		},
		{
			Name: "flushdb", Arity: -1, Flags: Write | WholeKeyspace,
			Categories: "keyspace dangerous", Since: "1.0.0", Complexity: "O(N), N being the keys of the database",
			Tips:      []string{"request_policy:all_shards", "response_policy:all_succeeded"},
			Summary:   "Removes all keys of the database.",
			Arguments: "flush-type<async=ASYNC@4.0.0 sync=SYNC@6.2.0>?",
			History: []Change{
				{"4.0.0", "Option `ASYNC`."},
				{"6.2.0", "Option `SYNC`."},
			},
			Run: flushdbCommand,
		},
		{
			Name: "info", Arity: -1, Flags: Loading | Stale | Unlocked,
			Categories: "dangerous", Since: "1.0.0", Complexity: "O(1)",
			Tips:      []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
			Summary:   "Reports on the server: figures by section.",
			Arguments: "section?*",
			History: []Change{
				{"7.0.0", "More than one section."},
			},
			Run: infoCommand,
		},
		{
			Name: "shutdown", Arity: -1, Flags: Admin | NoScript | Loading | Stale | NoMulti | AllowBusy,
			Since: "1.0.0", Complexity: "O(1)",
			Summary:   "Stops the server.",
			Arguments: "save-selector<nosave=NOSAVE save=SAVE>? now=NOW@7.0.0? force=FORCE@7.0.0? abort=ABORT@7.0.0?",
			History: []Change{
				{"7.0.0", "Options `NOW`, `FORCE`, `ABORT`."},
			},
			Run: shutdownCommand,
		},
		{
			Name: "swapdb", Arity: 3, Flags: Write | Fast | WholeKeyspace,
			Categories: "keyspace dangerous", Since: "4.0.0", Complexity: "O(N), N being the watched keys",
			Summary:   "Exchanges two databases.",
			Arguments: "index1:integer index2:integer",
			Run:       swapdbCommand,
		},
		{
			Name: "time", Arity: 1, Flags: Loading | Stale | Fast,
			Since: "2.6.0", Complexity: "O(1)",
			Tips:    []string{"nondeterministic_output"},
			Summary: "Tells the time of the server.",
			Run:     timeCommand,
		},
	}
}
