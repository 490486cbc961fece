package command

import "sync/atomic"

// backlogDefault is repl-backlog-size, in bytes, and backlogTTLDefault repl-backlog-ttl, in seconds.
const (
	backlogDefault    = 1 << 20
	backlogTTLDefault = 3600
)

// backlogParams are the parameters about what is kept of the stream of writes.
type backlogParams struct {
	size, ttl atomic.Int64
	resize    func(size int64)
}

func (b *backlogParams) add(p *Params) {
	p.add("repl-backlog-size", newNumber(&b.size, backlogDefault, numberRange{1, maxInt64, true}, func(n int64) error {
		if b.resize != nil {
			b.resize(n)
		}
		return nil
	}))
	p.add("repl-backlog-ttl", newNumber(&b.ttl, backlogTTLDefault, numberRange{0, maxInt64, false}, nil))
}
