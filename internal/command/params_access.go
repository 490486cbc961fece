package command

import (
	"cmp"
	"math"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/acl"
)

// access are the parameters about users and clients.
type access struct {
	aclFile  string
	password *passwordParam
	pubsub   atomic.Pointer[string]
	logMax   atomic.Int64

	protected atomic.Int64
	clients   atomic.Int64 // bytes, or negative percent
}

// bind adds the parameters that change users, which are made after the others.
func (p *Params) bind(users *acl.Users) {
	s := &p.settings
	p.aclFile = s.ACLFile
	p.password = &passwordParam{users: users}
	p.password.value.Store(&s.Requirepass)
	users.SetPassword(s.Requirepass)
	p.add("requirepass", p.password)
	p.add("protected-mode", newBool(&p.protected, s.ProtectedMode))
	for name, value := range map[string]string{
		"enable-debug-command":     s.EnableDebugCommand,
		"enable-module-command":    s.EnableModuleCommand,
		"enable-protected-configs": s.EnableProtectedConfigs,
	} {
		p.add(name, fixedParam(cmp.Or(value, "no")))
	}
	p.clients.Store(s.MaxmemoryClients)
	p.add("maxmemory-clients", &shareParam{&p.clients})
	p.add("aclfile", fixedParam(s.ACLFile))

	setPubsub := func(word string) error {
		users.SetAllChannels(word == "allchannels")
		return nil
	}
	pubsub := "resetchannels"
	if s.ACLPubsubDefault != "" {
		pubsub = s.ACLPubsubDefault
	}
	p.pubsub.Store(&pubsub)
	_ = setPubsub(pubsub)
	p.add("acl-pubsub-default", &enumParam{value: &p.pubsub, words: []string{"allchannels", "resetchannels"}, changed: setPubsub})

	setLog := func(n int64) error {
		users.Log.SetLimit(int(min(n, math.MaxInt32)))
		return nil
	}
	_ = setLog(s.ACLLogMaxLen)
	p.add("acllog-max-len", newNumber(&p.logMax, s.ACLLogMaxLen, numberRange{0, maxInt64, false}, setLog))
}

// passwordParam is requirepass: the password of the default user. It shows what
// was last set here, whatever ACL SETUSER made of the user since.
type passwordParam struct {
	value atomic.Pointer[string]
	users *acl.Users
}

func (r *passwordParam) get() string     { return *r.value.Load() }
func (r *passwordParam) immutable() bool { return false }

func (r *passwordParam) set(text string) (func(), error) {
	old := r.value.Swap(&text)
	undo := r.users.SetPassword(text)
	return func() {
		r.value.Store(old)
		undo()
	}, nil
}
