//go:build unix

package listen

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/config"
)

func tcp(address string) config.Listener {
	l := config.DefaultListener()
	l.Address = address
	return l
}

func unixAt(path string) config.Listener {
	l := config.DefaultListener()
	l.Unix = path
	return l
}

// open opens the listeners and closes them at the end of the test.
func open(t *testing.T, o Options, listeners ...config.Listener) []*Listener {
	t.Helper()
	ls, err := Open(listeners, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Close(ls) })
	return ls
}

// reach connects to the listener and checks that the connection arrives there.
func reach(t *testing.T, l *Listener) *net.TCPConn {
	t.Helper()
	accept, err := l.NetListener()
	if err != nil {
		t.Fatal(err)
	}
	defer accept.Close()
	client, err := net.DialTimeout(l.Addr.Network(), l.Addr.String(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := accept.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	if _, err := client.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if n, err := server.Read(make([]byte, 2)); n != 1 || err != nil {
		t.Fatalf("read %d, %v", n, err)
	}
	c, _ := server.(*net.TCPConn)
	return c
}

func TestPortZeroReportsTheRealPort(t *testing.T) {
	for _, l := range open(t, Options{}, tcp("127.0.0.1:0"), tcp("[::1]:0"), tcp("localhost:0")) {
		if l.Addr.(*net.TCPAddr).Port == 0 || l.Shard != Shared {
			t.Errorf("%s: shard %d", l, l.Shard)
		}
		reach(t, l)
	}
}

func TestDescriptorFlags(t *testing.T) {
	for _, l := range open(t, Options{}, tcp("127.0.0.1:0"), unixAt(filepath.Join(t.TempDir(), "s"))) {
		status, err1 := unix.FcntlInt(uintptr(l.FD), unix.F_GETFL, 0)
		fd, err2 := unix.FcntlInt(uintptr(l.FD), unix.F_GETFD, 0)
		if err1 != nil || err2 != nil || status&unix.O_NONBLOCK == 0 || fd&unix.FD_CLOEXEC == 0 {
			t.Errorf("%s: flags %x %x, %v %v", l, status, fd, err1, err2)
		}
	}
}

// An empty host is a socket for each family on one port, and the IPv6 one
// leaves IPv4 alone.
func TestEmptyHostIsBothFamilies(t *testing.T) {
	for _, host := range []string{"", "*"} {
		ls := open(t, Options{}, tcp(host+":0"))
		if len(ls) != 2 {
			t.Fatalf("%d sockets", len(ls))
		}
		if a, b := ls[0].Addr.(*net.TCPAddr), ls[1].Addr.(*net.TCPAddr); a.Port != b.Port || a.IP.To4() == nil || b.IP.To4() != nil {
			t.Errorf("%v and %v", a, b)
		}
		only, err := unix.GetsockoptInt(ls[1].FD, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY)
		if err != nil || only != 1 {
			t.Errorf("IPV6_V6ONLY is %d, %v", only, err)
		}
	}
}

func TestAddressInUse(t *testing.T) {
	first := open(t, Options{}, tcp("127.0.0.1:0"))[0]
	for _, shards := range []int{1, 2} {
		_, err := Open([]config.Listener{tcp(first.Addr.String())}, Options{Shards: shards})
		if !errors.Is(err, unix.EADDRINUSE) || !strings.Contains(err.Error(), "another server running") || !strings.Contains(err.Error(), "listen on resp://127.0.0.1:") {
			t.Errorf("%d shards: %v", shards, err)
		}
	}
	if incumbent(6379) != "redis-server" || incumbent(11211) != "memcached" {
		t.Error("the incumbents are not named")
	}
}

// With SO_REUSEPORT each shard has a socket on one port, and a server that is
// already there, even one that shares its port, is found out.
func TestShards(t *testing.T) {
	ls := open(t, Options{Shards: 3}, tcp("127.0.0.1:0"))
	if len(ls) != 3 {
		t.Fatalf("%d sockets", len(ls))
	}
	for i, l := range ls {
		if l.Shard != i || l.Addr.String() != ls[0].Addr.String() {
			t.Errorf("socket %d: shard %d at %s", i, l.Shard, l.Addr)
		}
	}
	if _, err := Open([]config.Listener{tcp(ls[0].Addr.String())}, Options{Shards: 3}); !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("joined the port of another server: %v", err)
	}
}

func TestFailureClosesWhatWasOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	_, err := Open([]config.Listener{unixAt(path), tcp("203.0.113.7:0")}, Options{})
	if !errors.Is(err, unix.EADDRNOTAVAIL) || !strings.Contains(err.Error(), "optional = true") {
		t.Errorf("error: %v", err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket of the first listener is still there: %v", err)
	}
}

func TestOptionalAddress(t *testing.T) {
	absent := tcp("203.0.113.7:0")
	absent.Optional = true
	ls := open(t, Options{}, absent, tcp("127.0.0.1:0"))
	if len(ls) != 1 || ls[0].Index != 1 {
		t.Fatalf("%d sockets, first for listener %d", len(ls), ls[0].Index)
	}
	if _, err := Open([]config.Listener{absent}, Options{}); err == nil || !strings.Contains(err.Error(), "no listener could be opened") {
		t.Errorf("error: %v", err)
	}
	taken := tcp(ls[0].Addr.String())
	taken.Optional = true
	if _, err := Open([]config.Listener{taken}, Options{}); !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("an optional address that is taken: %v", err)
	}
}

