package session

import (
	"github.com/crucible-cache/crucible/internal/command"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

// respClient speaks RESP2 and RESP3.
type respClient struct {
	parser resp.Parser
	client *command.Client
	failed bool
}

func (s *Session) newRESP() dialect {
	w := s.worker.Commands
	return &respClient{client: w.NewClient(poster{s.peer, s}, s.out)}
}

func (r *respClient) step(buf []byte) int {
	r.parser.MaxBulk = int(r.client.W.Server.Params.ProtoMaxBulkLen())
	r.parser.Authenticated = r.client.Authenticated()
	n, err := r.parser.Parse(buf)
	if err != nil {
		r.client.Error(err.Error())
		r.failed = true
		return 0
	}
	if args := r.parser.Args(); n > 0 && len(args) > 0 {
		r.client.Execute(args)
	}
	return n
}

func (r *respClient) need() int { return r.parser.Need() }

func (r *respClient) fate() fate {
	switch {
	case r.client.Killed:
		return breakdown
	case r.failed || r.client.Closing:
		return finish
	}
	return goOn
}

func (r *respClient) limits() limits {
	p := r.client.W.Server.Params
	out := p.OutputLimit()
	return limits{
		input:  p.QueryBufferLimit(),
		output: out.Hard, outputSoft: out.Soft, outputSoftSeconds: out.SoftSeconds,
		idleSeconds: p.TimeoutSeconds(),
	}
}

func (r *respClient) note(held, room, waiting int) {
	b := &r.client.Buffers
	b.Query.Set(int64(held))
	b.QueryFree.Set(int64(room))
	b.Output.Set(int64(waiting))
}

func (r *respClient) close() { r.client.Close() }
