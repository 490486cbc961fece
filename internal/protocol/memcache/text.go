package memcache

import (
	"bytes"
	"math"
)

const (
	// itemOverhead is what the reference server adds to key and value when it
	// holds an item against the limit: its header, the CAS, a zero after the key
	// and the line end of the value. Flags take flagsOverhead more unless 0.
	itemOverhead  = 48 + 8 + 1 + 2
	flagsOverhead = 4

	// maxValue is the longest value that is not a malformed request, in bytes.
	maxValue = math.MaxInt32 - 2

	// maxWords is one word more than the longest command of a fixed form has.
	maxWords = 8
)

// parseText parses a line of the classic text commands into Request, and for a
// storage command says what data block follows.
func (p *Parser) parseText(line []byte) *Error {
	r := &p.Request
	tokens := Tokens{line}
	r.Op = opOf(tokens.Next())
	switch r.Op {
	case OpGet, OpGets, OpGat, OpGats:
		return r.parseRetrieval(tokens)
	case OpStats, OpShutdown, OpLRUCrawler, OpSlabs:
		r.Args = tokens
		return nil
	case OpVersion, OpQuit:
		return nil
	case OpNone:
		return ErrCommand
	}
	w := words{line: line}
	w.split()
	if limits := arity[r.Op]; w.args() < limits.min || w.args() > limits.max {
		return ErrCommand
	}
	r.Noreply = string(w.last()) == "noreply"
	switch r.Op {
	case OpSet, OpAdd, OpReplace, OpAppend, OpPrepend, OpCAS:
		return p.parseStorage(&w)
	case OpIncr, OpDecr:
		return r.parseArithmetic(&w)
	case OpTouch:
		return r.parseTouch(&w)
	case OpDelete:
		return r.parseDelete(&w)
	case OpFlushAll:
		return r.parseFlushAll(&w)
	case OpVerbosity:
		return r.parseVerbosity(&w)
	}
	r.Args = tokens
	return nil
}

// arity is how many words may follow the commands that have a last word in
// which the reference server looks for "noreply". It is not told from others by
// what it says: "set k 0 0 noreply" is a bad length that goes unanswered.
var arity = [...]struct{ min, max int }{
	OpSet:           {4, 5},
	OpAdd:           {4, 5},
	OpReplace:       {4, 5},
	OpAppend:        {4, 5},
	OpPrepend:       {4, 5},
	OpCAS:           {5, 6},
	OpIncr:          {2, 3},
	OpDecr:          {2, 3},
	OpTouch:         {2, 3},
	OpDelete:        {1, 3},
	OpFlushAll:      {0, 2},
	OpVerbosity:     {1, 2},
	OpCacheMemlimit: {1, 2},
	OpLRU:           {1, maxWords - 1},
	OpWatch:         {0, maxWords - 1},
}

// words are the words of a command line.
type words struct {
	line []byte
	at   [maxWords]span
	n    int // maxWords stands for any more
}

// split finds the words of the line.
func (w *words) split() {
	line := w.line
	for i := 0; w.n < maxWords; w.n++ {
		for i < len(line) && line[i] == ' ' {
			i++
		}
		if i == len(line) {
			return
		}
		start := i
		for i < len(line) && line[i] != ' ' {
			i++
		}
		w.at[w.n] = span{start, i}
	}
}

// word returns the word i, the command being 0.
func (w *words) word(i int) []byte { return w.line[w.at[i].start:w.at[i].end:w.at[i].end] }

// last returns the last word of the line, even if it is beyond maxWords.
func (w *words) last() []byte {
	if w.n < maxWords {
		return w.word(w.n - 1)
	}
	line := bytes.TrimRight(w.line, " ")
	return line[bytes.LastIndexByte(line, ' ')+1:]
}

// args returns the number of words after the command.
func (w *words) args() int { return w.n - 1 }

// parseRetrieval parses "get <key>*" and "gat <exptime> <key>*".
func (r *Request) parseRetrieval(tokens Tokens) *Error {
	touch := r.Op == OpGat || r.Op == OpGats
	if touch {
		word := tokens.Next()
		if word == nil {
			return ErrCommand
		}
		exptime, ok := parseInt32(word)
		if !ok {
			return ErrExptime
		}
		r.Exptime = int64(exptime)
	}
	r.Keys = tokens
	for key := tokens.Next(); key != nil; key = tokens.Next() {
		if len(key) > MaxKey {
			return ErrFormat
		}
		if r.Count == 0 {
			r.Key = key
		}
		r.Count++
	}
	if r.Count == 0 && !touch {
		return ErrCommand
	}
	return nil
}

// parseStorage parses "set <key> <flags> <exptime> <bytes> [noreply]" and its
// like; cas has its unique after the bytes.
func (p *Parser) parseStorage(w *words) *Error {
	r := &p.Request
	if r.Key = w.word(1); len(r.Key) > MaxKey {
		return ErrFormat
	}
	flags, flagsOK := parseUint32(w.word(2))
	exptime, exptimeOK := parseInt32(w.word(3))
	size, sizeOK := parseInt32(w.word(4))
	if !flagsOK || !exptimeOK || !sizeOK || size < 0 || size > maxValue {
		return ErrFormat
	}
	if r.Op == OpCAS {
		unique, ok := parseUint64(w.word(5))
		if !ok {
			return ErrFormat
		}
		r.CAS = unique
	}
	r.Flags, r.Exptime = flags, int64(exptime)
	p.key, p.size = w.at[1], int(size)

	if ItemSize(len(r.Key), p.size, flags) > p.MaxItem {
		p.drop = p.size + len("\r\n")
		return ErrTooLarge
	}
	return nil
}

// parseArithmetic parses "incr <key> <delta> [noreply]".
func (r *Request) parseArithmetic(w *words) *Error {
	if r.Key = w.word(1); len(r.Key) > MaxKey {
		return ErrFormat
	}
	delta, ok := parseUint64(w.word(2))
	if !ok {
		return ErrDelta
	}
	r.Delta = delta
	return nil
}

// parseTouch parses "touch <key> <exptime> [noreply]".
func (r *Request) parseTouch(w *words) *Error {
	if r.Key = w.word(1); len(r.Key) > MaxKey {
		return ErrFormat
	}
	exptime, ok := parseInt32(w.word(2))
	if !ok {
		return ErrExptime
	}
	r.Exptime = int64(exptime)
	return nil
}

// parseDelete parses "delete <key> [0] [noreply]": the zero was once a delay.
func (r *Request) parseDelete(w *words) *Error {
	args := w.args()
	if args == 1 {
		r.Noreply = false // "delete noreply" names a key
	} else {
		zero := string(w.word(2)) == "0"
		if !(args == 2 && (zero || r.Noreply)) && !(args == 3 && zero && r.Noreply) {
			return ErrDeleteUsage
		}
	}
	if r.Key = w.word(1); len(r.Key) > MaxKey {
		return ErrFormat
	}
	return nil
}

// parseFlushAll parses "flush_all [delay] [noreply]".
func (r *Request) parseFlushAll(w *words) *Error {
	if w.args() == 0 || (w.args() == 1 && r.Noreply) {
		return nil
	}
	delay, ok := parseInt32(w.word(1))
	if !ok {
		return ErrExptime
	}
	r.Exptime = int64(delay)
	return nil
}

// parseVerbosity parses "verbosity <level> [noreply]".
func (r *Request) parseVerbosity(w *words) *Error {
	level, ok := parseUint32(w.word(1))
	if !ok {
		return ErrFormat
	}
	r.Level = level
	return nil
}
