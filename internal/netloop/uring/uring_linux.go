//go:build uring

// Package uring is the driver over io_uring, and the only importer of giouring.
//
// A Driver owns one ring. A wake-up is one io_uring_enter that submits all the
// previous wake-up asked for and waits for the first completion. Connections
// and data come from multishot operations that are armed once. Received data
// lies in a small ring of buffers that all connections share and that stays
// in the cache. Sends normally are tried without waiting and report only failure, so
// that they are over when io_uring_enter returns and cost no completion; see
// send_linux.go.
//
// Kernel 6.1 or later has all it takes; [Probe] finds out by doing it.
//
// Threads: as package driver says. The thread that makes a Driver is its
// single issuer and ends with it. Wake writes to an eventfd that the ring
// reads; the loops wake each other through their rings.
//
// Memory: receive buffers, the buffer ring and the vectors of sends are mapped,
// metered as rings. What is in flight is never on the Go heap.
package uring

import (
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"github.com/pawelgaczynski/giouring"
	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
	"github.com/crucible-cache/crucible/internal/offheap"
)

// Config shapes a ring; see netloop.UringConfig.
type Config struct {
	SQDepth     int  // submission queue entries
	BufferCount int  // receive buffers at the start
	BufferSize  int  // bytes of each
	OneShot     bool // an operation for each receive
	SQPoll      bool // a kernel thread polls the submission queue
}

// Ops of the tokens that completions carry.
const (
	opIgnore    uint8 = iota // nobody is interested
	opReceive                // multishot or single receive
	opSend                   // send that waits for room
	opSendNow                // send that does not
	opHangUp                 // poll for the client's end
	opAccept                 // multishot accept
	opWake                   // read of the eventfd
	opWoken                  // message from another ring
	opWakeOther              // message to another ring, completed on failure only
)

// Driver implements driver.Driver.
type Driver struct {
	config    Config
	ring      *giouring.Ring
	host      driver.Host
	stats     *driver.Stats
	table     driver.Table
	listeners []listener
	buffers   buffers
	vectors   vectors

	entrance entrance
	now      []*driver.Socket // whose send of this wake-up is over when it is submitted

	timeout syscall.Timespec // of a wait under SQPOLL, which goes through giouring

	waking   sync.Mutex // held by another thread that writes to wakeFD, and to close it
	wakeFD   int
	wakeWord []byte    // what the read of wakeFD fills
	others   []*Driver // drivers this one has woken, by the argument of the token

	pending    int  // operations in flight that concern no socket
	prompt     bool // something is to follow the sends of d.now
	starved    bool // a receive found no buffer in this wake-up
	sendsFirst bool // failed sends of this wake-up were handled before the rest

	batch        [batchSize]*giouring.CompletionQueueEvent // what reap is at
	onSendFailed func(*giouring.CompletionQueueEvent)
}

// New returns the driver of the loop h, whose thread it is called from.
func New(cfg Config, h driver.Host, stats *driver.Stats) (*Driver, error) {
	d := &Driver{config: cfg, host: h, stats: stats, wakeFD: -1}
	d.onSendFailed = d.sendFailed
	if err := d.open(); err != nil {
		d.free()
		return nil, err
	}
	d.armWake()
	stats.Buffers.Set(int64(d.buffers.count))
	return d, nil
}

func (d *Driver) open() (err error) {
	var p *giouring.Params
	if d.ring, p, err = setUp(d.config); err != nil {
		return err
	}
	if err = d.entrance.open(d.ring, p); err != nil {
		return err
	}
	if err = d.buffers.open(d.ring, d.config.BufferCount, d.config.BufferSize); err != nil {
		return err
	}
	if err = d.vectors.open(); err != nil {
		return err
	}
	if d.wakeWord, err = offheap.Map(offheap.Rings, offheap.PageSize); err != nil {
		return err
	}
	// Not non-blocking: the read in the ring is to wait.
	if d.wakeFD, err = unix.Eventfd(0, unix.EFD_CLOEXEC); err != nil {
		return fmt.Errorf("eventfd: %w: raise LimitNOFILE", err)
	}
	return nil
}

// Wait implements driver.Driver.
func (d *Driver) Wait(timeout time.Duration) error {
	err := d.enter(timeout)
	d.host.Awake()
	if err != nil {
		return err
	}
	submitted := d.submitted()
	d.prompt = !submitted
	// Sends first: they give back chunks of output, which are then filled
	// again while they are still in the cache.
	overflow := d.ring.CQHasOverflow()
	d.sendsFirst = submitted && len(d.now) > 0 && !overflow
	if d.sendsFirst {
		d.ring.ForEachCQE(d.onSendFailed)
		d.settle()
	}
	for d.reap(); overflow; d.reap() {
		if _, err := d.ring.GetEvents(); err != nil && !passing(err) {
			return fmt.Errorf("io_uring_enter: %w", err)
		}
		overflow = d.ring.CQHasOverflow()
	}
	if submitted {
		d.settle()
	}
	return nil
}

