package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/crucible-cache/crucible/internal/command"
	"github.com/crucible-cache/crucible/internal/config"
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/listen"
	"github.com/crucible-cache/crucible/internal/memcached"
	"github.com/crucible-cache/crucible/internal/netloop"
	"github.com/crucible-cache/crucible/internal/node"
	"github.com/crucible-cache/crucible/internal/service"
	"github.com/crucible-cache/crucible/internal/session"
	"github.com/crucible-cache/crucible/internal/version"
)

// appliance is a running server: one keyspace, the engines that serve it, and
// the sockets they listen on.
type appliance struct {
	config    *config.Config // of the start; a reload changes applied
	applied   *config.Config // what Apply last saw
	places    places
	keyspace  *keyspace.Keyspace
	server    *command.Server
	shared    *session.Shared
	workers   atomic.Pointer[[]*loopWorker]
	protocols []session.Protocol // by listener ID
	started   atomic.Pointer[started]
	secure    *netloop.Engine // that speaks TLS, nil until a listener does
	sockets   sockets
	memcached *memcached.Server
	pulse     *service.Pulse
	log       *service.Log
	life      *service.Life
	drain     *service.DrainTimeoutOption
	nodeFile  *node.File   // nil unless the server is of a cluster and keeps that
	exit      atomic.Int32 // what SHUTDOWN asked for
	hurried   atomic.Bool  // SHUTDOWN NOW: replicas are not waited for
	loaded    bool         // the snapshot, or there was none
	copies    copies
}

// started is the engines that run and the loops of all of them. It is replaced, never changed: any thread may read it.
type started struct {
	engines []*netloop.Engine
	loops   []netloop.Loop
}

// newAppliance opens the sockets and starts the engines.
func newAppliance(cfg *config.Config, log *service.Log, life *service.Life) (*appliance, error) {
	a := &appliance{config: cfg, applied: cfg, places: fitPlaces(cfg), log: log, life: life, drain: service.NewDrainTimeoutOption(cfg)}
	if err := a.openKeyspace(); err != nil {
		return nil, err
	}
	if err := a.openListeners(); err != nil {
		return nil, errors.Join(err, a.close(context.Background()))
	}
	if err := a.serve(); err != nil {
		return nil, errors.Join(err, a.close(context.Background()))
	}
	return a, nil
}

// serve makes the server and starts the engines under it.
func (a *appliance) serve() error {
	cfg, err := a.engineConfig()
	if err != nil {
		return err
	}
	choice, err := netloop.Choose(cfg)
	if err != nil {
		return err
	}
	a.makeServer(choice.Engine)
	if err := a.formCluster(); err != nil {
		return err
	}
	if err := a.load(); err != nil {
		return err
	}
	if err := a.renameCommands(); err != nil {
		return err
	}
	if err := a.server.LoadUsers(a.config.Redis.Users); err != nil {
		return err
	}
	if err := a.setParameters(nil, a.config); err != nil {
		return err
	}
	if err := a.settleCluster(); err != nil {
		return err
	}
	watchMemory(a.keyspace)
	a.server.StartupBytes = a.keyspace.Resident()
	return a.startEngines(cfg)
}

func (a *appliance) openKeyspace() (err error) {
	c := a.config
	if err := place(&c.Cache); err != nil {
		return err
	}
	a.keyspace, err = keyspace.New(keyspace.Config{
		Databases:   c.Redis.DatabaseCount(),
		Maxmemory:   c.Cache.Maxmemory.Bytes(),
		Ceiling:     config.ThisMachine().MemoryBytes,
		SegmentSize: int(c.Cache.SegmentSize.Bytes()),
		Backend:     c.Cache.Backend,
		Policy:      c.Cache.Policy,

		SlabGrowthPercent: c.Cache.SlabGrowthPercent,
		SmallQueuePercent: c.Cache.SmallQueuePercent,
	})
	if err == nil {
		watchMemory(a.keyspace)
	}
	return err
}

