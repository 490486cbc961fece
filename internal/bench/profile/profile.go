// Package profile reads workload profiles: TOML files that say what to load a server with, and how. Decoding is strict;
// an unknown key is an error that names its line, because a misspelt setting silently measures something else.
//
// A Profile is plain data, made once and then read only.
package profile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// sizeMax bounds a profile file: it is a page of text.
const sizeMax = 1 << 20

// Duration is a time.Duration written as "10s".
type Duration struct{ time.Duration }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	d.Duration, err = time.ParseDuration(string(text))
	return err
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Profile is a whole file.
type Profile struct {
	Target   Target    `toml:"target"`
	Load     Load      `toml:"load"`
	Keys     Keys      `toml:"keys"`
	Values   Values    `toml:"values"`
	TTL      TTL       `toml:"ttl"`
	Commands []Command `toml:"command"`
	// Scripts are loaded before the run; {sha:NAME} in a command is the digest of one.
	Scripts     []Script    `toml:"script"`
	Subscribers Subscribers `toml:"subscribers"`
}

// Script is a Lua script for EVALSHA.
type Script struct {
	Name string `toml:"name"`
	Text string `toml:"text"`
}

// Subscribers are connections that hear what PUBLISH commands say; see load.Subscribers.
type Subscribers struct {
	Connections int    `toml:"connections"`
	Prefix      string `toml:"prefix"`
	Channels    int    `toml:"channels"`
	Pattern     bool   `toml:"pattern"`
}

// Target is the server.
type Target struct {
	// Protocol is "resp", "resp3", "memcache", "memcache-binary" or "ping"; Address is HOST:PORT or the path of a unix socket.
	Protocol string `toml:"protocol"`
	Address  string `toml:"address"`
	// Username and Password are sent on every RESP connection.
	Username string `toml:"username"`
	Password string `toml:"password"`
	TLS      TLS    `toml:"tls"`
}

// TLS says how to encrypt the connections.
type TLS struct {
	Enabled bool `toml:"enabled"`
	// CA is a file of certificates to trust instead of the system's; Insecure trusts anybody.
	CA       string `toml:"ca"`
	Insecure bool   `toml:"insecure"`
	// Certificate and Key are files that identify the client; ServerName is the name expected of the server.
	Certificate string `toml:"certificate"`
	Key         string `toml:"key"`
	ServerName  string `toml:"server_name"`
}

// Load is how hard the server is driven.
type Load struct {
	Threads     int      `toml:"threads"`
	Connections int      `toml:"connections"`
	Pipeline    int      `toml:"pipeline"`
	CPUs        []int    `toml:"cpus"`
	Engine      string   `toml:"engine"`
	Rate        float64  `toml:"rate"`
	WarmUp      Duration `toml:"warmup"`
	Duration    Duration `toml:"duration"`
	Requests    uint64   `toml:"requests"`
	Churn       int      `toml:"churn"`
	StallLimit  Duration `toml:"stall_limit"`
	Prefill     bool     `toml:"prefill"`
	Setup       []string `toml:"setup"`
	ReadThrough bool     `toml:"read_through"`
	Verify      bool     `toml:"verify"`
	Seed        uint64   `toml:"seed"`
}

// Keys is the keyspace and how it is accessed.
type Keys struct {
	Count  uint64 `toml:"count"`
	Prefix string `toml:"prefix"`
	Length int    `toml:"length"`
	// Access is "uniform", "zipf" (with Theta), "hotspot" (with HotKeys and HotRequests) or "sequential".
	Access      string  `toml:"access"`
	Theta       float64 `toml:"theta"`
	HotKeys     float64 `toml:"hot_keys"`
	HotRequests float64 `toml:"hot_requests"`
}

// Values are the payloads.
type Values struct {
	// Sizes is "fixed" (with Size), "uniform" (with Min and Max), "lognormal" (with Median, Sigma, Min and Max) or
	// "histogram" (with Histogram). All sizes are bytes.
	Sizes     string               `toml:"sizes"`
	Size      int                  `toml:"size"`
	Min       int                  `toml:"min"`
	Max       int                  `toml:"max"`
	Median    int                  `toml:"median"`
	Sigma     float64              `toml:"sigma"`
	Histogram []workload.SizeShare `toml:"histogram"`
}

// TTL is what {ttl} in a command is drawn from, in seconds, uniformly.
type TTL struct {
	Min uint32 `toml:"min"`
	Max uint32 `toml:"max"`
}

// Command is one kind of request.
type Command struct {
	Name   string   `toml:"name"`
	Weight *float64 `toml:"weight"`
	Send   string   `toml:"send"`
}

// Default is the profile that a file, and then the command line, changes: 100 % GET of small values.
func Default() *Profile {
	return &Profile{
		Target: Target{Protocol: "resp", Address: "127.0.0.1:6379"},
		Load: Load{
			Engine: "auto", Threads: 1, Connections: 50, Pipeline: 1, WarmUp: Duration{time.Second}, Duration: Duration{10 * time.Second}, StallLimit: Duration{500 * time.Millisecond}, Prefill: true, Seed: 1,
		},
		Subscribers: Subscribers{Prefix: "channel:", Channels: 1},

		Keys:   Keys{Count: 1_000_000, Prefix: "key:", Length: 16, Access: "uniform", Theta: 0.99, HotKeys: 0.2, HotRequests: 0.8},
		Values: Values{Sizes: "fixed", Size: 64, Min: 1, Max: 64 << 10, Median: 256, Sigma: 1},
	}
}

// Read reads a file over the defaults.
func Read(path string) (*Profile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > sizeMax {
		return nil, fmt.Errorf("%s: a profile of %d bytes: at most %d", path, info.Size(), sizeMax)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p, err := Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// Parse is Read for text.
func Parse(raw []byte) (*Profile, error) {
	p := Default()
	d := toml.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(p)
	var unknown *toml.StrictMissingError
	var malformed *toml.DecodeError
	switch {
	case errors.As(err, &unknown):
		first := unknown.Errors[0]
		line, _ := first.Position()
		return nil, fmt.Errorf("line %d: unknown key %q", line, strings.Join(first.Key(), "."))
	case errors.As(err, &malformed):
		line, _ := malformed.Position()
		return nil, fmt.Errorf("line %d: %w", line, err)
	case err != nil:
		return nil, err
	}
	return p, nil
}

// Protocol is the protocol to load with.
func (p *Profile) Protocol() (wire.Protocol, error) {
	switch p.Target.Protocol {
	case "resp", "resp2", "resp3", "redis":
		return wire.RESP, nil
	case "memcache", "memcached":
		return wire.Memcache, nil
	case "memcache-binary":
		return wire.MemcacheBinary, nil
	case "ping":
		return wire.Ping, nil
	}
	return "", fmt.Errorf("protocol %q: want resp, resp3, memcache, memcache-binary or ping", p.Target.Protocol)
}

// Credentials are what identifies every connection.
func (p *Profile) Credentials() [][]byte {
	t := &p.Target
	if t.Password == "" {
		return nil
	}
	words := []string{"AUTH"}
	if t.Username != "" {
		words = append(words, t.Username)
	}
	return [][]byte{wire.RESPCommand(append(words, t.Password)...)}
}

// Greeting is what every connection of the load starts with.
func (p *Profile) Greeting() [][]byte {
	lines := p.Credentials()
	if p.Target.Protocol == "resp3" {
		lines = append(lines, wire.RESPCommand("HELLO", "3"))
	}
	return lines
}
