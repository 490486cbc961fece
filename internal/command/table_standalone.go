package command

// standaloneTable holds DEBUG and LOLWUT, of the group server.
func standaloneTable() []*Spec {
	return []*Spec{
		{
			Name: "debug", Arity: -2, Flags: Admin | NoScript | Loading | Stale | Unlocked | Protected | Alone,
			Since: "1.0.0", Complexity: "As the subcommand", System: true,
			Summary: "For tests of servers and clients.",
			Run:     debugCommand,
		},
		{
			Name: "lolwut", Arity: -1, Flags: ReadOnly | Fast,
			Since:     "5.0.0",
			Summary:   "Draws a picture and shows the version.",
			Arguments: "version:integer=VERSION?",
			Run:       lolwutCommand,
		},
	}
}
