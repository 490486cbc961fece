//go:build uring

package uring

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
	"github.com/crucible-cache/crucible/internal/protocol"
)

// Probe finds out whether a Driver of this shape works here, by making one and
// having it receive, send, and send to a socket that is full. The error says
// what is missing and what to change.
func Probe(cfg Config) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var pool protocol.Pool
	defer pool.Close()
	p := &probe{out: protocol.NewOutput(&pool)}
	defer p.out.Release()
	d, err := New(cfg, p, new(driver.Stats))
	if err != nil {
		return err
	}
	defer d.Close()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return fmt.Errorf("socketpair: %w", err)
	}
	defer unix.Close(pair[1])
	defer unix.Close(pair[0])
	if err := p.run(d, pair); err != nil {
		return fmt.Errorf("this kernel's io_uring does not do: %w: use version 6.1 or later", err)
	}
	return nil
}

// probe is the endpoint of the one socket, and the host.
type probe struct {
	socket   driver.Socket
	out      *protocol.Output
	received int
	sending  bool
	err      error
	detached bool
}

const (
	probeTime  = time.Second // bounds each step of a probe
	probeBytes = 1 << 20     // more than a socket takes at once
)

func (p *probe) run(d *Driver, pair [2]int) error {
	p.socket = driver.Socket{FD: pair[0], Endpoint: p, Output: p.out}
	if err := d.Attach(&p.socket); err != nil {
		return err
	}
	failed := p.exchange(d, pair[1])
	d.Detach(&p.socket)
	if err := p.wait(d, "cancel", func() bool { return p.detached }); err != nil {
		return err
	}
	return failed
}

func (p *probe) exchange(d *Driver, other int) error {
	for n := range 2 { // a multishot receive goes on after the first
		if _, err := unix.Write(other, []byte{1}); err != nil {
			return err
		}
		if err := p.wait(d, "receive", func() bool { return p.received > n }); err != nil {
			return err
		}
	}
	p.out.Write(make([]byte, probeBytes))
	got, buf := 0, make([]byte, probeBytes)
	return p.wait(d, "send", func() bool {
		if n, err := unix.Read(other, buf); err == nil {
			got += n
		}
		if !p.sending && p.out.Len() > 0 {
			p.sending = true
			d.Send(&p.socket)
		}
		return got == probeBytes
	})
}

// wait lets the ring work until it is done.
func (p *probe) wait(d *Driver, step string, done func() bool) error {
	for end := time.Now().Add(probeTime); !done(); {
		if err := d.Wait(time.Millisecond); err != nil {
			return err
		}
		if p.err != nil {
			return p.err
		}
		if time.Now().After(end) {
			return errors.New(step)
		}
	}
	return nil
}

// Received implements driver.Endpoint.
func (p *probe) Expect([]byte) {}

func (p *probe) Received(data []byte) { p.received += len(data) }

// Ended implements driver.Endpoint.
func (p *probe) Ended(err error) { p.err = err }

// HungUp implements driver.Endpoint.
func (p *probe) HungUp() {}

// Sent implements driver.Endpoint.
func (p *probe) Sent(n int, err error) {
	p.sending = false
	p.out.Discard(n)
	if err != nil {
		p.err = err
	}
}

// Detached implements driver.Endpoint.
func (p *probe) Detached() { p.detached = true }

// Awake implements driver.Host.
func (p *probe) Awake() {}

// Accepted implements driver.Host: there is no listener.
func (p *probe) Accepted(int, int) {}

// AcceptFailed implements driver.Host.
func (p *probe) AcceptFailed(int, error) {}
