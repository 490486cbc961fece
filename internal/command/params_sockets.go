package command

import (
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/redisconf"
)

// Addresses are where Redis' clients come to over TCP.
type Addresses struct {
	Port, TLSPort int      // 0 = nowhere
	Bind          []string // as redis.conf writes addresses: * and ::* are all, - is before those that may be missing
}

// PortOf returns one of the ports, to be read or set.
func (a *Addresses) PortOf(tls bool) *int {
	if tls {
		return &a.TLSPort
	}
	return &a.Port
}

// ErrTLS is the error of Hooks.Addresses if TLS cannot be served as the parameters are.
var ErrTLS = errors.New("TLS cannot be served")

// socketParams are the parameters about listening sockets. They are set
// together: the addresses belong to each port.
type socketParams struct {
	current atomic.Pointer[Addresses] // as CONFIG GET shows them
	listed  atomic.Pointer[[]Sockets] // as INFO does
	applied Addresses
	changed func(Addresses) ([]Sockets, error)
}

func (s *socketParams) add(p *Params, start Settings, changed func(Addresses) ([]Sockets, error)) {
	s.applied, s.changed = start.Addresses, changed
	s.current.Store(&start.Addresses)
	s.listed.Store(&start.Listeners)
	for _, name := range []string{"port", "bind", "tls-port"} {
		one := &socketParam{all: s, directive: redisconf.Lookup(name), refused: "Unable to listen on this port. Check server logs."}
		if name == "bind" {
			one.refused = "Failed to bind to specified addresses."
		}
		p.add(name, one)
	}
}

// socketParam is one of them.
type socketParam struct {
	all       *socketParams
	directive *redisconf.Directive
	refused   string
}

func (s *socketParam) immutable() bool { return false }

func (s *socketParam) get() string { return s.of(s.all.current.Load()) }

// of is the parameter among those that go together.
func (s *socketParam) of(a *Addresses) string {
	if s.directive.Name == "bind" {
		return strings.Join(a.Bind, " ")
	}
	return itoa(*a.PortOf(s.directive.Name == "tls-port"))
}

func (s *socketParam) set(text string) (func(), error) {
	value, err := s.directive.Parse(text)
	if err != nil {
		return nil, err
	}
	old, next := s.all.current.Load(), *s.all.current.Load()
	if s.directive.Name == "bind" {
		next.Bind = strings.Split(value, " ") // as Redis: two blanks are an address that is none
		if value == "" {
			next.Bind = nil
		}
	} else {
		*next.PortOf(s.directive.Name == "tls-port"), _ = strconv.Atoi(value) // checked
	}
	s.all.current.Store(&next)
	return func() { s.all.current.Store(old) }, nil
}

// settle implements settler. The first of them that changed settles all.
func (s *socketParam) settle() error {
	all := s.all
	next := *all.current.Load()
	if all.changed == nil || s.of(&next) == s.of(&all.applied) {
		return nil
	}
	listed, err := all.changed(next)
	switch {
	case errors.Is(err, ErrTLS):
		slog.Error("tls-port refused", "error", err)
		return errors.New("Unable to update TLS configuration. Check server logs.") //nolint:revive,staticcheck // Redis' text
	case err != nil:
		slog.Error("addresses refused", "error", err)
		return errors.New(s.refused)
	}
	all.applied = next
	all.listed.Store(&listed)
	return nil
}