// enter submits and waits.
func (d *Driver) enter(timeout time.Duration) error {
	if d.prompt {
		timeout = 0
	}
	var err error
	switch {
	case !d.config.SQPoll:
		if errno := d.entrance.enter(timeout); errno != 0 {
			err = errno
		}
	case timeout > 0:
		d.timeout = syscall.NsecToTimespec(int64(timeout))
		_, err = d.ring.SubmitAndWaitTimeout(1, &d.timeout, nil)
	default:
		_, err = d.ring.SubmitAndGetEvents()
	}
	if err == nil || passing(err) {
		return nil
	}
	return fmt.Errorf("io_uring_enter: %w", err)
}

// submitted reports whether the kernel has taken every entry, which it does
// unless it is short of memory, and frees the vectors if it has. Under SQPOLL
// it takes them in its own time, and nothing here depends on it.
func (d *Driver) submitted() bool {
	if d.config.SQPoll {
		return true
	}
	if d.entrance.pending() > 0 {
		return false
	}
	d.vectors.reset()
	return true
}

// passing reports whether an error of io_uring_enter says no more than that
// the time is over, a signal came, or the kernel wants completions to be
// taken or memory to be freed first.
func passing(err error) bool {
	return errors.Is(err, unix.ETIME) || errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EBUSY)
}

// batchSize is how many completions are shown to their endpoints before the
// first of them is handled.
const batchSize = 16

// reap handles the completions that are there and gives the buffers back.
func (d *Driver) reap() {
	for left := d.ring.CQReady(); left > 0; {
		n := d.ring.PeekBatchCQE(d.batch[:min(left, batchSize)])
		batch := d.batch[:n]
		if n > 1 {
			for _, c := range batch {
				d.expect(c)
			}
		}
		for _, c := range batch {
			d.completion(c)
		}
		d.ring.CQAdvance(n)
		left -= n
	}
	if d.starved {
		d.starved = false
		d.buffers.grow()
		d.stats.Buffers.Set(int64(d.buffers.count))
	}
	d.buffers.publish()
}

func (d *Driver) completion(c *giouring.CompletionQueueEvent) {
	token := driver.Token(c.UserData)
	switch token.Op() {
	case opReceive:
		d.received(d.table.Find(token), c.Res, c.Flags)
	case opSend:
		d.sent(d.table.Find(token), c.Res)
	case opSendNow:
		if !d.sendsFirst {
			d.sendFailed(c)
		}
	case opHangUp:
		d.polled(d.table.Find(token), c.Res)
	case opAccept:
		d.accepted(int(token.Arg()), c.Res, c.Flags)
	case opWake:
		if c.Res < 0 && d.wakeFD >= 0 {
			panic(fmt.Sprintf("uring: read of the eventfd: %v", syscall.Errno(-c.Res)))
		}
		d.pending--
		d.armWake()
	case opWakeOther:
		d.others[token.Arg()].Wake() // the message did not get through
	}
}

// entry returns a free submission queue entry. A full queue is submitted.
func (d *Driver) entry() *giouring.SubmissionQueueEntry {
	for {
		if e := d.ring.GetSQE(); e != nil {
			d.entrance.queued++
			e.OpcodeFlags = 0 // of the operation before; not all that prepare another set their own
			return e
		}
		if _, err := d.ring.Submit(); err != nil && !passing(err) {
			panic(fmt.Sprintf("uring: io_uring_enter: %v", err))
		}
		d.submitted()
	}
}

// Close implements driver.Driver.
func (d *Driver) Close() {
	d.closing()
	for d.pending > 0 {
		if err := d.enter(closeStep); err != nil {
			break
		}
		d.reap()
	}
	d.free()
}

const closeStep = 10 * time.Millisecond

// closing cancels what is in flight for the loop as a whole.
func (d *Driver) closing() {
	d.waking.Lock()
	fd := d.wakeFD
	d.wakeFD = -1 // not to be armed again
	d.waking.Unlock()
	d.cancel(driver.MakeToken(opWake, 0))
	_ = unix.Close(fd)
}

// free gives everything back.
func (d *Driver) free() {
	if d.ring != nil {
		d.buffers.unregister(d.ring)
		d.entrance.unregister(d.ring)
		d.entrance.close()
		d.ring.QueueExit()
	}
	if d.wakeFD >= 0 {
		_ = unix.Close(d.wakeFD)
	}
	if d.wakeWord != nil {
		offheap.Unmap(offheap.Rings, d.wakeWord)
	}
	d.vectors.close()
	d.buffers.close()
	d.stats.Buffers.Set(0)
}

var _ driver.Driver = (*Driver)(nil)
