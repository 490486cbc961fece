package main

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/crucible-cache/crucible/internal/command"
	"github.com/crucible-cache/crucible/internal/memcached"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
)

// settings are the parameters as CONFIG GET first shows them.
func (a *appliance) settings() command.Settings {
	c := a.config
	s := command.Settings{
		Maxmemory:        c.Cache.Maxmemory.Bytes(),
		MaxmemoryPolicy:  policyName(c.Cache.Policy),
		Maxclients:       int64(c.Redis.Maxclients),
		TimeoutSeconds:   int64(c.Redis.Timeout.Seconds()),
		KeepaliveSeconds: int64(c.Listeners[0].Keepalive.Seconds()),
		Databases:        c.Redis.Databases,
		Requirepass:      c.Redis.Requirepass,
		ProtoMaxBulkLen:  min(c.Redis.ProtoMaxBulkLen.Bytes(), c.Cache.MaxValueSize.Bytes()),
		QueryBufferLimit: c.Redis.ClientQueryBufferLimit.Bytes(),
		OutputLimit: command.OutputLimit{
			Hard:        c.Redis.ClientOutputBufferLimit.Hard.Bytes(),
			Soft:        c.Redis.ClientOutputBufferLimit.Soft.Bytes(),
			SoftSeconds: int64(c.Redis.ClientOutputBufferLimit.SoftSeconds),
		},
		LogLevel:   redisLevel(c.Logging.Level),
		TCPBacklog: c.Listeners[0].Backlog,
		Logfile:    c.Logging.File,
		Hz:         int(time.Second / tick),
		IOThreads:  c.Workers.Threads,
	}
	s.Dir, _ = os.Getwd() // shown only
	for _, l := range a.listeners {
		s.TCPBacklog = l.Config.Backlog
		switch addr := l.Addr.(type) {
		case *net.TCPAddr:
			if s.Port == 0 && l.Config.Protocol != "memcache" {
				s.Port = addr.Port
			}
			if ip := addr.IP.String(); !slices.Contains(s.Bind, ip) {
				s.Bind = append(s.Bind, ip)
			}
		case *net.UnixAddr:
			s.Unixsocket = addr.Name
		}
	}
	return s
}

// tick is the time between two ticks of a loop.
const tick = 100 * time.Millisecond

// executable is shown by INFO; empty when the system does not tell.
func executable() string {
	path, _ := os.Executable()
	return path
}

func absolute(path string) string {
	if path == "" {
		return ""
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return full
}

// memcachedSettings are the options as "stats settings" shows them.
func (a *appliance) memcachedSettings() memcached.Settings {
	c := a.config
	s := memcached.Settings{
		MaxItem:        int(c.Memcached.MaxItemSize.Bytes()),
		MaxLine:        memcache.DefaultMaxLine,
		MaxConnections: int64(c.Memcached.MaxConnections),
		Threads:        c.Workers.Threads,
		IdleSeconds:    int64(c.Memcached.IdleTimeout.Seconds()),
	}
	for _, l := range a.listeners {
		if l.Config.Protocol != "memcache" {
			continue
		}
		s.Backlog = l.Config.Backlog
		switch addr := l.Addr.(type) {
		case *net.TCPAddr:
			s.Port, s.Interface = addr.Port, addr.IP.String()
		case *net.UnixAddr:
			s.UnixSocket = addr.Name
		}
	}
	return s
}

// memcachedFacts adds to "stats" what the engine counts.
func (a *appliance) memcachedFacts(put func(name string, value uint64)) {
	var total, rejected, read, written uint64
	for _, w := range a.workers {
		total += w.Commands.Stats.Connections.Load()
		rejected += w.Commands.Stats.Rejected.Load()
	}
	for _, e := range a.engines {
		for _, l := range e.Loops() {
			read += l.Stats().ReceivedB.Load()
			written += l.Stats().SentB.Load()
		}
	}
	put("curr_connections", uint64(a.shared.Connected()))
	put("total_connections", total)
	put("rejected_connections", rejected)
	put("bytes_read", read)
	put("bytes_written", written)
}
