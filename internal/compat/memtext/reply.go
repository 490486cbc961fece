// Package memtext finds where a reply of memcached's text protocol ends.
//
// The text protocol does not announce what follows: a reply is one line, except that lines of items
// and statistics go on until END, and that VALUE and VA lines are followed by a data block. The
// package reads exactly one reply and keeps its bytes as they are. It holds no state; a reply is
// bounded by replyBytesMax.
package memtext

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

const replyBytesMax = 256 << 20

// ReadReply reads one reply and returns its bytes, those read so far on an error too.
func ReadReply(in *bufio.Reader) ([]byte, error) {
	var reply []byte
	for {
		at := len(reply)
		var err error
		if reply, err = appendLine(reply, in); err != nil {
			return reply, err
		}
		words := bytes.Fields(reply[at:])
		if len(words) == 0 {
			return reply, nil
		}
		block, more, err := following(words)
		if err == nil && block > replyBytesMax-len(reply) {
			err = fmt.Errorf("reply of more than %d bytes", replyBytesMax)
		}
		if err != nil {
			return reply, err
		}
		if block >= 0 {
			at = len(reply)
			reply = append(reply, make([]byte, block+len("\r\n"))...)
			n, err := io.ReadFull(in, reply[at:])
			if err != nil {
				return reply[:at+n], err
			}
		}
		if !more {
			return reply, nil
		}
	}
}

// following says what comes after a line: a data block of so many bytes (-1: none), and whether
// another line belongs to the same reply.
func following(words [][]byte) (block int, more bool, err error) {
	switch string(words[0]) {
	case "VALUE":
		if len(words) < 4 {
			return -1, false, fmt.Errorf("VALUE line without a length: %q", words)
		}
		block, err = parseLength(words[3])
		return block, true, err
	case "VA":
		if len(words) < 2 {
			return -1, false, fmt.Errorf("VA line without a length: %q", words)
		}
		block, err = parseLength(words[1])
		return block, false, err
	case "STAT", "ITEM", "PREFIX":
		return -1, true, nil
	default:
		return -1, bytes.HasPrefix(words[0], []byte("key=")), nil
	}
}

func parseLength(word []byte) (int, error) {
	n, err := strconv.Atoi(string(word))
	if err != nil || n < 0 {
		return -1, fmt.Errorf("data block of %q bytes", word)
	}
	return n, nil
}

func appendLine(reply []byte, in *bufio.Reader) ([]byte, error) {
	for {
		part, err := in.ReadSlice('\n')
		reply = append(reply, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return reply, err
		}
		if len(reply) > replyBytesMax {
			return reply, fmt.Errorf("reply of more than %d bytes", replyBytesMax)
		}
	}
}