// makeServer makes what all loops share and a worker for each loop of the first
// engine.
func (a *appliance) makeServer(engine string) {
	a.server = command.NewServer(a.keyspace, command.NewParams(a.settings(), a.hooks()), command.Identity{
		Version:    version.Version,
		Build:      version.String(),
		RunID:      randomID(),
		HistoryID:  randomID(),
		Executable: executable(),
		ConfigFile: absolute(cmp.Or(a.config.RedisConf(), a.config.File())),
		RedisConf:  a.config.RedisConf() != "",
		Engine:     engine,
		Started:    time.Now(),
	})
	a.server.Shutdown = a.requestShutdown
	a.server.Debug = a.startCopy
	a.server.Restart = restart
	a.server.Hire = a.hire
	a.server.Network = a.network
	a.server.Counters = a.counters
	a.server.Threads, a.server.ForgetPeaks = a.threads, a.forgetPeaks
	a.server.LoopSeconds = a.loopSeconds
	a.shared = &session.Shared{
		MaxRESP:     a.server.Params.Maxclients,
		MaxMemcache: func() int64 { return a.places.memcache },
	}

	for _, l := range a.config.Listeners {
		protocol, _ := session.ParseProtocol(l.Protocol) // validated
		a.protocols = append(a.protocols, protocol)
	}
	a.protocols = append(a.protocols, session.RESP) // of a port that CONFIG SET opens where there was none
	a.memcached = memcached.NewServer(a.memcachedSettings(), time.Now())
	a.memcached.Facts = a.memcachedFacts
	a.memcached.Tell = a.server.Tell
	a.makeWorkers(a.config.Workers.Threads)
	a.pulse = service.NewPulse(len(a.loopWorkers()), patience, a.lifeSign)
}

// lifeSign is a number that changes while a loop does what it should.
func (a *appliance) lifeSign(loop int) uint64 {
	w := a.loopWorkers()[loop]
	if w.absorbed {
		return uint64(time.Now().UnixNano()) //nolint:gosec // not negative
	}
	return w.ticks.Load()
}

// makeWorkers makes those of one more engine. The first engine's do for all keys what is done now
// and then.
func (a *appliance) makeWorkers(count int) {
	all := slices.Clone(a.loopWorkers())
	for range count {
		keys := a.keyspace.NewWorker(len(all), a.config.Workers.Threads)
		all = append(all, &loopWorker{
			Worker:    session.NewWorker(a.server.NewWorker(keys), a.memcached.NewWorker(keys), a.shared),
			protocols: a.protocols,
		})
	}
	a.workers.Store(&all)
}

// loopWorkers returns the workers of all loops. Any thread may call it.
func (a *appliance) loopWorkers() []*loopWorker {
	if all := a.workers.Load(); all != nil {
		return *all
	}
	return nil
}

// renameCommands gives commands the names of the profile, before any client comes.
func (a *appliance) renameCommands() error {
	for _, pair := range a.config.Redis.RenameCommand {
		from, to, _ := strings.Cut(strings.Join(strings.Fields(pair), " "), " ")
		if err := a.server.Table.Rename(from, strings.Trim(to, `"`)); err != nil {
			return fmt.Errorf("redis.rename_command %q: %w", pair, err)
		}
	}
	return nil
}

func speaksTLS(l *listen.Listener) bool { return l.Certificates != nil }

// startEngines starts the native engine for the plain listeners and, if there
// are any that speak TLS, a goroutine runtime for those beside it.
func (a *appliance) startEngines(cfg netloop.Config) error {
	loops := a.config.Workers.Threads
	runtime.GOMAXPROCS(loops + 2)
	var sockets [kinds][]netloop.Listener
	for _, l := range a.sockets.open {
		k := kindOf(l)
		sockets[k] = append(sockets[k], a.forEngine(l))
	}
	if err := a.startEngine(cfg, sockets[plain], 0); err != nil {
		return err
	}
	if len(sockets[secure]) > 0 {
		return a.startSecure(cfg, sockets[secure])
	}
	return nil
}

