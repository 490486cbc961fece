package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/command"
	"github.com/crucible-cache/crucible/internal/config"
	"github.com/crucible-cache/crucible/internal/listen"
	"github.com/crucible-cache/crucible/internal/netloop"
)

// sockets are the listening sockets. CONFIG SET replaces those that are Redis'
// port and tls-port: the TCP sockets of the port that the first of their kind has. All
// others stay as the profile has them.
type sockets struct {
	mu     sync.Mutex
	open   []*listen.Listener
	closed bool // the server stops

	models    [kinds]model
	current   command.Addresses
	keepalive atomic.Int64 // seconds, -1 for what the profile says
}

// kind is how Redis' clients come over TCP.
type kind int

const (
	plain  kind = iota // by port
	secure             // by tls-port
	kinds
)

// model is what a new socket of a kind is like, but for its address.
type model struct {
	listener     config.Listener
	index        int
	certificates *listen.Certificates
}

// all returns those that are open.
func (s *sockets) all() []*listen.Listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.open)
}

// openListeners opens those of the profile.
func (a *appliance) openListeners() error {
	open, err := listen.Open(a.config.Listeners, a.shards())
	for end := time.Now().Add(restartPatience); restarted && errors.Is(err, unix.EADDRINUSE) && time.Now().Before(end); {
		time.Sleep(restartPause)
		open, err = listen.Open(a.config.Listeners, a.shards())
	}
	if err != nil {
		return err
	}
	s := &a.sockets
	s.open = open
	s.keepalive.Store(-1)
	for k := range s.models {
		s.models[k] = model{listener: config.DefaultListener(), index: len(a.config.Listeners)}
		s.models[k].listener.Backlog = open[0].Config.Backlog
	}
	var found [kinds]bool
	for _, l := range open {
		k, port := kindOf(l), portOf(l)
		if port == 0 {
			continue
		}
		if !found[k] {
			found[k], s.models[k] = true, model{l.Config, l.Index, l.Certificates}
			*s.current.PortOf(k == secure) = port
		}
	}
	s.current.Bind = a.bindWords()
	return nil
}

func (a *appliance) shards() listen.Options {
	if a.config.Engine.Accept == "reuseport" {
		return listen.Options{Shards: a.config.Workers.Threads}
	}
	return listen.Options{}
}

func kindOf(l *listen.Listener) kind {
	if speaksTLS(l) {
		return secure
	}
	return plain
}

// portOf returns the port that Redis' clients come to, 0 for other sockets.
func portOf(l *listen.Listener) int {
	addr, isTCP := l.Addr.(*net.TCPAddr)
	if !isTCP || l.Config.Protocol == "memcache" {
		return 0
	}
	return addr.Port
}

// bindWords are the addresses of the profile as redis.conf would write them:
// those of port, or of tls-port if there is no port.
func (a *appliance) bindWords() []string {
	var words []string
	at := a.sockets.current.PortOf(a.sockets.current.Port == 0)
	for i, c := range a.config.Listeners {
		here := func(l *listen.Listener) bool { return l.Index == i && portOf(l) == *at && *at != 0 }
		_, port, _ := net.SplitHostPort(c.Address)
		missing := c.Optional && c.Protocol != "memcache" && port == decimal(int64(*at))
		if missing || slices.ContainsFunc(a.sockets.open, here) {
			for _, word := range bindWord(c) {
				if !slices.Contains(words, word) {
					words = append(words, word)
				}
			}
		}
	}
	return words
}

// bindWord is where a listener listens as redis.conf writes it.
func bindWord(c config.Listener) []string {
	host, _, err := net.SplitHostPort(c.Address)
	switch {
	case err != nil:
		return nil
	case host == "" || host == "*":
		return []string{"*", "-::*"}
	case host == "0.0.0.0":
		host = "*"
	case host == "::":
		host = "::*"
	}
	if c.Optional {
		host = "-" + host
	}
	return []string{host}
}

// bindAddress is the way back.
func bindAddress(word string, port int) (address string, optional bool) {
	host, optional := strings.CutPrefix(word, "-")
	switch host {
	case "*":
		host = "0.0.0.0"
	case "::*":
		host = "::"
	}
	return net.JoinHostPort(host, decimal(int64(port))), optional
}

// addressOf is the address of a socket in the form of bindAddress.
func addressOf(l *listen.Listener) string {
	host, _, _ := net.SplitHostPort(l.Config.Address)
	addr, isTCP := l.Addr.(*net.TCPAddr)
	if !isTCP {
		return ""
	}
	if host == "" || host == "*" {
		host = addr.IP.String()
	}
	return net.JoinHostPort(host, decimal(int64(addr.Port)))
}

// setAddresses makes the sockets those of the parameters port, tls-port and bind.
// What is there already stays; what is new listens before what is gone is
// closed, where that can be. On an error everything is as before.
func (a *appliance) setAddresses(next command.Addresses) ([]command.Sockets, error) {
	s := &a.sockets
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errors.New("the server stops")
	}
	if slices.Contains(next.Bind, "") {
		return nil, errors.New("bind: an address is missing between two blanks")
	}
	if next.TLSPort != 0 {
		if err := a.secureModel(); err != nil {
			return nil, err
		}
	}
	gone, wanted := a.compare(next)
	more, err := a.openMore(wanted)
	switch {
	case err == nil:
		a.drop(gone)
	case errors.Is(err, unix.EADDRINUSE) && len(gone) > 0:
		// What is in the way may be our own: all addresses of a port, or one of them.
		a.drop(gone)
		if more, err = a.openMore(wanted); err != nil {
			a.takeBack(gone)
			return nil, err
		}
	default:
		return nil, err
	}
	a.adopt(more)
	s.current = next
	return a.listed(), nil
}

