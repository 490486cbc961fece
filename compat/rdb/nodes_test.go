package rdb

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/compat/launch"
	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

// node starts a cluster of one from a nodes.conf; "" for a new one.
func node(t *testing.T, name, text string, command launch.Command) *server {
	t.Helper()
	command.Probe = launch.RedisProbe // what it serves is what the test is about
	command.Files = nil
	if text != "" {
		command.Files = map[string]string{"nodes.conf": text}
	}
	return connect(t, name, servertest.StartCommand(t, command))
}

// identity is what a node says of itself, without its address.
func (s *server) identity(t *testing.T) string {
	t.Helper()
	nodes := regexp.MustCompile(`^(\S+) \S+ `).ReplaceAllString(string(s.do(t, "CLUSTER", "NODES").Text), "$1 ")
	info := string(s.do(t, "CLUSTER", "INFO").Text)
	_, info, _ = strings.Cut(info, "cluster_current_epoch")
	return show(s.do(t, "CLUSTER", "MYSHARDID")) + " " + strings.TrimSpace(nodes) + " epoch" + strings.Join(strings.Fields(info)[:2], " ")
}

// nodesFile reads the nodes.conf of a server.
func (s *server) nodesFile(t *testing.T) string {
	t.Helper()
	dir := string(s.do(t, "CONFIG", "GET", "dir").Elems[1].Text)
	text, err := os.ReadFile(filepath.Join(s.Command.Chroot, dir, "nodes.conf"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (s *server) sameIdentity(t *testing.T, want string) {
	t.Helper()
	if got := s.identity(t); got != want {
		t.Errorf("%s is\n%s, want\n%s", s.name, got, want)
	}
}

// TestNodesFiles takes a node through restarts, to a reference server and back.
func TestNodesFiles(t *testing.T) {
	reference, err := launch.Reference(servertest.Root(t), "redis")
	if err != nil {
		t.Skipf("NOT TESTED: %v", err)
	}
	ours := launch.CrucibleCluster(servertest.Command(t, "redis", ""))
	we := node(t, "crucible", "", ours)
	if got := we.identity(t); !strings.HasSuffix(got, " myself,master - 0 0 0 connected 0-16383 epoch:0 cluster_my_epoch:0") {
		t.Fatalf("a new node is %s", got)
	}
	we.do(t, "CLUSTER", "BUMPEPOCH")
	id := string(we.do(t, "CLUSTER", "MYID").Text)
	we.do(t, "CLUSTER", "SETSLOT", "7", "MIGRATING", id)
	we.do(t, "CLUSTER", "DELSLOTSRANGE", "9", "9", "100", "16382")
	we.do(t, "CLUSTER", "SETSLOT", "9", "IMPORTING", id)
	want := we.identity(t)
	if err := we.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	we = connect(t, "crucible, again", we.Server)
	we.sameIdentity(t, want)

	they := node(t, reference.Title, we.nodesFile(t), launch.RedisCluster(reference))
	they.sameIdentity(t, want)
	they.do(t, "CLUSTER", "ADDSLOTSRANGE", "200", "300")
	they.do(t, "CLUSTER", "SETSLOT", "7", "STABLE")
	they.do(t, "CLUSTER", "SAVECONFIG")
	node(t, "crucible, of Redis", they.nodesFile(t), ours).sameIdentity(t, they.identity(t))
}

// TestSlotsOfKeys has a node come back that has keys in slots which its file doesn't give it.
func TestSlotsOfKeys(t *testing.T) {
	command := launch.CrucibleCluster(servertest.Command(t, "redis", ""))
	we := node(t, "crucible", "", command)
	we.do(t, "SET", "a", "v")
	we.do(t, "CLUSTER", "DELSLOTSRANGE", "15490", "15500")
	we.do(t, "SAVE")
	if err := we.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	we = connect(t, "crucible, again", we.Server)
	if got := we.identity(t); !strings.Contains(got, "connected 0-15489 15495 15501-16383 ") {
		t.Errorf("it is %s", got)
	}
	if !strings.Contains(we.nodesFile(t), " 0-15489 15495 15501-16383\n") {
		t.Errorf("its file says %s", we.nodesFile(t))
	}
}

func TestNodesFilesThatAreRefused(t *testing.T) {
	command := launch.CrucibleCluster(servertest.Command(t, "redis", ""))
	refused := func(command launch.Command, want string) {
		t.Helper()
		s, err := launch.Start(context.Background(), command)
		if err == nil {
			_ = s.Stop()
			t.Errorf("it starts, though %s", want)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	we := node(t, "crucible", "", command)
	dir := string(we.do(t, "CONFIG", "GET", "dir").Elems[1].Text)
	second := command
	second.Env = append(second.Env[:len(second.Env):len(second.Env)], "CRUCIBLE_PERSISTENCE_DIR="+dir)
	refused(second, "in use by another node")
	we.do(t, "CLUSTER", "SAVECONFIG")
	refused(second, "in use by another node")

	text := we.nodesFile(t)
	for damage, want := range map[string]string{
		"x":         "nodes.conf: line 1: it ends after 1 words",
		text[:100]:  "nodes.conf: line 1: it ends after",
		text + text: "nodes.conf: line 3: it is a second one",
		strings.Repeat("c1", 20) + strings.Replace(text[40:], "myself,", "", 1): "another node",
	} {
		broken := command
		broken.Files = map[string]string{"nodes.conf": damage}
		refused(broken, want)
	}
}
