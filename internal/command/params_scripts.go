package command

import (
	"sync/atomic"
	"time"
)

// scriptParams are the parameters of scripts.
type scriptParams struct {
	busyReply atomic.Int64 // milliseconds
}

const busyReplyDefault = 5000

func (s *scriptParams) add(p *Params) {
	threshold := newNumber(&s.busyReply, busyReplyDefault, numberRange{0, maxInt64, false}, nil)
	p.add("busy-reply-threshold", threshold)
	p.add("lua-time-limit", threshold)
}

// BusyReplyThreshold is for how long a script may hold up others before they are
// told that it is busy.
func (p *Params) BusyReplyThreshold() time.Duration {
	return time.Duration(min(p.busyReply.Load(), maxInt64/int64(time.Millisecond))) * time.Millisecond
}
