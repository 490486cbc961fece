package main

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"syscall"

	"github.com/crucible-cache/crucible/internal/command"
	"github.com/crucible-cache/crucible/internal/config"
)

// A copy of the server debugs a script on data of its own: SCRIPT DEBUG YES, for which Redis forks. A
// process with threads can't, so this executable is started once more, with copyArgument alone. It reads its
// orders from the standard input, the data from a file, and speaks with one client by a socket,
// which it has in common with the server. It ends when the script or the server does, or the client leaves.

// copyArgument is how the executable knows that it is to be a copy.
const copyArgument = "debug-a-script-of-the-server-that-starts-this"

// The files of a copy, beside the three that all processes have.
const (
	copySocket = 3 + iota
	copyData
)

// copyOrders are what a copy is told.
type copyOrders struct {
	Config config.Config
	Script command.Debugged
}

// copies are those that there are.
type copies struct {
	copied bool // the process is one
	bytes  atomic.Int64
}

// A copy may take copyMore more than the server does, by a quarter at least.
const copyMore = 64 << 20

// copyBytes is how much memory a copy may take: what the server does and some more, as far as the
// machine has it beside the server and the copies that there are.
func (a *appliance) copyBytes() (int64, error) {
	needed, machine := a.keyspace.Resident(), config.ThisMachine()
	most := needed + max(needed/4, copyMore)
	if machine.MemoryBytes > 0 {
		most = min(most, machine.Most().Bytes()-needed-a.copies.bytes.Load())
	}
	if machine.AvailableBytes > 0 {
		most = min(most, machine.AvailableBytes-machine.AvailableBytes/8)
	}
	if most < needed {
		return 0, fmt.Errorf("%w: it would take %d MiB, and %d MiB could be had", syscall.ENOMEM, needed>>20, max(0, most)>>20)
	}
	return most, nil
}

// startCopy is command.Server.Debug.
func (a *appliance) startCopy(x *command.Debugged, data *os.File) (io.ReadWriteCloser, error) {
	most, err := a.copyBytes()
	if err != nil {
		return nil, err
	}
	orders := copyOrders{Config: *a.config, Script: *x}
	c := &orders.Config
	c.Cache.Maxmemory, c.Cache.Mlock, c.Workers.Threads = config.Size(most), false, 1
	var text bytes.Buffer
	if err := gob.NewEncoder(&text).Encode(&orders); err != nil {
		return nil, err
	}
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()                               //nolint:errcheck // the copy has it
	cmd := exec.Command(ownExecutable(), copyArgument) //nolint:gosec // it is this program
	cmd.Env = []string{"GOMEMLIMIT=" + decimal(most)}
	cmd.Stdin, cmd.Stderr = &text, os.Stderr
	cmd.ExtraFiles = []*os.File{theirs, data}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, ours.Close())
	}
	slog.Info("a copy of the server debugs a script", "pid", cmd.Process.Pid, "maxmemory", most)
	a.copies.bytes.Add(most)
	ended := &copyProcess{Conn: ours, process: cmd.Process}
	go func() {
		err := cmd.Wait()
		a.copies.bytes.Add(-most)
		if err != nil && !ended.killed.Load() {
			slog.Error("a copy of the server failed", "pid", cmd.Process.Pid, "error", err)
		}
	}()
	return ended, nil
}

// copyProcess is a copy as the server speaks to it.
type copyProcess struct {
	net.Conn
	process *os.Process
	killed  atomic.Bool
}

// Close ends the copy, whatever it does.
func (p *copyProcess) Close() error {
	p.killed.Store(true)
	_ = p.process.Kill() // it may have ended
	return p.Conn.Close()
}

// ownExecutable is the file of this program. Where the kernel keeps it, it is the one that runs though
// another may have been installed in its place.
func ownExecutable() string {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe"
	}
	return executable()
}

// socketPair makes two sockets that are connected, the second as a file.
func socketPair() (net.Conn, *os.File, error) {
	syscall.ForkLock.RLock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, err
	}
	first, second := os.NewFile(uintptr(fds[0]), "copy"), os.NewFile(uintptr(fds[1]), "server")
	conn, err := net.FileConn(first)
	if err := errors.Join(err, first.Close()); err != nil {
		return nil, nil, errors.Join(err, second.Close())
	}
	return conn, second, nil
}
