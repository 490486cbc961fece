package netloop

import (
	"crypto/tls"
	"fmt"
	"time"
)

// The values of [Config.Engine].
const (
	Auto      = "auto"      // io_uring when the kernel allows it, else epoll, else goroutine
	Uring     = "uring"     // io_uring or an error
	Epoll     = "epoll"     // epoll or an error
	Goroutine = "goroutine" // a goroutine for each connection
)

// Config says how an engine runs. The zero value of a field stands for its
// default.
type Config struct {
	// Engine is one of Auto (the default), Uring, Epoll and Goroutine.
	Engine string

	// Loops is the number of loops; by default one. Under the goroutine runtime
	// it is the number of workers that share the connections.
	Loops int

	// Affinity lists the CPU of each loop; loop i runs on the CPU
	// Affinity[i mod len]. Empty leaves the loops to the scheduler. The
	// goroutine runtime takes no heed of it.
	Affinity []int

	// Tick is the time between calls of Worker.Tick; 100 ms by default.
	Tick time.Duration

	// Linger bounds how long a client that has shut down its sending side,
	// or whose session is Done, may go without taking any of the replies it
	// still has coming; 10 s by default.
	Linger time.Duration

	// Uring tunes the io_uring driver.
	Uring UringConfig
}

// UringConfig tunes the io_uring driver.
type UringConfig struct {
	// SQDepth is the number of submission queue entries, a power of two;
	// 1024 by default. The completion queue has twice as many.
	SQDepth int

	// BufferCount and BufferSize (bytes) shape the ring of receive buffers
	// of a loop; 64 and 16 KiB by default. The kernel fills the buffers in
	// turn, so the ring should fit into the L2 cache with room to spare:
	// 4096 buffers cost nearly twice the CPU per request of 64. The ring
	// doubles when it runs dry, up to 4096 buffers.
	BufferCount int
	BufferSize  int

	// OneShot receives with an operation for each receive in place of a
	// multishot one.
	OneShot bool

	// SQPoll has a kernel thread for each loop poll the submission queue: fewer
	// system calls for a busy CPU more.
	SQPoll bool
}

// Listener is a bound, listening, non-blocking socket. The engine takes the
// descriptor over and closes it.
type Listener struct {
	FD int
	ID int // what Worker.Accept is told

	// Name tells the socket from others for [Engine.Unlisten]; nil for one that
	// stays until the engine stops.
	Name any

	// Inherited is set of a socket that belongs to another process too: it has to
	// go on listening there when it is closed here.
	Inherited bool

	// Loop is the loop that serves all its connections (SO_REUSEPORT with a
	// listener for each loop), or Anywhere to let loop 0 accept and give
	// each connection to the loop that has fewest.
	Loop int

	// KeepAlive is the idle time after which TCP probes a client
	// (tcp-keepalive); the probes follow at a third of it. 0 sends none.
	KeepAlive time.Duration

	// TLS, when set, is the configuration of the handshake. Only the
	// goroutine runtime serves such a listener: start a second engine with
	// Engine = Goroutine for it.
	TLS *tls.Config
}

// Anywhere is the Listener.Loop of connections that any loop may serve.
const Anywhere = -1

const (
	defaultTick        = 100 * time.Millisecond
	defaultLinger      = 10 * time.Second
	defaultSQDepth     = 1024
	defaultBufferCount = 64
	defaultBufferSize  = 16 << 10
)

// withDefaults returns c with every zero field set to its default.
func (c Config) withDefaults() Config {
	orElse(&c.Engine, Auto)
	orElse(&c.Loops, 1)
	orElse(&c.Tick, defaultTick)
	orElse(&c.Linger, defaultLinger)
	orElse(&c.Uring.SQDepth, defaultSQDepth)
	orElse(&c.Uring.BufferCount, defaultBufferCount)
	orElse(&c.Uring.BufferSize, defaultBufferSize)
	return c
}

// Bounds of UringConfig.
const (
	sqDepthMax     = 32768
	bufferCountMax = 4096
	bufferSizeMin  = 512
	bufferSizeMax  = 16 << 20
)

// check says what is wrong with a configuration, by the names that the
// profile has for its fields.
func (c Config) check() error {
	u := c.Uring
	switch {
	case c.Loops < 1:
		return fmt.Errorf("workers.threads = %d: want at least 1", c.Loops)
	case u.SQDepth < 1 || u.SQDepth > sqDepthMax || u.SQDepth&(u.SQDepth-1) != 0:
		return fmt.Errorf("engine.uring.sq_depth = %d: want a power of two up to %d", u.SQDepth, sqDepthMax)
	case u.BufferCount < 1 || u.BufferCount > bufferCountMax || u.BufferCount&(u.BufferCount-1) != 0:
		return fmt.Errorf("engine.uring.buffer_count = %d: want a power of two up to %d", u.BufferCount, bufferCountMax)
	case u.BufferSize < bufferSizeMin || u.BufferSize > bufferSizeMax:
		return fmt.Errorf("engine.uring.buffer_size = %d: want %d to %d bytes", u.BufferSize, bufferSizeMin, bufferSizeMax)
	}
	return nil
}

func orElse[T comparable](v *T, fallback T) {
	var zero T
	if *v == zero {
		*v = fallback
	}
}
