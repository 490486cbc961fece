package contender

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// versionTimeout bounds asking an executable for its version.
const versionTimeout = 10 * time.Second

// executables are the incumbents' names, in the order they are listed.
var executables = []struct {
	file     string
	family   Family
	protocol wire.Protocol
}{
	{"redis-server", Redis, wire.RESP},
	{"valkey-server", Valkey, wire.RESP},
	{"memcached", Memcached, wire.Memcache},
}

// Incumbents returns the incumbents installed on this machine and in the given directories, each a root file system made
// by debootstrap or the like. The newest of a family comes first. An executable that can't tell its version is left out:
// it couldn't be started either.
func Incumbents(ctx context.Context, roots []string) []Contender {
	var found []Contender
	for _, e := range executables {
		if path, err := exec.LookPath(e.file); err == nil {
			found = appendInstalled(ctx, found, Contender{Family: e.family, Protocol: e.protocol, Path: path, Root: "/"})
		}
		for _, root := range roots {
			path := filepath.Join("/usr/bin", e.file)
			if _, err := os.Stat(filepath.Join(root, path)); err == nil {
				found = appendInstalled(ctx, found, Contender{Family: e.family, Protocol: e.protocol, Path: path, Root: root})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Contender) int {
		if a.Family != b.Family {
			return 0
		}
		return -compareVersions(a.Version, b.Version)
	})
	return found
}

func appendInstalled(ctx context.Context, found []Contender, c Contender) []Contender {
	version, err := c.askVersion(ctx)
	if err != nil {
		return found
	}
	c.Version, c.Name = version, string(c.Family)+" "+version
	if slices.ContainsFunc(found, func(other Contender) bool { return other.Name == c.Name }) {
		return found // the same version twice proves nothing
	}
	return append(found, c)
}

var versionPattern = regexp.MustCompile(`\d+\.\d+(\.\d+)?`)

func (c *Contender) askVersion(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, versionTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.Path, "--version")
	changeRoot(cmd, c.Root)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", err
	}
	if v := versionPattern.Find(out); v != nil {
		return string(v), nil
	}
	return "", fmt.Errorf("%s --version tells no version", c.Path)
}

// compareVersions compares dotted numbers.
func compareVersions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(as[i])
		y, _ := strconv.Atoi(bs[i])
		if x != y {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(len(as), len(bs))
}

// Select keeps the contenders that are asked for: "newest" of each family, "all", "none", a family ("redis"), or a family
// and the beginning of a version ("redis-7.0"). A choice that names nothing on this machine is an error, unless it ends
// in a question mark.
func Select(found []Contender, choices []string) ([]Contender, error) {
	keep := make([]bool, len(found))
	for _, choice := range choices {
		if choice == "none" {
			continue
		}
		choice, known := strings.CutSuffix(choice, "?")
		for i := range found {
			if found[i].chosen(choice, found[:i]) {
				keep[i], known = true, true
			}
		}
		if !known {
			return nil, fmt.Errorf("no server here is called %q: there are %s", choice, names(found))
		}
	}
	var chosen []Contender
	for i := range found {
		if keep[i] {
			chosen = append(chosen, found[i])
		}
	}
	return chosen, nil
}

// chosen reports whether a choice means c; newer are the contenders listed before it.
func (c *Contender) chosen(choice string, newer []Contender) bool {
	newest := !slices.ContainsFunc(newer, func(o Contender) bool { return o.Family == c.Family })
	family, version, versioned := strings.Cut(choice, "-")
	switch {
	case choice == "all":
		return true
	case choice == "newest":
		return newest
	case family != string(c.Family):
		return false
	case versioned:
		return c.Version == version || strings.HasPrefix(c.Version, version+".")
	}
	return newest
}

func names(found []Contender) string {
	if len(found) == 0 {
		return "none"
	}
	list := make([]string, len(found))
	for i := range found {
		list[i] = strings.ReplaceAll(found[i].Name, " ", "-")
	}
	return strings.Join(list, ", ")
}

// ErrNotBuilt is returned by Ours when the server's executable isn't there.
var ErrNotBuilt = errors.New("no crucible-server (make build leaves it in bin/)")

// Ours returns our server as one contender per engine, none without engines, for one protocol. profiles is the directory of the compat profiles.
func Ours(ctx context.Context, path, profiles string, p wire.Protocol, engines []string) ([]Contender, error) {
	if len(engines) == 0 {
		return nil, nil
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("%s: %w", path, ErrNotBuilt)
	}
	if !strings.Contains(path, "/") {
		path = "./" + path // or it would be looked for in PATH
	}
	profile := filepath.Join(profiles, map[wire.Protocol]string{wire.RESP: "redis.toml", wire.Memcache: "memcached.toml"}[p])
	c := Contender{Family: Crucible, Protocol: p, Path: path, Root: "/", Profile: profile}
	version, err := c.askVersion(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	c.Version = version
	var ours []Contender
	for _, engine := range engines {
		c.Engine, c.Name = engine, "crucible "+engine
		ours = append(ours, c)
	}
	return ours, nil
}

// OurBackends returns our server as one contender per backend. Each is named with its policy behind a slash, as in
// segment/s3fifo, or alone, which leaves the policy to the profile.
func OurBackends(ctx context.Context, path, profiles string, p wire.Protocol, backends []string) ([]Contender, error) {
	var all []Contender
	for _, name := range backends {
		ours, err := Ours(ctx, path, profiles, p, []string{"auto"})
		if err != nil {
			return nil, err
		}
		c := ours[0]
		c.Name = "crucible " + name
		c.Backend, c.Policy, _ = strings.Cut(name, "/")
		all = append(all, c)
	}
	return all, nil
}
