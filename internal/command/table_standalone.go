package command

// standaloneTable holds the commands of the group server that say what this
// server is, and DEBUG.
func standaloneTable() []*Spec {
	return []*Spec{
		{
			Name: "debug", Arity: -2, Flags: Admin | NoScript | Loading | Stale | Unlocked | Protected,
			Since: "1.0.0", Complexity: "As the subcommand",
			Summary: "For tests of servers and clients.",
			Run:     debugCommand,
		},
		{
			Name: "lolwut", Arity: -1, Flags: ReadOnly | Fast,
			Since: "5.0.0", Complexity: "O(1)",
			Summary:   "Draws a picture and shows the version.",
			Arguments: "version:integer=VERSION?",
			Run:       lolwutCommand,
		},
		{
			Name: "role", Arity: 1, Flags: NoScript | Loading | Stale | Fast,
			Categories: "admin dangerous", Since: "2.8.12", Complexity: "O(1)",
			Summary: "Tells the role in replication.",
			Run:     roleCommand,
		},
	}
}
