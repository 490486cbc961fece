package memtext

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestReadReply(t *testing.T) {
	const next = "NEXT\r\n"
	for _, wire := range []string{
		"STORED\r\n",
		"END\r\n",
		"VALUE k 0 5\r\nEND\r\n\r\nEND\r\n",
		"VALUE a 0 0\r\n\r\nVALUE b 1 2 99\r\n\r\n\r\nEND\r\n",
		"VALUE a 0 1\r\nx\r\nSERVER_ERROR out of memory\r\n",
		"STAT pid 1\r\nSTAT version 1.6.38\r\nEND\r\n",
		"VA 3 f0\r\nabc\r\n",
		"HD\r\n",
		"7\r\n",
		"\r\n",
		"ITEM k [1 b; 0 s]\r\nEND\r\n",
		"key=k exp=-1\r\nEND\r\n",
	} {
		in := bufio.NewReader(strings.NewReader(wire + next))
		for _, want := range []string{wire, next} {
			if got, err := ReadReply(in); err != nil || string(got) != want {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		}
	}
}

func TestReadReplyCutShort(t *testing.T) {
	const wire = "VALUE k 0 5\r\nhello\r\nEND\r\n"
	for n := range len(wire) {
		got, err := ReadReply(bufio.NewReader(strings.NewReader(wire[:n])))
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes: %v, want the end of the stream", n, err)
		}
		if string(got) != wire[:n] {
			t.Errorf("%d bytes: kept %q", n, got)
		}
	}
}

func TestReadReplyRefuses(t *testing.T) {
	for _, wire := range []string{"VALUE k 0\r\n", "VALUE k 0 -1\r\n", "VALUE k 0 x\r\n", "VA\r\n", "VA 999999999999\r\n"} {
		if _, err := ReadReply(bufio.NewReader(strings.NewReader(wire))); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%q: %v, want a refusal", wire, err)
		}
	}
}
