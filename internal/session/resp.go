package session

import (
	"github.com/crucible-cache/crucible/internal/command"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

// respClient speaks RESP2 and RESP3.
type respClient struct {
	session *Session
	parser  resp.Parser
	client  *command.Client
	failed  bool
}

func (s *Session) newRESP() dialect {
	w := s.worker.Commands
	return &respClient{session: s, client: w.NewClient(poster{s.peer, s}, s.out)}
}

func (r *respClient) step(buf []byte) int {
	r.parser.MaxBulk = int(r.client.W.Server.Params.ProtoMaxBulkLen())
	r.parser.Authenticated = r.client.Authenticated()
	if r.parser.Authenticated && !r.parser.Partial() {
		if n := r.session.ahead(r, buf); n > 0 {
			return n
		}
	}
	n, err := r.parser.Parse(buf)
	if err != nil {
		r.client.Error(err.Error())
		r.failed = true
		return 0
	}
	switch args := r.parser.Args(); {
	case n == 0:
	case len(args) > 0:
		r.client.Execute(args)
	default:
		r.client.Alive()
	}
	return n
}

func (r *respClient) expect(buf []byte) {
	if r.client.Authenticated() && !r.parser.Partial() {
		r.parser.MaxBulk = int(r.client.W.Server.Params.ProtoMaxBulkLen())
		r.session.worker.expected.add(r.session, r, buf)
	}
}

func (r *respClient) parse(u *upcoming, i int, buf []byte) int {
	u.command[i].Forget()
	p := &u.resp[i]
	p.MaxBulk, p.Authenticated = r.parser.MaxBulk, true
	n, err := p.Parse(buf)
	if n == 0 || err != nil {
		p.Restart()
		return 0
	}
	return n
}

func (r *respClient) look(u *upcoming, i int) { r.client.LookAhead(u.resp[i].Args(), &u.command[i]) }

func (r *respClient) approach(u *upcoming, i int) { r.client.Approach(&u.command[i]) }

func (r *respClient) gather(u *upcoming, i int) { r.client.Gather(&u.command[i]) }

func (r *respClient) reach(u *upcoming, i int) { r.client.Reach(&u.command[i]) }

func (r *respClient) execute(u *upcoming, i int) {
	if args := u.resp[i].Args(); len(args) > 0 {
		r.client.ExecuteAhead(args, &u.command[i])
	} else {
		r.client.Alive()
	}
}

func (r *respClient) beginGroup() { r.client.BeginGroup() }

func (r *respClient) endGroup(u *upcoming, i int) { r.client.EndGroup(u.resp[i].Args()) }

func (r *respClient) need() int { return r.parser.Need() }

func (r *respClient) fate() fate {
	switch {
	case r.client.Killed:
		return breakdown
	case r.failed || r.client.Closing:
		return finish
	case r.client.Blocked():
		return wait
	}
	return goOn
}

func (r *respClient) limits() limits {
	p := r.client.W.Server.Params
	out := p.OutputLimit(r.client.Class())
	l := limits{
		input:  p.QueryBufferLimit(),
		output: out.Hard, outputSoft: out.Soft, outputSoftSeconds: out.SoftSeconds,
	}
	if !r.client.Attends() {
		l.idleSeconds = p.TimeoutSeconds()
	}
	return l
}

func (r *respClient) note(held, room, waiting int) {
	b := &r.client.Buffers
	parsed, args := r.parser.Parsed()
	b.Query.Set(int64(held))
	b.Parsed.Set(int64(min(parsed, held)))
	b.Args.Set(int64(min(args, held)))
	b.QueryFree.Set(int64(room))
	b.Output.Set(int64(waiting))
	r.client.Weigh()
}

func (r *respClient) active(nowMS int64) { r.client.Active(nowMS) }

func (r *respClient) close() { r.client.Close() }
