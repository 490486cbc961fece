package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Console is whoever debugs a script. Calls come from the thread that runs it.
type Console interface {
	// Show shows lines, without line ends.
	Show(lines []string)

	// Ask waits for the words of a command, none if nobody is there any more. It
	// may take its time; an error ends the script with that message.
	Ask() (words []string, err error)
}

// debugger runs a script line by line, as Redis' debugger (ldb) does. It is asked
// before each instruction, so that a script without one pays nothing for it.
type debugger struct {
	state   *State
	console Console
	source  []string // lines of the script

	step        bool  // stop at the next line, and tell what commands are called
	called      bool  // stop at the next line, because of redis.breakpoint
	breakpoints []int // lines, in the order in which they were set
	line        int   // the current one
	maxlen      int   // bytes shown of a value, 0 = all
	hinted      bool  // the client knows of maxlen
	resting     bool  // nobody is to be stopped: nobody is there, or it runs code of its own

	locals map[*lua.FunctionProto][]local
	pcs    map[*lua.LState][]int // in each call of a coroutine, where it was
	log    []string
	size   int // bytes of log
}

const (
	breakpointsMost = 64      // as in Redis
	maxlenDefault   = 256     // bytes
	maxlenLeast     = 60      // bytes
	logMost         = 1 << 20 // bytes of lines that wait to be shown; more are dropped
	depthMost       = 10      // of a table in tables that is shown
	commandMost     = 1024    // words, and bytes of a word, of a command
)

// errUnread is what a script ends with whose debugger is sent what can't be a command.
var errUnread = errors.New("protocol error")

// errAborted is what a script ends with that is aborted.
var errAborted = errors.New("script aborted for user request")

// Debug is Run with a debugger, which shows the source, and stops at the first line. Returned
// are also the lines that were not shown yet.
func (s *State) Debug(p *Program, source string, keys, args [][]byte, host Host, console Console) (*Failure, []string) {
	d := &debugger{
		state: s, console: console, step: true, maxlen: maxlenDefault, pcs: map[*lua.LState][]int{},
		locals: variables(source, p.proto),
	}
	if source = strings.TrimRight(source, "\r\n"); source != "" {
		d.source = strings.Split(source, "\n")
	}
	s.debugger = d
	failure := s.Run(p, keys, args, host)
	s.debugger = nil
	return failure, d.log
}

// instruction is called before each instruction; an error ends the script.
func (d *debugger) instruction() error {
	L := d.state.L.G.CurrentThread
	at, ok := siteAt(L, 0)
	if !ok || at.fn.Proto.SourceName != userScript {
		return nil // not of the script
	}
	lines := at.fn.Proto.DbgSourcePositions
	if !d.entersLine(L, lines, at.pc, inFrame(at.dbg, "Idx")) {
		return nil
	}
	if d.line = lines[at.pc]; d.line == 0 {
		d.line = max(1, len(d.source)) // the end of the script
	}
	reason := "step over"
	switch {
	case d.called:
		reason = "redis.breakpoint() called"
	case slices.Contains(d.breakpoints, d.line):
		reason = "break point"
	case !d.step:
		return nil
	}
	d.step, d.called = false, false
	d.print(fmt.Sprintf("* Stopped at %d, stop reason = %s", d.line, reason))
	d.printLine(d.line)
	d.show()
	return d.converse(L)
}

// entersLine reports whether the instruction pc of a call is the first of a line: of the
// function, of a turn of a loop, or of another line than the one before it.
func (d *debugger) entersLine(L *lua.LState, lines []int, pc, call int) bool {
	pcs := d.pcs[L]
	before := -1
	if call < len(pcs) {
		before = pcs[call]
	}
	for len(pcs) <= call {
		pcs = append(pcs, -1)
	}
	pcs = pcs[:call+1]
	pcs[call] = pc
	d.pcs[L] = pcs
	return pc == 0 || before < 0 || before >= len(lines) || pc <= before || lines[pc] != lines[before]
}

// converse carries out commands until one has the script go on.
func (d *debugger) converse(L *lua.LState) error {
	d.resting = true
	for {
		words, err := d.console.Ask()
		switch {
		case err != nil:
			return err
		case len(words) == 0: // it runs on without us
			return nil
		case len(words) > commandMost || slices.ContainsFunc(words, unreadable):
			return errUnread
		}
		goOn, err := d.command(L, words)
		if goOn || err != nil {
			d.resting = false
			return err
		}
		d.show()
	}
}

func unreadable(word string) bool { return word == "" || len(word) > commandMost }

// stepping reports whether what the script calls is to be told.
func (d *debugger) stepping() bool { return d != nil && d.step }

// print puts a line into the log.
func (d *debugger) print(line string) {
	const gone = "<hint> There are more lines than are kept: the rest is lost."
	switch {
	case d.size >= logMost:
		return
	case d.size+len(line) >= logMost:
		line, d.size = gone, logMost
	}
	d.log = append(d.log, line)
	d.size += len(line)
}

// printShort is print of a value, of which only the beginning may be wanted.
func (d *debugger) printShort(line string) {
	if d.maxlen == 0 || len(line) <= d.maxlen {
		d.print(line)
		return
	}
	d.print(line[:d.maxlen] + " ...")
	if !d.hinted {
		d.hinted = true
		d.print("<hint> The above reply was trimmed. Use 'maxlen 0' to disable trimming.")
	}
}

// show shows the log.
func (d *debugger) show() {
	d.console.Show(d.log)
	d.log, d.size = nil, 0
}

// printLine prints a line of the source.
func (d *debugger) printLine(n int) {
	line, prefix := "<out of range source code line>", "   "
	if n >= 1 && n <= len(d.source) {
		line = d.source[n-1]
	}
	switch current, stops := n == d.line, slices.Contains(d.breakpoints, n); {
	case current && stops:
		prefix = "->#"
	case current:
		prefix = "-> "
	case stops:
		prefix = "  #"
	}
	d.print(fmt.Sprintf("%s%-3d %s", prefix, n, line))
}

// printAround prints a line of the source with as many before and behind it.
func (d *debugger) printAround(n, more int) {
	for i := max(1, n-more); i <= min(len(d.source), n+more); i++ {
		d.printLine(i)
	}
}

// redisBreakpoint has the script stop at its next line.
func (s *State) redisBreakpoint(L *lua.LState) int {
	if s.debugger != nil {
		s.debugger.called = true
	}
	L.Push(lua.LBool(s.debugger != nil))
	return 1
}

// redisDebug shows values.
func (s *State) redisDebug(L *lua.LState) int {
	d := s.debugger
	if d == nil {
		return 0
	}
	values := make([]string, L.GetTop())
	for i := range values {
		values[i] = d.describe(L.Get(i + 1))
	}
	d.print(fmt.Sprintf("<debug> line %d: %s", d.line, strings.Join(values, ", ")))
	return 0
}
