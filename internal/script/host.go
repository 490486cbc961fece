package script

import "github.com/crucible-cache/crucible/internal/protocol"

// Host is what a script runs for. All calls come from the thread that runs it.
type Host interface {
	// Call carries out a command. Its reply is appended to Output in the
	// protocol version that SetProto chose last. A command that may not be
	// carried out is refused with the text of the error and its code.
	Call(args [][]byte) (refusal string)

	// Output holds the reply of the last Call.
	Output() *protocol.Output

	// SetProto chooses the protocol version of replies, 2 or 3.
	SetProto(version int)

	// Allowed reports whether the user that runs the script may carry out a
	// command, or what is wrong with asking that.
	Allowed(args [][]byte) (allowed bool, problem string)

	// Replicate says whether what the script does from here on is told to replicas.
	Replicate(on bool)

	// Log writes a line to the log of the server. Levels are Redis', 0 to 3.
	Log(level int, text string)

	// Pause is called every few thousand instructions. It may take its time; an
	// error ends the script with that message.
	Pause() error
}

// Limits bound what one script may take.
type Limits struct {
	Memory int64 // bytes of heap
}

// Failure is an error that ended a script.
type Failure struct {
	Message string // begins with a code: "ERR user_script:1: ..."
	Source  string // where it happened, "" if that is not known: "@user_script"
	Line    int
	Counted bool // a command that failed was counted as an error already
}
