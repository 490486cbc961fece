package command

import "fmt"

// No module can be loaded: they are machine code for another program. What
// asks for one is answered as the reference server answers when it fails. The one
// that is listed is there from the beginning, in the reference server too.

// vectorModule is the module of vector sets.
var vectorModule = struct {
	name    string
	version int64
}{"vectorset", 1}

func moduleListCommand(c *Client, _ [][]byte) { c.replyModules() }

// replyModules describes the modules there are.
func (c *Client) replyModules() {
	r := &c.Reply
	r.ArrayLen(1)
	r.MapLen(4)
	c.replyField("name", vectorModule.name)
	r.BulkString("ver")
	r.Int(vectorModule.version)
	c.replyField("path", "")
	r.BulkString("args")
	r.ArrayLen(0)
}

func infoModules(i *infoWriter) {
	i.text("module", fmt.Sprintf("name=%s,ver=%d,api=1,filters=0,usedby=[],using=[],options=[handle-io-errors|handle-repl-async-load]",
		vectorModule.name, vectorModule.version))
}

func moduleLoadCommand(c *Client, _ [][]byte) { c.Error(errModuleLoad) }
func moduleUnloadCommand(c *Client, args [][]byte) {
	if equalName(args[2], vectorModule.name) {
		c.Error(errModuleStays)
	} else {
		c.Error(errModuleUnload)
	}
}

// moduleCommand is the command MODULE, which stands in the group server.
func moduleCommand() *Spec {
	const guarded = Admin | NoScript | NoAsyncLoading | Protected
	return &Spec{
		Name: "module", Arity: -2,
		Since: "4.0.0", Complexity: "As the subcommand",
		Summary: "Extensions of the server, of which there is one, built in.",
		Sub: []*Spec{
			{
				Name: "help", Arity: 2, Flags: Loading | Stale, Since: "5.0.0", Complexity: "O(1)",
				Summary: "Explains the subcommands of MODULE.",
				Run:     helpCommand,
			},
			{
				Name: "list", Arity: 2, Flags: Admin | NoScript, Since: "4.0.0", Complexity: "O(1)",
				Tips:    []string{"nondeterministic_output_order"},
				Summary: "Lists the modules, of which one is built in.",
				Run:     moduleListCommand,
			},
			{
				Name: "load", Arity: -3, Flags: guarded, Since: "4.0.0", Complexity: "O(1)",
				Summary:   "Fails to load a module.",
				Arguments: "path arg?*",
				Run:       moduleLoadCommand,
			},
			{
				Name: "loadex", Arity: -3, Flags: guarded, Since: "7.0.0", Complexity: "O(1)",
				Summary:   "Fails to load a module with parameters.",
				Arguments: "path configs(name value)=CONFIG?** args:string=ARGS?*",
				Run:       moduleLoadCommand,
			},
			{
				Name: "unload", Arity: 3, Flags: guarded, Since: "4.0.0", Complexity: "O(1)",
				Summary:   "Finds no module to unload.",
				Arguments: "name",
				Run:       moduleUnloadCommand,
			},
		},
	}
}
