package command

func transactionTable() []*Spec {
	return []*Spec{
		{
			Name: "discard", Arity: 1, Flags: NoScript | Loading | Stale | Fast | AllowBusy | NotQueued,
			Categories: "transaction", Run: discardCommand,
		},
		{
			Name: "exec", Arity: 1, Flags: NoScript | Loading | Stale | SkipSlowlog | NotQueued,
			Categories: "transaction", Run: execCommand,
		},
		{
			Name: "multi", Arity: 1, Flags: NoScript | Loading | Stale | Fast | AllowBusy | NotQueued,
			Categories: "transaction", Run: multiCommand,
		},
		{
			Name: "unwatch", Arity: 1, Flags: NoScript | Loading | Stale | Fast | AllowBusy,
			Categories: "transaction", Run: unwatchCommand,
		},
		{
			Name: "watch", Arity: -2, Flags: NoScript | Loading | Stale | Fast | AllowBusy | NotQueued | Unlocked,
			Categories: "transaction", Keys: []KeySpec{{Flags: []string{"RO"}, Index: 1, Last: -1}},
			Run: watchCommand,
		},
	}
}
