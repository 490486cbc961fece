package wire

import (
	"fmt"
	"io"
	"net"
	"time"
)

// askTimeout bounds how long a server may take to answer a probe.
const askTimeout = 2 * time.Second

// Ask sends the protocol's probe and reads the reply: nil means that the other side speaks the protocol and is willing.
// It blocks, at most askTimeout, and allocates; it is for before a run.
func Ask(conn net.Conn, p Protocol) error {
	if err := conn.SetDeadline(time.Now().Add(askTimeout)); err != nil {
		return err
	}
	if _, err := conn.Write(p.Probe()); err != nil {
		return err
	}
	parser, b := p.NewParser(), make([]byte, 512)
	for {
		n, err := conn.Read(b)
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		_, done, err := parser.Feed(b[:n])
		if err != nil {
			return err
		}
		if !done {
			continue
		}
		if r := parser.Reply(); r.Failed {
			return fmt.Errorf("the server answers %q", r.Text)
		}
		return nil
	}
}
