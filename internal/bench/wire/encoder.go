package wire

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// Protocol names what is spoken on a connection.
type Protocol string

// The protocols.
const (
	RESP     Protocol = "resp"
	Memcache Protocol = "memcache"
	// MemcacheBinary is the binary protocol of Memcached.
	MemcacheBinary Protocol = "memcache-binary"
	// Ping is a line PING answered by a line PONG: what the sockets alone can do.
	Ping Protocol = "ping"
)

// NewParser returns the parser of one connection.
func (p Protocol) NewParser() Parser {
	switch p {
	case RESP:
		return &RESPParser{}
	case MemcacheBinary:
		return &BinaryParser{}
	}
	return &MemcacheParser{} // a PONG is a line that is a reply by itself
}

// Store is the command that stores a value under a key, which a prefill sends. Ping has neither Store nor Fetch.
func (p Protocol) Store() workload.Command {
	if p != RESP {
		return workload.MustCommand("set", "set {key} 0 0 {value}")
	}
	return workload.MustCommand("SET", "SET {key} {value}")
}

// Fetch is the command that reads a key.
func (p Protocol) Fetch() workload.Command {
	if p != RESP {
		return workload.MustCommand("get", "get {key}")
	}
	return workload.MustCommand("GET", "GET {key}")
}

// part is a run of bytes that never change but for the digits of the request's key, followed by one that does.
type part struct {
	fixed []byte
	// digits are the places in fixed where the digits of the key begin.
	digits []int
	word   workload.Word
	// ends is set for the last part, which has no word.
	ends bool
}

// Encoder turns requests of one workload into bytes. Everything that is the same in every request of a command is laid
// out once, so that encoding one is a few copies and the digits of the key.
type Encoder struct {
	protocol Protocol
	workload *workload.Workload
	commands [][]part
	binary   []*binaryCommand
}

// NewEncoder compiles the commands of a workload.
func NewEncoder(p Protocol, w *workload.Workload) (*Encoder, error) {
	e := &Encoder{protocol: p, workload: w}
	for i := range w.Commands {
		var parts []part
		switch p {
		case RESP:
			parts = e.compileRESP(&w.Commands[i])
		case Memcache, Ping:
			parts = e.compileMemcache(&w.Commands[i])
		case MemcacheBinary:
			b, err := compileBinary(&w.Commands[i])
			if err != nil {
				return nil, err
			}
			e.binary = append(e.binary, b)
		default:
			return nil, fmt.Errorf("unknown protocol %q", p)
		}
		e.commands = append(e.commands, parts)
	}
	return e, nil
}

// Append appends one request.
func (e *Encoder) Append(dst []byte, r *workload.Request) []byte {
	if e.protocol == MemcacheBinary {
		return e.binary[r.Command].append(dst, e, r)
	}
	parts := e.commands[r.Command]
	for i := range parts {
		p := &parts[i]
		at := len(dst)
		dst = append(dst, p.fixed...)
		for _, from := range p.digits {
			e.workload.Keys.Patch(dst[at+from:], r.Key)
		}
		if p.ends {
			break
		}
		if e.protocol == RESP {
			dst = e.appendRESP(dst, p.word, r)
		} else {
			dst = e.appendMemcache(dst, p.word, r)
		}
	}
	return dst
}

// Alike reports whether requests of a command differ in nothing but the key, so that AppendAlike encodes them.
func (e *Encoder) Alike(command int) bool {
	return e.protocol != MemcacheBinary && len(e.commands[command]) == 1 && e.workload.Commands[command].Keys() == 1
}

// AppendAlike appends a request of one command for each of the keys.
func (e *Encoder) AppendAlike(dst []byte, command int, keys []uint64) []byte {
	p := &e.commands[command][0]
	at, size := len(dst), len(p.fixed)
	dst = slices.Grow(dst, len(keys)*size)[:at+len(keys)*size]
	for _, key := range keys {
		one := dst[at : at+size]
		copy(one, p.fixed)
		for _, from := range p.digits {
			e.workload.Keys.Patch(one[from:], key)
		}
		at += size
	}
	return dst
}

func (e *Encoder) compileRESP(c *workload.Command) []part {
	words := 0
	for _, w := range c.Words {
		if w.Kind == workload.KeyList {
			words += int(w.Count)
		} else {
			words++
		}
	}
	fixed := fmt.Appendf(nil, "*%d\r\n", words)
	var parts []part
	var digits []int
	for _, w := range c.Words {
		switch w.Kind {
		case workload.Literal:
			fixed = fmt.Appendf(fixed, "$%d\r\n%s\r\n", len(w.Text), w.Text)
			continue
		case workload.Key:
			fixed = fmt.Appendf(fixed, "$%d\r\n", e.workload.Keys.Length)
			fixed, digits = e.appendBlank(fixed, digits)
			fixed = append(fixed, '\r', '\n')
			continue
		}
		parts = append(parts, part{fixed: fixed, digits: digits, word: w})
		fixed, digits = nil, nil
	}
	return append(parts, part{fixed: fixed, digits: digits, ends: true})
}

