package command

// observationTable holds the commands of the group server that tell what took long.
func observationTable() []*Spec {
	return []*Spec{
		{
			Name: "latency", Arity: -2,
			Since: "2.8.13", Complexity: "As the subcommand",
			Summary: "Shows what took long, and how long commands take.",
			Sub: []*Spec{
				{
					Name: "doctor", Arity: 2, Flags: Admin | NoScript | Loading | Stale,
					Since: "2.8.13", Complexity: "O(1)",
					Tips:    []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
					Summary: "Reports in words on what took long.",
					Run:     latencyDoctorCommand,
				},
				{
					Name: "graph", Arity: 3, Flags: Admin | NoScript | Loading | Stale,
					Since: "2.8.13", Complexity: "O(1)",
					Tips:      []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
					Summary:   "Draws the latest durations of an event.",
					Arguments: "event",
					Run:       latencyGraphCommand,
				},
				{
					Name: "help", Arity: 2, Flags: Loading | Stale,
					Since: "2.8.13", Complexity: "O(1)",
					Summary: "Explains the subcommands of LATENCY.",
					Run:     helpCommand,
				},
				{
					Name: "histogram", Arity: -2, Flags: Admin | NoScript | Loading | Stale,
					Since: "7.0.0", Complexity: "O(N), N being the commands shown",
					Tips:      []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
					Summary:   "Counts the calls of commands by duration.",
					Arguments: "command?*",
					Run:       latencyHistogramCommand,
				},
				{
					Name: "history", Arity: 3, Flags: Admin | NoScript | Loading | Stale,
					Since: "2.8.13", Complexity: "O(1)",
					Tips:      []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
					Summary:   "Lists the latest durations of an event.",
					Arguments: "event",
					Run:       latencyHistoryCommand,
				},
				{
					Name: "latest", Arity: 2, Flags: Admin | NoScript | Loading | Stale,
					Since: "2.8.13", Complexity: "O(1)",
					Tips:    []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
					Summary: "Shows the latest duration of each event.",
					Run:     latencyLatestCommand,
				},
				{
					Name: "reset", Arity: -2, Flags: Admin | NoScript | Loading | Stale,
					Since: "2.8.13", Complexity: "O(1)",
					Tips:      []string{"request_policy:all_nodes", "response_policy:agg_sum"},
					Summary:   "Forgets events, all or those named.",
					Arguments: "event?*",
					Run:       latencyResetCommand,
				},
			},
		},
		{
			Name: "slowlog", Arity: -2,
			Since: "2.2.12", Complexity: "As the subcommand",
			Summary: "Shows and clears the log of commands that took long.",
			Sub: []*Spec{
				{
					Name: "get", Arity: -2, Flags: Admin | Loading | Stale,
					Since: "2.2.12", Complexity: "O(N), N being the entries shown",
					Tips:      []string{"request_policy:all_nodes", "nondeterministic_output"},
					Summary:   "Shows the latest entries of the log.",
					Arguments: "count:integer?",
					History: []Change{
						{"4.0.0", "Shows the address and the name of the client."},
					},
					Run: slowlogGetCommand,
				},
				{
					Name: "help", Arity: 2, Flags: Loading | Stale,
					Since: "6.2.0", Complexity: "O(1)",
					Summary: "Explains the subcommands of SLOWLOG.",
					Run:     helpCommand,
				},
				{
					Name: "len", Arity: 2, Flags: Admin | Loading | Stale,
					Since: "2.2.12", Complexity: "O(1)",
					Tips:    []string{"request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"},
					Summary: "Counts the entries of the log.",
					Run:     slowlogLenCommand,
				},
				{
					Name: "reset", Arity: 2, Flags: Admin | Loading | Stale,
					Since: "2.2.12", Complexity: "O(N), N being the entries",
					Tips:    []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
					Summary: "Clears the log.",
					Run:     slowlogResetCommand,
				},
			},
		},
	}
}