func TestUnknownHost(t *testing.T) {
	if _, err := Open([]config.Listener{tcp("host.invalid:1")}, Options{}); err == nil || !strings.Contains(err.Error(), "write an IP address") {
		t.Errorf("error: %v", err)
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.sock")
	c := unixAt(path)
	c.UnixMode, c.UnixGroup = 0o766, itoa(os.Getgid())
	l := open(t, Options{Shards: 4}, c)[0]
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Perm() != 0o766 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	reach(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the path is left behind: %v", err)
	}
}

func TestUnixSocketInTheWay(t *testing.T) {
	dir := t.TempDir()
	live, stale, file := filepath.Join(dir, "live"), filepath.Join(dir, "stale"), filepath.Join(dir, "file")
	server, err := net.Listen("unix", live)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: stale})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	dead.Close()
	if err := os.WriteFile(file, []byte("keep me"), 0o600); err != nil {
		t.Fatal(err)
	}

	if _, err := Open([]config.Listener{unixAt(live)}, Options{}); !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("live: %v", err)
	}
	if c, err := net.Dial("unix", live); err != nil {
		t.Errorf("the live server lost its socket: %v", err)
	} else {
		c.Close()
	}
	if _, err := Open([]config.Listener{unixAt(file)}, Options{}); err == nil || !strings.Contains(err.Error(), "is not a socket") {
		t.Errorf("file: %v", err)
	}
	if text, err := os.ReadFile(file); string(text) != "keep me" {
		t.Errorf("the file was touched: %q, %v", text, err)
	}
	reach(t, open(t, Options{}, unixAt(stale))[0])
}

// A server that succeeds us on the same path keeps its socket when we close.
func TestCloseLeavesTheSuccessorAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l := open(t, Options{}, unixAt(path))[0]
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	successor := open(t, Options{}, unixAt(path))[0]
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	reach(t, successor)
}

func TestUnixErrorsNameTheFix(t *testing.T) {
	nobody := unixAt(filepath.Join(t.TempDir(), "s"))
	nobody.UnixGroup = "no-such-group-here"
	for want, c := range map[string]config.Listener{
		"RuntimeDirectory=": unixAt(filepath.Join(t.TempDir(), "absent", "s")),
		"getent group":      nobody,
	} {
		if _, err := Open([]config.Listener{c}, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error: %v, want %s", err, want)
		}
	}
	if _, err := os.Lstat(nobody.Unix); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is left behind: %v", err)
	}
}

func TestTakeAndClose(t *testing.T) {
	l := open(t, Options{}, tcp("127.0.0.1:0"))[0]
	fd := l.Take()
	if err := l.Close(); err != nil || l.FD != -1 {
		t.Fatalf("close after take: %v, FD %d", err, l.FD)
	}
	if err := unix.Close(fd); err != nil {
		t.Errorf("the taken descriptor was closed: %v", err)
	}
}