// startSecure starts the goroutine runtime for listeners that speak TLS. The first of them
// may come when CONFIG SET opens one.
func (a *appliance) startSecure(cfg netloop.Config, listeners []netloop.Listener) error {
	first := len(a.loopWorkers())
	a.makeWorkers(cfg.Loops)
	cfg.Engine = netloop.Goroutine
	if err := a.startEngine(cfg, listeners, first); err != nil {
		return err
	}
	a.secure = a.engines()[len(a.engines())-1]
	a.pulse.Watch(len(a.loopWorkers()))
	return nil
}

func (a *appliance) engineConfig() (netloop.Config, error) {
	c := a.config
	cpus, err := c.Workers.CPUAffinity.CPUs()
	return netloop.Config{
		Engine:   c.Engine.Driver,
		Loops:    c.Workers.Threads,
		Affinity: cpus,
		Uring: netloop.UringConfig{
			SQDepth:     c.Engine.Uring.SQDepth,
			BufferCount: c.Engine.Uring.BufferCount,
			BufferSize:  int(c.Engine.Uring.BufferSize.Bytes()),
			OneShot:     c.Engine.Uring.RecvMode == "oneshot",
			SQPoll:      c.Engine.Uring.SQPoll,
		},
	}, err
}

// startEngine starts an engine whose loops have the workers from first on.
func (a *appliance) startEngine(cfg netloop.Config, listeners []netloop.Listener, first int) error {
	engine, err := netloop.Start(cfg, listeners, func(l netloop.Loop) netloop.Worker {
		w := a.loopWorkers()[first+l.Index()]
		w.settle(l, a.loopWorkers)
		return w
	})
	if err != nil {
		return err
	}
	a.started.Store(&started{append(slices.Clone(a.engines()), engine), append(slices.Clone(a.loops()), engine.Loops()...)})
	choice := engine.Choice()
	slog.Info("engine started", "engine", choice.Engine, "loops", cfg.Loops, "reason", choice.Reason)
	return nil
}

// loops returns the loops of all engines. Any thread may call it.
func (a *appliance) loops() []netloop.Loop {
	if s := a.started.Load(); s != nil {
		return s.loops
	}
	return nil
}

// hire is command.Server.Hire: one more loop, without clients of its own.
func (a *appliance) hire() (*command.Worker, func(func()), error) {
	a.sockets.mu.Lock()
	defer a.sockets.mu.Unlock()
	cfg, err := a.engineConfig()
	if err != nil {
		return nil, nil, err
	}
	cfg.Engine, cfg.Loops, cfg.Affinity = netloop.Goroutine, 1, nil
	first := len(a.loopWorkers())
	a.makeWorkers(1)
	w := a.loopWorkers()[first]
	w.absorbed = true
	if err := a.startEngine(cfg, nil, first); err != nil {
		return nil, nil, err
	}
	return w.Commands, (*w.loop.Load()).Post, nil
}

// engines returns those that have started. Any thread may call it.
func (a *appliance) engines() []*netloop.Engine {
	if s := a.started.Load(); s != nil {
		return s.engines
	}
	return nil
}

// close stops the engines, as ctx allows, and gives everything back.
func (a *appliance) close(ctx context.Context) error {
	var errs []error
	if a.server != nil {
		if !a.hurried.Load() {
			a.server.AwaitReplicas(ctx)
		}
		a.loaded = a.server.EndReplication() && a.loaded
	}
	for _, e := range a.engines() {
		errs = append(errs, e.Shutdown(ctx))
	}
	errs = append(errs, a.closeListeners(), a.save(), a.leaveCluster())
	a.keyspace.Close()
	return errors.Join(errs...)
}

// requestShutdown is SHUTDOWN. What is to be saved has been; what changes until nobody writes
// any more is saved then.
func (a *appliance) requestShutdown(r command.ShutdownRequest) error {
	switch {
	case r.Saved:
		a.exit.Store(exitSavesChanges)
	case r.NoSave:
		a.exit.Store(exitDoesNotSave)
	}
	a.hurried.Store(r.Now)
	a.life.Stop("SHUTDOWN by a client")
	return nil
}
