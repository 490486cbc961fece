package command

// functionTable holds the commands of functions, which are in the group scripting.
func functionTable() []*Spec {
	return []*Spec{
		{
			Name: "fcall", Arity: -3, Flags: scriptFlags,
			Categories: "scripting", Since: "7.0.0", Complexity: "As the function",
			Keys:    scriptKeySpecs(scriptNotes, false),
			Summary: "Calls a function.", Arguments: "function numkeys:integer key:key?* arg?*",
			Run: fcallCommand,
		},
		{
			Name: "fcall_ro", Arity: -3, Flags: scriptFlags | ReadOnly,
			Categories: "scripting", Since: "7.0.0", Complexity: "As the function",
			Keys:    scriptKeySpecs(scriptNotesRO, true),
			Summary: "Calls a function that does not write.", Arguments: "function numkeys:integer key:key?* arg?*",
			Run: fcallROCommand,
		},
		{
			Name: "function", Arity: -2,
			Since: "7.0.0", Complexity: "As the subcommand",
			Summary: "Manages the libraries of functions.",
			Sub:     append(functionWrites(), functionReads()...),
		},
	}
}

// functionWrites are the subcommands that change what functions there are. They
// run code of libraries, or must not do it while one runs.
func functionWrites() []*Spec {
	tips := []string{onEveryShard, allSucceeded}
	return []*Spec{
		{
			Name: "delete", Arity: 3, Flags: Write | NoScript | Scripted,
			Categories: "scripting", Since: "7.0.0", Complexity: "O(1)",
			Tips:    tips,
			Summary: "Removes a library.", Arguments: "library-name",
			Run: functionDeleteCommand,
		},
		{
			Name: "flush", Arity: -2, Flags: Write | NoScript | Scripted,
			Categories: "scripting", Since: "7.0.0", Complexity: "O(N), N being the functions",
			Tips:    tips,
			Summary: "Removes all libraries.", Arguments: "flush-type<async=ASYNC sync=SYNC>?",
			Run: functionFlushCommand,
		},
		{
			Name: "load", Arity: -3, Flags: Write | DenyOOM | NoScript | Scripted,
			Categories: "scripting", Since: "7.0.0", Complexity: "O(1), compiling aside",
			Tips:    tips,
			Summary: "Makes a library of a source.", Arguments: "replace=REPLACE? function-code",
			Run: functionLoadCommand,
		},
		{
			Name: "restore", Arity: -3, Flags: Write | DenyOOM | NoScript | Scripted,
			Categories: "scripting", Since: "7.0.0", Complexity: "O(N), N being the functions",
			Tips:    tips,
			Summary: "Makes libraries of what FUNCTION DUMP returned.", Arguments: "serialized-value policy<flush=FLUSH append=APPEND replace=REPLACE>?",
			Run: functionRestoreCommand,
		},
	}
}

func functionReads() []*Spec {
	return []*Spec{
		{
			Name: "dump", Arity: 2, Flags: NoScript | Scripted,
			Categories: "scripting", Since: "7.0.0", Complexity: "O(N), N being the functions",
			Summary: "Returns all libraries in one string.",
			Run:     functionDumpCommand,
		},
		{
			Name: "help", Arity: 2, Flags: Loading | Stale,
			Categories: "scripting", Since: "7.0.0", Complexity: "O(1)",
			Summary: "Explains the subcommands of FUNCTION.",
			Run:     helpCommand,
		},
		{
			Name: "kill", Arity: 2, Flags: NoScript | AllowBusy,
			Categories: "scripting", Since: "7.0.0", Complexity: "O(1)",
			Tips:    []string{onEveryShard, oneSucceeded},
			Summary: "Ends the function that is running.",
			Run:     functionKillCommand,
		},
		{
			Name: "list", Arity: -2, Flags: NoScript | Scripted,
			Categories: "scripting", Since: "7.0.0", Complexity: "O(N), N being the functions",
			Tips:    []string{"nondeterministic_output_order"},
			Summary: "Describes the libraries.", Arguments: "library-name-pattern:string=LIBRARYNAME? withcode=WITHCODE?",
			Run: functionListCommand,
		},
		{
			Name: "stats", Arity: 2, Flags: NoScript | AllowBusy,
			Categories: "scripting", Since: "7.0.0", Complexity: "O(1)",
			Tips:    []string{"nondeterministic_output", onEveryShard, "response_policy:special"},
			Summary: "Describes the function that is running, and counts libraries.",
			Run:     functionStatsCommand,
		},
	}
}
