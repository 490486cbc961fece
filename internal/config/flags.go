package config

import "fmt"

// Flags is the command line of the server, as kong reads it. A nil pointer or
// empty slice is a flag that was not given.
type Flags struct {
	File string `arg:"" optional:"" name:"profile.toml" help:"Profile to serve; without one, RESP on 127.0.0.1:6379."`

	RedisConf    string `placeholder:"FILE" help:"Serve what a redis.conf says, in place of a profile."`
	Check        string `placeholder:"FILE" help:"Validate a profile, say OK or what is wrong, and exit."`
	PrintConfig  bool   `help:"Print the effective values and where each came from, and exit."`
	Version      bool   `help:"Print the version and exit."`
	SignalReload int    `placeholder:"PID" help:"Ask the server with this process id to reload, and exit."`

	Listen      []string `placeholder:"ADDR" sep:"none" help:"Listen on HOST:PORT or unix:/path, with an optional resp://, memcache://, auto:// or ping:// in front. Replaces the listeners of the profile; may be repeated."`
	Threads     *int     `placeholder:"N" help:"Number of loops; 0 means one per physical core."`
	CPUAffinity CPUList  `name:"cpu-affinity" placeholder:"LIST" help:"CPUs to pin the loops to, such as 0-3,8."`
	Engine      *string  `placeholder:"KIND" help:"How sockets are driven: auto, uring, epoll or goroutine."`
	Maxmemory   *Size    `placeholder:"SIZE" help:"Memory the process may take, such as 4gb; 0 means 60 % of the machine."`
	Backend     *string  `placeholder:"NAME" help:"Where values live."`
	Policy      *string  `placeholder:"NAME" help:"What is evicted when memory is full."`
	Metrics     *string  `placeholder:"ADDR" help:"Serve /metrics, /healthz and /readyz on HOST:PORT."`
	LogLevel    *string  `placeholder:"LEVEL" help:"debug, info, warn or error."`
}

// apply overlays the flags that were given onto c.
func (f *Flags) apply(c *Config) error {
	override(c, f.Threads, &c.Workers.Threads, "workers.threads", "threads")
	override(c, f.Engine, &c.Engine.Driver, "engine.driver", "engine")
	override(c, f.Maxmemory, &c.Cache.Maxmemory, "cache.maxmemory", "maxmemory")
	override(c, f.Backend, &c.Cache.Backend, "cache.backend", "backend")
	override(c, f.Policy, &c.Cache.Policy, "cache.policy", "policy")
	override(c, f.Metrics, &c.Metrics.Address, "metrics.address", "metrics")
	override(c, f.LogLevel, &c.Logging.Level, "logging.level", "log-level")
	if len(f.CPUAffinity) > 0 {
		override(c, &f.CPUAffinity, &c.Workers.CPUAffinity, "workers.cpu_affinity", "cpu-affinity")
	}
	return f.applyListen(c)
}

// override sets the value of a key to that of a flag, if it was given.
func override[T any](c *Config, given, value *T, key, flag string) {
	if given != nil {
		*value = *given
		c.mark(key, fromFlag(flag))
	}
}

// applyListen replaces the listeners. They speak the protocol of the profile's
// first one unless the flag says otherwise.
func (f *Flags) applyListen(c *Config) error {
	if len(f.Listen) == 0 {
		return nil
	}
	protocol := DefaultListener().Protocol
	if len(c.Listeners) > 0 {
		protocol = c.Listeners[0].Protocol
	}
	for i := range c.Listeners {
		for _, k := range listenerKeys() {
			delete(c.origins, listenerPath(i, k.Path))
		}
	}
	c.Listeners = nil
	for i, s := range f.Listen {
		l, err := ParseListener(s, protocol)
		if err != nil {
			return fmt.Errorf("flag --listen %s: %w", s, err)
		}
		c.Listeners = append(c.Listeners, l)
		for _, key := range []string{"protocol", "address", "unix"} {
			c.mark(listenerPath(i, listenerSection+"."+key), fromFlag("listen"))
		}
	}
	return nil
}
