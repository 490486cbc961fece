package command

// aclCommand is the command ACL, which stands in the group server.
func aclCommand() *Spec {
	const (
		open    = NoScript | Loading | Stale
		guarded = Admin | NoScript | Loading | Stale
	)
	everywhere := []string{"request_policy:all_nodes", "response_policy:all_succeeded"}
	return &Spec{
		Name: "acl", Arity: -2,
		Since: "6.0.0", Complexity: "As the subcommand",
		Summary: "Manages users and what they may do.",
		Sub: []*Spec{
			{
				Name: "cat", Arity: -2, Flags: open, Since: "6.0.0", Complexity: "O(1)",
				Summary:   "Lists the categories of commands, or the commands of a category.",
				Arguments: "category?",
				Run:       aclCatCommand,
			},
			{
				Name: "deluser", Arity: -3, Flags: guarded, Since: "6.0.0", Complexity: "O(1) for each user", Tips: everywhere,
				Summary:   "Deletes users and ends their connections.",
				Arguments: "username*",
				Run:       aclDeluserCommand,
			},
			{
				Name: "dryrun", Arity: -4, Flags: guarded, Since: "7.0.0", Complexity: "O(1)",
				Summary:   "Tells whether a user may run a command, without running it.",
				Arguments: "username command arg?*",
				Run:       aclDryrunCommand,
			},
			{
				Name: "genpass", Arity: -2, Flags: open, Since: "6.0.0", Complexity: "O(1)",
				Summary:   "Makes a random password.",
				Arguments: "bits:integer?",
				Run:       aclGenpassCommand,
			},
			{
				Name: "getuser", Arity: 3, Flags: guarded, Since: "6.0.0", Complexity: "O(N), N being the rules of the user",
				Summary:   "Shows the rules of a user.",
				Arguments: "username",
				History: []Change{
					{"6.2.0", "Patterns of channels."},
					{"7.0.0", "Selectors; patterns of keys and channels are shown as rules."},
				},
				Run: aclGetuserCommand,
			},
			{
				Name: "help", Arity: 2, Flags: Loading | Stale, Since: "6.0.0", Complexity: "O(1)",
				Summary: "Explains the subcommands of ACL.",
				Run:     helpCommand,
			},
			{
				Name: "list", Arity: 2, Flags: guarded, Since: "6.0.0", Complexity: "O(N), N being the users",
				Summary: "Lists the users as lines of an ACL file.",
				Run:     aclListCommand,
			},
			{
				Name: "load", Arity: 2, Flags: guarded, Since: "6.0.0", Complexity: "O(N), N being the users",
				Summary: "Replaces the users by those of the ACL file.",
				Run:     aclLoadCommand,
			},
			{
				Name: "log", Arity: -2, Flags: guarded, Since: "6.0.0", Complexity: "O(N), N being the entries shown",
				Summary:   "Lists what was refused of late, or forgets it.",
				Arguments: "operation<count:integer reset=RESET>?",
				History: []Change{
					{"7.2.0", "Number of the entry and times of its first and last event."},
				},
				Run: aclLogCommand,
			},
			{
				Name: "save", Arity: 2, Flags: guarded, Since: "6.0.0", Complexity: "O(N), N being the users", Tips: everywhere,
				Summary: "Writes the users to the ACL file.",
				Run:     aclSaveCommand,
			},
			{
				Name: "setuser", Arity: -3, Flags: guarded, Since: "6.0.0", Complexity: "O(N), N being the rules", Tips: everywhere,
				Summary:   "Makes a user, or changes it by rules.",
				Arguments: "username rule?*",
				History: []Change{
					{"6.2.0", "Patterns of channels."},
					{"7.0.0", "Selectors, and patterns of keys to read or to write."},
				},
				Run: aclSetuserCommand,
			},
			{
				Name: "users", Arity: 2, Flags: guarded, Since: "6.0.0", Complexity: "O(N), N being the users",
				Summary: "Lists the names of the users.",
				Run:     aclUsersCommand,
			},
			{
				Name: "whoami", Arity: 2, Flags: open, Since: "6.0.0", Complexity: "O(1)",
				Summary: "Tells the user of the connection.",
				Run:     aclWhoamiCommand,
			},
		},
	}
}
