package command

import (
	"errors"
	"strconv"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/redisconf"
)

// replicaParams are the parameters about replicas. Who asks for some and has fewer has no writes carried out.
type replicaParams struct {
	wanted, maxLag atomic.Int64
	good           atomic.Int64 // how many there are
	lacking        atomic.Bool
	hinder         func(more int32) // there is something, or nothing, to refuse
	master         masterParam
}

// masterParam is replicaof, which REPLICAOF sets.
type masterParam struct{ atomic.Pointer[string] }

func (m *masterParam) get() string                { return *m.Load() }
func (m *masterParam) set(string) (func(), error) { return nil, errors.ErrUnsupported }
func (m *masterParam) immutable() bool            { return true }

// setMaster notes whose replica the server is, for CONFIG GET and CONFIG REWRITE.
func (p *Params) setMaster(words string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.master.Store(&words)
	p.edited["replicaof"] = true
}

func (r *replicaParams) add(p *Params) {
	settle := func(value *atomic.Int64) func(int64) error {
		return func(n int64) error {
			value.Store(n)
			r.settle()
			return nil
		}
	}
	p.add("min-replicas-to-write", newNumber(&r.wanted, 0, numberRange{0, maxInt32, false}, settle(&r.wanted)))
	r.master.Store(new(string))
	p.add("replicaof", &r.master)
	for _, name := range []string{
		"masterauth", "masteruser", "repl-timeout", "repl-ping-replica-period", "repl-diskless-sync", "replica-announce-ip", "replica-announce-port", "replica-announced",
		"replica-priority", "replica-read-only", "replica-serve-stale-data",
		"tls-client-cert-file", "tls-client-key-file",
	} {
		p.add(name, newNoted(redisconf.Lookup(name)))
	}
	p.add("tls-replication", &secureParam{newNoted(redisconf.Lookup("tls-replication")), p})
	p.add("min-replicas-max-lag", newNumber(&r.maxLag, 10, numberRange{0, maxInt32, false}, settle(&r.maxLag)))
}

// asked reports whether replicas count: either number switches that off.
func (r *replicaParams) asked() bool { return r.wanted.Load() > 0 && r.maxLag.Load() > 0 }

// settle follows a change of the numbers, or of how many there are.
func (r *replicaParams) settle() {
	lacking := r.asked() && r.good.Load() < r.wanted.Load()
	if r.lacking.Swap(lacking) == lacking || r.hinder == nil {
		return
	}
	if lacking {
		r.hinder(1)
	} else {
		r.hinder(-1)
	}
}

// lacksReplicas reports whether there are fewer replicas than are asked for. One that is a replica itself needs none.
func (s *Server) lacksReplicas() bool { return s.Params.lacking.Load() && !s.isReplica() }

// seconds is a parameter that is a whole number.
func (p *Params) seconds(name string) int64 {
	n, _ := strconv.ParseInt(p.value(name), 10, 64) // checked when it was set
	return n
}

// lacksReplicas refuses a command that would write, and with it its transaction.
func (c *Client) lacksReplicas(s *Spec) bool {
	writes := s.Flags&Write != 0 || s == c.W.Server.Table.exec && c.tx.flags&Write != 0
	if !writes || !c.W.Server.lacksReplicas() {
		return false
	}
	c.reject(s, errLackReplicas)
	return true
}
