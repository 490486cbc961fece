package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/crucible-cache/crucible/internal/compat"
	"github.com/crucible-cache/crucible/internal/compat/launch"
	"github.com/crucible-cache/crucible/internal/compat/script"
)

// serverFlags choose the two servers. Without addresses both are started here.
type serverFlags struct {
	Profile  string `required:"" placeholder:"FILE" help:"Our server's profile, compat/NAME.toml; NAME says which server is the reference."`
	Protocol string `enum:"redis,memcached," default:"" help:"redis or memcached, when the profile's name doesn't say."`

	Target           string `placeholder:"HOST:PORT" help:"A running server to judge, instead of starting one."`
	TargetCommand    string `placeholder:"COMMAND" help:"Start this as the server to judge; {port} and {dir} are filled in."`
	Server           string `default:"bin/crucible-server" placeholder:"FILE" help:"Our server's binary (${default})."`
	Engine           string `enum:"uring,epoll,goroutine," default:"" help:"Run our server with this engine: uring, epoll or goroutine."`
	Store            string `placeholder:"BACKEND/POLICY" help:"Run our server with this backend and policy, such as slab/lra."`
	Reference        string `placeholder:"HOST:PORT" help:"A running reference server, instead of starting one."`
	ReferenceCommand string `placeholder:"COMMAND" help:"Start this as the reference server; {port} and {dir} are filled in."`
	Root             string `placeholder:"DIR" help:"The project's root, where .tools lies (the directory above the profile's)."`
}

// pair is the two servers, and those of them that were started here.
type pair struct {
	reference, target compat.Endpoint
	started           []*launch.Server
}

func (p *pair) stop() error {
	var errs []error
	for _, s := range p.started {
		errs = append(errs, s.Stop())
	}
	return errors.Join(errs...)
}

func (f *serverFlags) protocol() (script.Protocol, error) {
	name := f.Protocol
	if name == "" {
		name = strings.TrimSuffix(filepath.Base(f.Profile), filepath.Ext(f.Profile))
	}
	switch p := script.Protocol(name); p {
	case script.Redis, script.Memcached:
		return p, nil
	default:
		return "", fmt.Errorf("the profile %s does not say which server it stands in for: add --protocol redis or memcached", f.Profile)
	}
}

// directory is where the cases and the list of commands for the profile lie.
func (f *serverFlags) directory() string {
	return strings.TrimSuffix(f.Profile, filepath.Ext(f.Profile))
}

func (f *serverFlags) root() string {
	if f.Root != "" {
		return f.Root
	}
	return filepath.Dir(filepath.Dir(filepath.Clean(f.Profile)))
}

func probeOf(protocol script.Protocol) launch.Probe {
	if protocol == script.Memcached {
		return launch.MemcachedProbe
	}
	return launch.RedisProbe
}

// given says whether one of the servers was named by address or command line, so that it is of whatever mode
// it was meant to be of.
func (f *serverFlags) given() bool {
	return f.Target != "" || f.TargetCommand != "" || f.Reference != "" || f.ReferenceCommand != ""
}

// start brings both servers up as the mode says. The caller stops the pair, also after an error.
func (f *serverFlags) start(ctx context.Context, mode script.Mode) (*pair, error) {
	p := &pair{}
	var err error
	if p.reference, err = f.startReference(ctx, p, mode); err != nil {
		return p, err
	}
	p.target, err = f.startTarget(ctx, p, mode)
	return p, err
}

func (f *serverFlags) startReference(ctx context.Context, p *pair, mode script.Mode) (compat.Endpoint, error) {
	if f.Reference != "" {
		return compat.Endpoint{Title: f.Reference, Address: f.Reference}, nil
	}
	protocol, err := f.protocol()
	if err != nil {
		return compat.Endpoint{}, err
	}
	var command launch.Command
	if f.ReferenceCommand != "" {
		command, err = launch.Custom(f.ReferenceCommand, probeOf(protocol))
	} else {
		command, err = launch.Reference(f.root(), string(protocol))
		switch mode {
		case script.Cluster:
			command = launch.RedisCluster(command)
		case script.Debug:
			command = launch.RedisDebug(command)
		}
	}
	if err != nil {
		return compat.Endpoint{}, err
	}
	return p.launch(ctx, command)
}

func (f *serverFlags) startTarget(ctx context.Context, p *pair, mode script.Mode) (compat.Endpoint, error) {
	if f.Target != "" {
		return compat.Endpoint{Title: f.Target, Address: f.Target}, nil
	}
	protocol, err := f.protocol()
	if err != nil {
		return compat.Endpoint{}, err
	}
	var command launch.Command
	if f.TargetCommand != "" {
		command, err = launch.Custom(f.TargetCommand, probeOf(protocol))
	} else {
		command, err = launch.Crucible(f.Server, f.Profile, f.Engine, probeOf(protocol), f.storeFlags()...)
		switch mode {
		case script.Cluster:
			command = launch.CrucibleCluster(command)
		case script.Debug:
			command = launch.CrucibleDebug(command)
		}
	}
	if err != nil {
		return compat.Endpoint{}, err
	}
	return p.launch(ctx, command)
}

// storeFlags are the flags that make our server use f.Store.
func (f *serverFlags) storeFlags() []string {
	if f.Store == "" {
		return nil
	}
	backend, policy, found := strings.Cut(f.Store, "/")
	flags := []string{"--backend", backend}
	if found {
		flags = append(flags, "--policy", policy)
	}
	return flags
}

func (p *pair) launch(ctx context.Context, command launch.Command) (compat.Endpoint, error) {
	server, err := launch.Start(ctx, command)
	if err != nil {
		return compat.Endpoint{}, err
	}
	p.started = append(p.started, server)
	return compat.Endpoint{Title: command.Title, Address: server.Address, Restart: server.Restart}, nil
}
