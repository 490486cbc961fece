package launch

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const versionTimeout = 10 * time.Second

// ChrootDir is where the reference servers of a newer Debian are installed, below the project's root.
const ChrootDir = ".tools/trixie"

// incumbent is what there is to know about starting a server we replace.
type incumbent struct {
	binary  string
	version []string // arguments that make it print its version
	args    []string
	probe   Probe
}

var incumbents = map[string]incumbent{
	"redis": {
		binary:  "redis-server",
		version: []string{"--version"},
		args: []string{
			"--port", "{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
			"--dir", "{dir}", "--daemonize", "no",
		},
		probe: RedisProbe,
	},
	"memcached": {
		binary:  "memcached",
		version: []string{"--version"},
		args:    []string{"-l", "127.0.0.1", "-p", "{port}", "-U", "0", "-u", "root", "-m", "64", "-t", "2"},
		probe:   MemcachedProbe,
	},
}

// Reference finds the server that name ("redis" or "memcached") is judged by: the one in the
// project's chroot when this process may enter it, else the one this system has installed.
func Reference(root, name string) (Command, error) {
	known, ok := incumbents[name]
	if !ok {
		return Command{}, fmt.Errorf("no reference server is known by the name %q", name)
	}
	chroot, err := filepath.Abs(filepath.Join(root, ChrootDir))
	if err != nil {
		return Command{}, err
	}
	inside := "/usr/bin/" + known.binary
	if _, err := os.Stat(chroot + inside); err == nil && mayEnterRoot() {
		return known.command(inside, chroot)
	}
	path, err := exec.LookPath(known.binary)
	if err != nil {
		return Command{}, fmt.Errorf(
			"no reference server: %s is neither in %s (entering it takes root) nor installed: apt install %s",
			known.binary, chroot, known.binary)
	}
	return known.command(path, "")
}

// Installed is the reference server this system has installed, whatever the chroot holds.
func Installed(name string) (Command, error) {
	known, ok := incumbents[name]
	if !ok {
		return Command{}, fmt.Errorf("no reference server is known by the name %q", name)
	}
	path, err := exec.LookPath(known.binary)
	if err != nil {
		return Command{}, fmt.Errorf("%w: apt install %s", err, known.binary)
	}
	return known.command(path, "")
}

func (i incumbent) command(path, chroot string) (Command, error) {
	ctx, cancel := context.WithTimeout(context.Background(), versionTimeout)
	defer cancel()
	ask := exec.CommandContext(ctx, path, i.version...)
	if err := enterRoot(ask, chroot); err != nil {
		return Command{}, err
	}
	printed, err := ask.CombinedOutput()
	if err != nil {
		return Command{}, fmt.Errorf("%s %s: %w", path, strings.Join(i.version, " "), err)
	}
	line, _, _ := strings.Cut(string(printed), "\n")
	return Command{
		Title:  fmt.Sprintf("%s (%s)", versionTitle(line), filepath.Join("/", chroot, path)),
		Path:   path,
		Args:   i.args,
		Chroot: chroot,
		Probe:  i.probe,
	}, nil
}

// versionTitle shortens "Redis server v=8.0.2 sha=..." to "Redis 8.0.2".
func versionTitle(line string) string {
	name, rest, ok := strings.Cut(line, " server v=")
	if !ok {
		return strings.TrimSpace(line)
	}
	version, _, _ := strings.Cut(rest, " ")
	return name + " " + version
}

// Crucible is our server, serving a profile on one loopback port with the given engine; an empty
// engine leaves the choice to the profile. More are flags beside.
func Crucible(binary, profile, engine string, probe Probe, more ...string) (Command, error) {
	if _, err := os.Stat(binary); err != nil {
		return Command{}, fmt.Errorf("%w: build it first: make build", err)
	}
	// The admin server takes any port: the profile's own is the installed server's.
	args := []string{profile, "--listen", "127.0.0.1:{port}", "--metrics", "127.0.0.1:0"}
	title := "crucible"
	if engine != "" {
		args = append(args, "--engine", engine)
		title += " " + engine
	}
	if len(more) > 0 {
		args = append(args, more...)
		title += " " + strings.Join(more, " ")
	}
	return Command{
		Title: fmt.Sprintf("%s (%s)", title, binary), Path: binary, Args: args, Probe: probe,
		Env: []string{"CRUCIBLE_PERSISTENCE_DIR={dir}"},
	}, nil
}

// Custom is a server started by a command line of the caller's; {port} and {dir} are filled in.
// Words are separated by blanks; "" stands for an empty one.
func Custom(line string, probe Probe) (Command, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return Command{}, fmt.Errorf("the command to start a server with is empty")
	}
	if !strings.Contains(line, "{port}") {
		return Command{}, fmt.Errorf("%q does not say {port} where the port to listen on belongs", line)
	}
	for i, word := range words {
		if word == `""` || word == "''" {
			words[i] = ""
		}
	}
	return Command{Title: line, Path: words[0], Args: words[1:], Probe: probe}, nil
}
