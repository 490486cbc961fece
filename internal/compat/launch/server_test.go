package launch

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// asServer makes this test binary behave as a server when a test starts it as one.
const asServer = "LAUNCH_TEST_SERVER"

func TestMain(m *testing.M) {
	if mode := os.Getenv(asServer); mode != "" {
		if err := beServer(mode, os.Args[1]); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func beServer(mode, port string) error {
	if mode == "broken" {
		return fmt.Errorf("cannot serve")
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			line, _ := bufio.NewReader(c).ReadString('\n')
			if line == "die\r\n" {
				os.Exit(3)
			}
			fmt.Fprint(c, "+PONG\r\n")
		}()
	}
}

func testCommand(t *testing.T, mode string) Command {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Command{
		Title: "test server", Path: self, Args: []string{"{port}", "{dir}"},
		Env: []string{asServer + "=" + mode}, Probe: RedisProbe,
	}
}

func TestStartRestartStop(t *testing.T) {
	command := testCommand(t, "good")
	command.Files = map[string]string{"given": "text"}
	s, err := Start(context.Background(), command)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(s.dir, "given")); err != nil || string(text) != "text" {
		t.Errorf("the file that the server is to find: %q, %v", text, err)
	}
	if !RedisProbe.answered(s.Address) {
		t.Error("started, but does not answer")
	}
	c, err := net.Dial("tcp", s.Address)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(c, "die\r\n")
	c.Close()
	select {
	case <-s.Ended():
	case <-time.After(time.Minute):
		t.Fatal("the end of the process goes unnoticed")
	}
	if err := s.ExitError(); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("ended with %v", err)
	}
	address := s.Address
	if err := s.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	if s.Address != address || !RedisProbe.answered(address) {
		t.Error("restarted, but does not answer on its address")
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if RedisProbe.answered(address) {
		t.Error("stopped, but still answers")
	}
	if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
		t.Errorf("its directory is still there: %v", err)
	}
}

func TestStartTellsWhyItFailed(t *testing.T) {
	_, err := Start(context.Background(), testCommand(t, "broken"))
	if err == nil || !strings.Contains(err.Error(), "cannot serve") {
		t.Errorf("got %v, want what the server printed", err)
	}
}

func TestCustom(t *testing.T) {
	c, err := Custom(`/bin/server --port {port} --save ''`, RedisProbe)
	if err != nil || c.Path != "/bin/server" || len(c.Args) != 4 || c.Args[3] != "" {
		t.Errorf("got %+v, %v", c, err)
	}
	for _, line := range []string{"", "/bin/server --port 1"} {
		if _, err := Custom(line, RedisProbe); err == nil {
			t.Errorf("%q is accepted", line)
		}
	}
}

func TestCrucibleSaysHowToBuild(t *testing.T) {
	if _, err := Crucible("nosuch", "compat/redis.toml", "", RedisProbe); err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("got %v", err)
	}
}

func TestReferenceOfNobody(t *testing.T) {
	if _, err := Reference(".", "nosuch"); err == nil {
		t.Error("a reference is found for a name nobody has")
	}
}

func TestVersionTitle(t *testing.T) {
	for line, want := range map[string]string{
		"Redis server v=8.0.2 sha=00000000:0 malloc=x bits=64": "Redis 8.0.2",
		"memcached 1.6.38": "memcached 1.6.38",
	} {
		if got := versionTitle(line); got != want {
			t.Errorf("%q becomes %q, want %q", line, got, want)
		}
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var out tail
	for i := range 10_000 {
		fmt.Fprintf(&out, "line %d\n", i)
	}
	if got := out.String(); len(got) > outputBytesMax || !strings.HasSuffix(got, "line 9999") {
		t.Errorf("kept %d bytes ending in %q", len(got), got[len(got)-20:])
	}
}
