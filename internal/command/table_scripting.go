package command

const (
	scriptNotes   = "The script may write to each of its keys"
	scriptNotesRO = "The script may read each of its keys"
	onEveryNode   = "request_policy:all_nodes"
	onEveryShard  = "request_policy:all_shards"
	allSucceeded  = "response_policy:all_succeeded"
	oneSucceeded  = "response_policy:one_succeeded"
)

// scriptKeySpecs says where the keys of a command stand that runs a script.
// Redis has no notes on those that name the script by its digest.
func scriptKeySpecs(notes string, readOnly bool) []KeySpec {
	k := KeySpec{Notes: notes, Flags: "RW access update", Index: 2, KeyNum: true, FirstKey: 1}
	if readOnly {
		k.Flags = "RO access"
	}
	return []KeySpec{k}
}

const scriptFlags = NoScript | Stale | SkipMonitor | NoMandatoryKeys | MovableKeys | Scripted

// scriptingTable holds the commands of the group scripting.
func scriptingTable() []*Spec {
	return append(functionTable(), []*Spec{
		{
			Name: "eval", Arity: -3, Flags: scriptFlags,
			Categories: "scripting", Since: "2.6.0", Complexity: "As the script",
			Keys:    scriptKeySpecs(scriptNotes, false),
			Summary: "Runs a script.", Arguments: "script numkeys:integer key:key?* arg?*",
			Run: evalCommand,
		},
		{
			Name: "eval_ro", Arity: -3, Flags: scriptFlags | ReadOnly,
			Categories: "scripting", Since: "7.0.0", Complexity: "As the script",
			Keys:    scriptKeySpecs(scriptNotesRO, true),
			Summary: "Runs a script that does not write.", Arguments: "script numkeys:integer key:key?* arg?*",
			Run: evalROCommand,
		},
		{
			Name: "evalsha", Arity: -3, Flags: scriptFlags,
			Categories: "scripting", Since: "2.6.0", Complexity: "As the script",
			Keys:    scriptKeySpecs("", false),
			Summary: "Runs a script that is known, by its SHA-1 sum.", Arguments: "sha1 numkeys:integer key:key?* arg?*",
			Run: evalshaCommand,
		},
		{
			Name: "evalsha_ro", Arity: -3, Flags: scriptFlags | ReadOnly,
			Categories: "scripting", Since: "7.0.0", Complexity: "As the script",
			Keys:    scriptKeySpecs("", true),
			Summary: "Runs a script that is known, by its SHA-1 sum, and does not write.", Arguments: "sha1 numkeys:integer key:key?* arg?*",
			Run: evalshaROCommand,
		},
		scriptTable(),
	}...)
}

func scriptTable() *Spec {
	return &Spec{
		Name: "script", Arity: -2,
		Since: "2.6.0", Complexity: "As the subcommand",
		Summary: "Manages the scripts that the server knows.",
		Sub: []*Spec{
			{
				Name: "debug", Arity: 3, Flags: NoScript,
				Categories: "scripting", Since: "3.2.0", Complexity: "O(1)",
				Summary: "Turns the debugger of scripts on or off.", Arguments: "mode<yes=YES sync=SYNC no=NO>",
				Run: scriptDebugCommand,
			},
			{
				Name: "exists", Arity: -3, Flags: NoScript,
				Categories: "scripting", Since: "2.6.0", Complexity: "O(N), N being the scripts asked for",
				Tips:    []string{onEveryShard, "response_policy:agg_logical_and"},
				Summary: "Tells which scripts the server knows.", Arguments: "sha1*",
				Run: scriptExistsCommand,
			},
			{
				Name: "flush", Arity: -2, Flags: NoScript,
				Categories: "scripting", Since: "2.6.0", Complexity: "O(N), N being the scripts",
				Tips:    []string{onEveryNode, allSucceeded},
				Summary: "Forgets all scripts.", Arguments: "flush-type<async=ASYNC sync=SYNC>@6.2.0?",
				History: []Change{
					{"6.2.0", "`ASYNC` and `SYNC`."},
				},
				Run: scriptFlushCommand,
			},
			{
				Name: "help", Arity: 2, Flags: Loading | Stale,
				Categories: "scripting", Since: "5.0.0", Complexity: "O(1)",
				Summary: "Explains the subcommands of SCRIPT.",
				Run:     helpCommand,
			},
			{
				Name: "kill", Arity: 2, Flags: NoScript | AllowBusy,
				Categories: "scripting", Since: "2.6.0", Complexity: "O(1)",
				Tips:    []string{onEveryShard, oneSucceeded},
				Summary: "Ends the script that is running.",
				Run:     scriptKillCommand,
			},
			{
				Name: "load", Arity: 3, Flags: NoScript | Stale,
				Categories: "scripting", Since: "2.6.0", Complexity: "O(N), N being the length of the script",
				Tips:    []string{onEveryNode, allSucceeded},
				Summary: "Makes a script known.", Arguments: "script",
				Run: scriptLoadCommand,
			},
		},
	}
}