// compare returns the sockets that are not wanted any more and the listeners
// that are not there yet.
func (a *appliance) compare(next command.Addresses) (gone []*listen.Listener, wanted []model) {
	s := &a.sockets
	for k := range kinds {
		before, port := *s.current.PortOf(k == secure), *next.PortOf(k == secure)
		if before == port && slices.Equal(s.current.Bind, next.Bind) {
			continue
		}
		var old []*listen.Listener
		for _, l := range s.open {
			if kindOf(l) == k && portOf(l) == before && before != 0 {
				old = append(old, l)
			}
		}
		for _, word := range next.Bind {
			if port == 0 {
				break
			}
			address, optional := bindAddress(word, port)
			left := slices.DeleteFunc(slices.Clone(old), func(l *listen.Listener) bool { return addressOf(l) == address })
			if len(left) < len(old) {
				old = left
				continue
			}
			m := s.models[k]
			m.listener.Address, m.listener.Optional, m.listener.Name = address, optional, ""
			wanted = append(wanted, m)
		}
		gone = append(gone, old...)
	}
	return gone, wanted
}

// openMore opens all or none.
func (a *appliance) openMore(wanted []model) ([]*listen.Listener, error) {
	var open []*listen.Listener
	for _, m := range wanted {
		sockets, err := listen.OpenOne(m.listener, a.shards())
		if err != nil {
			return nil, errors.Join(fmt.Errorf("listen on %s: %w", m.listener, err), listen.Close(open))
		}
		for _, l := range sockets {
			l.Index, l.Certificates = m.index, m.certificates
		}
		open = append(open, sockets...)
	}
	return open, nil
}

// drop closes sockets that serve. Their connections stay.
func (a *appliance) drop(gone []*listen.Listener) {
	for _, l := range gone {
		for _, e := range a.engines() {
			e.Unlisten(l)
		}
	}
	a.sockets.open = slices.DeleteFunc(a.sockets.open, func(l *listen.Listener) bool { return slices.Contains(gone, l) })
}

// takeBack opens sockets again that were dropped.
func (a *appliance) takeBack(gone []*listen.Listener) {
	for _, l := range gone {
		m := model{l.Config, l.Index, l.Certificates}
		m.listener.Address = addressOf(l)
		again, err := a.openMore([]model{m})
		if err != nil {
			slog.Error("a socket that was given up for others could not be opened again", "error", err)
			continue
		}
		a.adopt(again)
	}
}

// adopt has sockets served.
func (a *appliance) adopt(more []*listen.Listener) {
	for _, l := range more {
		if err := a.serveSocket(l); err != nil {
			slog.Error("a socket cannot be served", "socket", l.String(), "error", err)
			continue
		}
		a.sockets.open = append(a.sockets.open, l)
	}
}

// serveSocket gives a socket to the engine of its kind.
func (a *appliance) serveSocket(l *listen.Listener) error {
	one := []netloop.Listener{a.forEngine(l)}
	switch {
	case kindOf(l) == plain:
		return a.engines()[0].Listen(one)
	case a.secure != nil:
		return a.secure.Listen(one)
	}
	cfg, err := a.engineConfig()
	if err != nil {
		return err
	}
	return a.startSecure(cfg, one)
}

// forEngine takes the descriptor of a socket for an engine.
func (a *appliance) forEngine(l *listen.Listener) netloop.Listener {
	one := netloop.Listener{
		ID: l.Index, Loop: netloop.Anywhere, TLS: l.TLS(), KeepAlive: l.Config.Keepalive.Duration,
		Name: l, Inherited: l.Activated,
	}
	if seconds := a.sockets.keepalive.Load(); seconds >= 0 && l.Config.Protocol != "memcache" {
		one.KeepAlive = time.Duration(seconds) * time.Second
	}
	if l.Shard != listen.Shared {
		one.Loop = l.Shard
	}
	one.FD = l.Take()
	return one
}

// closeListeners gives back what the engines, which have stopped, did not take.
func (a *appliance) closeListeners() error {
	a.sockets.mu.Lock()
	defer a.sockets.mu.Unlock()
	a.sockets.closed = true
	return listen.Close(a.sockets.open)
}

// listed are those that Redis' clients come to, the addresses of a port together.
func (a *appliance) listed() []command.Sockets {
	var all []command.Sockets
	for _, l := range a.sockets.open {
		if l.Config.Protocol == "memcache" {
			continue
		}
		one := command.Sockets{Kind: "tcp"}
		var address string
		switch addr := l.Addr.(type) {
		case *net.TCPAddr:
			address, one.Port = addr.IP.String(), addr.Port
			if words := bindWord(l.Config); len(words) == 1 {
				address = words[0]
			}
			if l.Certificates != nil {
				one.Kind = "tls"
			}
		case *net.UnixAddr:
			address, one.Kind = addr.Name, "unix"
		}
		at := slices.IndexFunc(all, func(s command.Sockets) bool { return s.Kind == one.Kind && s.Port == one.Port })
		if at < 0 || one.Kind == "unix" {
			at, all = len(all), append(all, one)
		}
		if !slices.Contains(all[at].Bind, address) {
			all[at].Bind = append(all[at].Bind, address)
		}
	}
	slices.SortStableFunc(all, func(x, y command.Sockets) int { return cmp.Compare(x.Kind, y.Kind) })
	return all
}
