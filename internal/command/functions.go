package command

import (
	"errors"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/glob"
	"github.com/crucible-cache/crucible/internal/rdb"
	"github.com/crucible-cache/crucible/internal/script"
)

func fcallCommand(c *Client, args [][]byte)   { c.fcall(args, false) }
func fcallROCommand(c *Client, args [][]byte) { c.fcall(args, true) }

func (c *Client) fcall(args [][]byte, readOnly bool) {
	functions := c.W.Server.scripts.functions
	fn := functions.Find(args[1])
	if fn == nil {
		c.Error(errNoFunction)
		return
	}
	if _, isInt := parseInt(args[2]); !isInt {
		c.Error(errFunctionKeys)
		return
	}
	keys, rest, ok := c.scriptKeys(args)
	if !ok {
		return
	}
	h := c.W.scriptHost()
	if problem := h.unfit(fn.Flags, readOnly); problem != "" {
		c.Error(problem)
		return
	}
	run := &scriptRun{function: true, name: fn.Name, args: cloneArgs(args), started: time.Now()}
	h.begin(c, run, fn.Flags, readOnly)
	failure := functions.Call(fn, keys, rest, h)
	c.replyScript(functions.State(), failure, fn.Name)
	h.end()
}

// functionError replies with what went wrong in the room of scripts.
func (c *Client) functionError(err error) { c.Error("ERR " + err.Error()) }

func functionLoadCommand(c *Client, args [][]byte) {
	replace := false
	for _, option := range args[2 : len(args)-1] {
		if !equalName(option, "replace") {
			c.Error("ERR Unknown option given: " + printed(option, len(option)))
			return
		}
		replace = true
	}
	l, err := c.W.Server.scripts.functions.Load(string(args[len(args)-1]), replace, c.W.scriptLimits())
	if err != nil {
		c.functionError(err)
		return
	}
	c.affects()
	c.Reply.BulkString(l.Name)
}

func functionDeleteCommand(c *Client, args [][]byte) {
	if !c.W.Server.scripts.functions.Delete(string(args[2])) {
		c.Error(errNoLibrary)
		return
	}
	c.affects()
	c.Reply.SimpleString("OK")
}

func functionFlushCommand(c *Client, args [][]byte) {
	switch {
	case len(args) > 3:
		c.Error(errSubcommandSyntax("FUNCTION", args))
	case len(args) == 3 && !isWord(args[2], "sync", "async"):
		c.Error(errFunctionFlush)
	default:
		c.W.Server.scripts.functions.Flush()
		c.affects()
		c.Reply.SimpleString("OK")
	}
}

func functionListCommand(c *Client, args [][]byte) {
	var pattern []byte
	code := false
	for i := 2; i < len(args); i++ {
		switch {
		case !code && equalName(args[i], "withcode"):
			code = true
		case pattern == nil && equalName(args[i], "libraryname"):
			if i++; i == len(args) {
				c.Error(errLibraryName)
				return
			}
			pattern = args[i]
		default:
			c.Error("ERR Unknown argument " + printed(args[i], len(args[i])))
			return
		}
	}
	var shown []*script.Library
	for _, l := range c.W.Server.scripts.functions.Libraries() {
		if pattern == nil || glob.Match([]byte(strings.ToLower(string(pattern))), []byte(strings.ToLower(l.Name))) {
			shown = append(shown, l)
		}
	}
	c.Reply.ArrayLen(len(shown))
	for _, l := range shown {
		c.replyLibrary(l, code)
	}
}

func (c *Client) replyLibrary(l *script.Library, code bool) {
	r := &c.Reply
	if code {
		r.MapLen(4)
	} else {
		r.MapLen(3)
	}
	r.BulkString("library_name")
	r.BulkString(l.Name)
	r.BulkString("engine")
	r.BulkString("LUA")
	r.BulkString("functions")
	r.ArrayLen(len(l.Functions))
	for _, fn := range l.Functions {
		r.MapLen(3)
		r.BulkString("name")
		r.BulkString(fn.Name)
		r.BulkString("description")
		if fn.Described {
			r.BulkString(fn.Description)
		} else {
			r.Null()
		}
		r.BulkString("flags")
		names := fn.Flags.Names()
		r.SetLen(len(names))
		for _, name := range names {
			r.SimpleString(name)
		}
	}
	if code {
		r.BulkString("library_code")
		r.BulkString(l.Code)
	}
}

func functionStatsCommand(c *Client, _ [][]byte) {
	r := &c.Reply
	s := &c.W.Server.scripts
	if busy := s.busy.Load(); busy != nil && !busy.function {
		c.Error(busy.refusal())
		return
	}
	r.MapLen(2)
	r.BulkString("running_script")
	if run := s.running.Load(); run != nil && run.function {
		r.MapLen(3)
		r.BulkString("name")
		r.BulkString(run.name)
		r.BulkString("command")
		r.ArrayLen(len(run.args))
		for _, a := range run.args {
			r.Bulk(a)
		}
		r.BulkString("duration_ms")
		r.Int(time.Since(run.started).Milliseconds())
	} else {
		r.Null()
	}
	libraries, functions := s.functions.Count()
	r.BulkString("engines")
	r.MapLen(1)
	r.BulkString("LUA")
	r.MapLen(2)
	r.BulkString("libraries_count")
	r.Int(int64(libraries))
	r.BulkString("functions_count")
	r.Int(int64(functions))
}

func functionKillCommand(c *Client, _ [][]byte) { c.scriptKill(true) }

func functionDumpCommand(c *Client, _ [][]byte) {
	c.Reply.Bulk(rdb.AppendFooter(c.W.Server.dumpFunctions(), rdb.VersionWritten))
}

// dumpFunctions returns the records of all libraries.
func (s *Server) dumpFunctions() (b []byte) {
	for _, l := range s.scripts.functions.Libraries() {
		b = rdb.AppendFunction(b, []byte(l.Code))
	}
	return b
}

func functionRestoreCommand(c *Client, args [][]byte) {
	if len(args) > 4 {
		c.Error(errSubcommandSyntax("FUNCTION", args))
		return
	}
	flush := len(args) == 4 && equalName(args[3], "flush")
	replace := len(args) == 4 && equalName(args[3], "replace")
	if len(args) == 4 && !flush && !replace && !equalName(args[3], "append") {
		c.Error(errRestorePolicy)
		return
	}
	body, ok := rdb.OpenPayload(args[2], c.W.Server.rdbLimits())
	if !ok {
		c.Error(errDumpSum)
		return
	}
	var codes []string
	err := rdb.EachFunction(body, c.W.Server.rdbLimits(), func(code []byte) error {
		codes = append(codes, string(code))
		return nil
	})
	if err == nil {
		err = c.W.Server.scripts.functions.Join(codes, flush, replace, c.W.scriptLimits())
	} else if broken := (*rdb.Error)(nil); errors.As(err, &broken) {
		err = errNotFunctions
	}
	if err != nil {
		c.functionError(err)
		return
	}
	c.affects()
	c.Reply.SimpleString("OK")
}
