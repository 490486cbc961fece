package command

// transactionTable holds the commands of the group transactions.
func transactionTable() []*Spec {
	return []*Spec{
		{
			Name: "discard", Arity: 1, Flags: NoScript | Loading | Stale | Fast | AllowBusy | NotQueued,
			Categories: "transaction", Since: "2.0.0", Complexity: "O(N), N being the queued commands",
			Summary: "Drops the queued commands and ends the transaction.",
			Run:     discardCommand,
		},
		{
			Name: "exec", Arity: 1, Flags: NoScript | Loading | Stale | SkipSlowlog | NotQueued,
			Categories: "transaction", Since: "1.2.0", Complexity: "As the queued commands",
			Summary: "Carries out the queued commands as one step.",
			Run:     execCommand,
		},
		{
			Name: "multi", Arity: 1, Flags: NoScript | Loading | Stale | Fast | AllowBusy | NotQueued,
			Categories: "transaction", Since: "1.2.0", Complexity: "O(1)",
			Summary: "Begins a transaction: the commands that follow are queued.",
			Run:     multiCommand,
		},
		{
			Name: "unwatch", Arity: 1, Flags: NoScript | Loading | Stale | Fast | AllowBusy,
			Categories: "transaction", Since: "2.2.0", Complexity: "O(1)",
			Summary: "Forgets all watched keys.",
			Run:     unwatchCommand,
		},
		{
			Name: "watch", Arity: -2, Flags: NoScript | Loading | Stale | Fast | AllowBusy | NotQueued | Unlocked,
			Categories: "transaction", Since: "2.2.0", Complexity: "O(1) for each key",
			Keys:      []KeySpec{{Flags: "RO", Index: 1, Last: -1}},
			Summary:   "Makes the next EXEC depend on keys staying as they are.",
			Arguments: "key:key*",
			Run:       watchCommand,
		},
	}
}
