//go:build unix

package listen

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/config"
)

func itoa(n int) string { return strconv.Itoa(n) }

// childRole makes the test binary a server that was started by systemd: it
// opens the listeners it is told, prints what it got, and ends.
const childRole = "LISTEN_TEST_NAMES"

func TestMain(m *testing.M) {
	if names, isChild := os.LookupEnv(childRole); isChild {
		os.Setenv("LISTEN_PID", itoa(os.Getpid()))
		child(strings.Split(names, ","))
		return
	}
	os.Exit(m.Run())
}

func child(names []string) {
	var listeners []config.Listener
	for _, name := range names {
		c := tcp("127.0.0.1:0")
		c.Name = name
		listeners = append(listeners, c)
	}
	open, err := Open(listeners, Options{})
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	for _, l := range open {
		fmt.Printf("%d %t %s\n", l.Index, l.Activated, l.Addr)
	}
	if _, left := os.LookupEnv("LISTEN_FDS"); left {
		fmt.Println("LISTEN_FDS is still set")
	}
}

// activate runs a child with listeners of the given names and sockets handed
// over under the names of fdNames. It returns what the child printed.
func activate(t *testing.T, names []string, fdNames []string, files ...*os.File) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.ExtraFiles = files
	cmd.Env = append(os.Environ(), childRole+"="+strings.Join(names, ","), "LISTEN_FDS="+itoa(len(files)), "LISTEN_FDNAMES="+strings.Join(fdNames, ":"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// socket opens a listening socket and returns its file and address.
func socket(t *testing.T) (*os.File, string) {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f, err := l.File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, l.Addr().String()
}

func TestActivation(t *testing.T) {
	f1, a1 := socket(t)
	f2, a2 := socket(t)
	for name, c := range map[string]struct {
		names, fdNames []string
		files          []*os.File
		want           []string // lines, in any order
	}{
		"by name, whatever the order":          {[]string{"redis", "memcached"}, []string{"memcached", "redis"}, []*os.File{f1, f2}, []string{"0 true " + a2, "1 true " + a1}},
		"two sockets of one name":              {[]string{"redis"}, []string{"redis", "redis"}, []*os.File{f1, f2}, []string{"0 true " + a1, "0 true " + a2}},
		"in order without names":               {[]string{"", ""}, []string{"x.socket", "x.socket"}, []*os.File{f1, f2}, []string{"0 true " + a1, "1 true " + a2}},
		"a listener without a socket":          {[]string{"redis", "other"}, []string{"redis"}, []*os.File{f1}, []string{"0 true " + a1, "1 false 127.0.0.1:"}},
		"a name that no listener has":          {[]string{"redis"}, []string{"rdis"}, []*os.File{f1}, []string{`error: systemd handed over a socket named "rdis", but the listeners are named redis`}},
		"more sockets than listeners":          {[]string{""}, []string{"a", "b"}, []*os.File{f1, f2}, []string{"error: systemd handed over more sockets than there are listeners (1)"}},
		"something that is not a socket":       {[]string{""}, []string{"a"}, []*os.File{os.Stdin}, []string{"it is not a stream socket"}},
		"nothing was handed over, so it opens": {[]string{""}, nil, nil, []string{"0 false 127.0.0.1:"}},
	} {
		t.Run(name, func(t *testing.T) {
			out := activate(t, c.names, c.fdNames, c.files...)
			if len(strings.Split(strings.TrimSpace(out), "\n")) != len(c.want) {
				t.Errorf("printed:\n%s", out)
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("printed:\n%s\nwant %s", out, want)
				}
			}
		})
	}
}

// A connected socket is what a unit with Accept=yes hands over.
func TestActivationRefusesConnectedSockets(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	f, err := c.(*net.TCPConn).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if out := activate(t, []string{""}, []string{"a"}, f); !strings.Contains(out, "Accept=no") {
		t.Errorf("printed:\n%s", out)
	}
}
