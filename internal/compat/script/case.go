package script

import (
	"regexp"
	"time"
)

// Protocol is what a case file is written in.
type Protocol string

// The protocols, named as a profile's file is.
const (
	Redis     Protocol = "redis"
	Memcached Protocol = "memcached"
)

// Mode is how both servers of a file's cases are started.
type Mode string

// The modes.
const (
	Alone   Mode = "alone"   // as their profile and command line have it
	Cluster Mode = "cluster" // each as a cluster of one, which owns every hash slot
	Debug   Mode = "debug"   // with DEBUG and MODULE allowed, and protected parameters
)

// Op is what a step does.
type Op int

// The operations. A line that starts with none of their keywords is a Command.
const (
	Command   Op = iota // send a command, read its reply
	Send                // send a command, read nothing
	Read                // read Count replies
	Raw                 // send bytes, then as Drain
	Drain               // read until the server closes the connection or falls silent
	Times               // send a command Count times with ${i} from 1, read every reply
	ScanAll             // follow a SCAN cursor to its end, one reply: the sorted set of what it returned
	Sleep               // let Pause go by
	Reconnect           // close the connection and open a new one
	Close               // close the connection
)

// Step is one line of a case.
type Step struct {
	Line int    // in the file, from 1
	Text string // as written, with the data block of a memcached storage command below it
	// Conn names the connection the step runs on; "" is the one every case starts with.
	Conn  string
	Op    Op
	Args  []Template // the command, for Redis one argument each
	Data  Template   // memcached: the block after the command line; nil when there is none
	Count int
	Pause time.Duration
	// Variable is set to what the reply holds, or to Capture's first group in the reply's bytes.
	Variable string
	Capture  *regexp.Regexp
	Rule     Rule
}

// Case is a script replayed on its own connections against an empty server.
type Case struct {
	Name  string
	Line  int
	Steps []Step
	// Versions lists the RESP versions the case is replayed in, 2 and 3 unless it says otherwise.
	// Memcached cases have the single version 0.
	Versions []int
}

// File is a parsed case file.
type File struct {
	Group string // the directory it lies in
	Name  string // its file name without ".txt"
	Path  string
	Mode  Mode
	Cases []Case
}

// CommandName is the command a step names, and the word after it, when both are literal.
func (s *Step) CommandName() (name, subcommand string) {
	if len(s.Args) > 0 {
		name, _ = s.Args[0].Literal()
	}
	if len(s.Args) > 1 {
		subcommand, _ = s.Args[1].Literal()
	}
	return name, subcommand
}
