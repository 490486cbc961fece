package session

import (
	"bytes"

	"github.com/crucible-cache/crucible/internal/protocol"
)

// pingClient speaks the smallest of protocols, for measuring the engine by
// itself: every line that says PING, in any case, is answered with PONG.
type pingClient struct {
	out *protocol.Output
	bad bool
}

// pingLine bounds a line, in bytes.
const pingLine = 64

func (p *pingClient) step(buf []byte) int {
	end := bytes.IndexByte(buf[:min(len(buf), pingLine)], '\n')
	if end < 0 {
		p.bad = len(buf) >= pingLine
		return 0
	}
	if line := bytes.TrimSuffix(buf[:end], []byte("\r")); bytes.EqualFold(line, []byte("ping")) {
		p.out.WriteString("PONG\r\n")
	} else {
		p.bad = true
	}
	return end + 1
}

func (p *pingClient) expect([]byte) {}

func (p *pingClient) need() int { return 0 }

func (p *pingClient) fate() fate {
	if p.bad {
		return finish
	}
	return goOn
}

func (p *pingClient) limits() limits { return limits{} }

func (p *pingClient) note(int, int, int) {}

func (p *pingClient) active(int64) {}

func (p *pingClient) close() {}