// appendBlank appends the place of a key, and remembers where its digits begin.
func (e *Encoder) appendBlank(fixed []byte, digits []int) ([]byte, []int) {
	name, from := e.workload.Keys.Blank()
	return append(fixed, name...), append(digits, len(fixed)+from)
}

func (e *Encoder) appendRESP(dst []byte, w workload.Word, r *workload.Request) []byte {
	keys := &e.workload.Keys
	switch w.Kind {
	case workload.KeyList:
		for _, id := range r.List {
			dst = appendHead(dst, keys.Length)
			dst = append(keys.Append(dst, id), '\r', '\n')
		}
		return dst
	case workload.Value:
		dst = appendHead(dst, r.Size)
		dst = e.workload.Values.Append(dst, r.Key, r.Version, r.Size)
	case workload.Number, workload.TTL, workload.CAS:
		var digits [20]byte
		number := strconv.AppendUint(digits[:0], drawn(w, r), 10)
		dst = appendHead(dst, len(w.Text)+len(number))
		dst = append(dst, w.Text...)
		dst = append(dst, number...)
	}
	return append(dst, '\r', '\n')
}

func appendHead(dst []byte, length int) []byte {
	dst = append(dst, '$')
	dst = strconv.AppendInt(dst, int64(length), 10)
	return append(dst, '\r', '\n')
}

func drawn(w workload.Word, r *workload.Request) uint64 {
	switch w.Kind {
	case workload.TTL:
		return uint64(r.TTL)
	case workload.CAS:
		return r.Token
	}
	return r.Dice.Below(w.Count)
}

// compileMemcache lays out one command line. The payload follows the line, but its length stands where {value} does: so
// that word becomes two parts.
func (e *Encoder) compileMemcache(c *workload.Command) []part {
	var fixed []byte
	var parts []part
	var digits []int
	for i, w := range c.Words {
		if i > 0 {
			fixed = append(fixed, ' ')
		}
		switch w.Kind {
		case workload.Literal:
			fixed = append(fixed, w.Text...)
			continue
		case workload.Key:
			fixed, digits = e.appendBlank(fixed, digits)
			continue
		}
		if w.Kind == workload.Value {
			w.Count = valueLength
		}
		parts = append(parts, part{fixed: fixed, digits: digits, word: w})
		fixed, digits = nil, nil
	}
	fixed = append(fixed, '\r', '\n')
	if c.HasValue() {
		parts = append(parts, part{fixed: fixed, digits: digits, word: workload.Word{Kind: workload.Value}})
		fixed, digits = []byte("\r\n"), nil
	}
	return append(parts, part{fixed: fixed, digits: digits, ends: true})
}

// valueLength marks, as Count of a compiled Value word, that the length is meant and not the payload.
const valueLength = 1

func (e *Encoder) appendMemcache(dst []byte, w workload.Word, r *workload.Request) []byte {
	keys := &e.workload.Keys
	switch w.Kind {
	case workload.KeyList:
		for i, id := range r.List {
			if i > 0 {
				dst = append(dst, ' ')
			}
			dst = keys.Append(dst, id)
		}
	case workload.Value:
		if w.Count == valueLength {
			return strconv.AppendInt(dst, int64(r.Size), 10)
		}
		return e.workload.Values.Append(dst, r.Key, r.Version, r.Size)
	case workload.Number, workload.TTL, workload.CAS:
		dst = append(dst, w.Text...)
		return strconv.AppendUint(dst, drawn(w, r), 10)
	}
	return dst
}

// RESPCommand encodes one command. It allocates; it is for what is sent once.
func RESPCommand(words ...string) []byte {
	out := AppendRESPHead(nil, len(words))
	for _, w := range words {
		out = AppendRESPWord(out, w)
	}
	return out
}

// AppendRESPHead begins a command of so many words, which AppendRESPWord adds.
func AppendRESPHead(dst []byte, words int) []byte {
	dst = append(dst, '*')
	dst = strconv.AppendInt(dst, int64(words), 10)
	return append(dst, '\r', '\n')
}

// AppendRESPWord adds one word to a command.
func AppendRESPWord[T string | []byte](dst []byte, word T) []byte {
	dst = appendHead(dst, len(word))
	dst = append(dst, word...)
	return append(dst, '\r', '\n')
}
