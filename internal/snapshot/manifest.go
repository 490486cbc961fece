package snapshot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/crucible-cache/crucible/internal/redisconf"
)

// A manifest tells the parts of an append-only file, as Redis 7 keeps one: a base and
// increments behind it. Each part is a line: "file appendonly.aof.1.base.rdb seq 1 type b".
type manifest struct {
	base  int64    // the number of the base, 0 if there is none
	files []string // all parts, those that have been replaced included
}

// manifestMax is the longest manifest that is read, in bytes.
const manifestMax = 1 << 20

// readManifest reads the one of an append-only file; that there is none is none without parts.
func readManifest(path string) (m manifest, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return m, nil
	}
	if err == nil && info.Size() > manifestMax {
		err = fmt.Errorf("%s: %d bytes are no manifest", path, info.Size())
	}
	if err != nil {
		return m, err
	}
	text, err := os.ReadFile(path) //nolint:gosec // the directory that the owner named
	if err != nil {
		return m, err
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		if err := m.add(line); err != nil {
			return m, fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
	}
	return m, nil
}

func (m *manifest) add(line string) error {
	words, err := redisconf.Split(line)
	if err != nil || len(words) < 6 || len(words)%2 != 0 {
		return fmt.Errorf("%q is no part of an append-only file", line)
	}
	fields := map[string]string{}
	for i := 0; i < len(words); i += 2 {
		fields[strings.ToLower(words[i])] = words[i+1]
	}
	seq, err := strconv.ParseInt(fields["seq"], 10, 64)
	name := fields["file"]
	if err != nil || seq <= 0 || name == "" || filepath.Base(name) != name {
		return fmt.Errorf("%q is no part of an append-only file", line)
	}
	m.files = append(m.files, name)
	if fields["type"] == "b" {
		m.base = seq
	}
	return nil
}

// writeManifest replaces the one there is by one with nothing but a base.
func writeManifest(path, base string, seq int64) error {
	temp := filepath.Join(filepath.Dir(path), "temp_"+filepath.Base(path))
	err := writeSynced(temp, fmt.Sprintf("file %s seq %d type b\n", redisconf.Quote(base), seq))
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
		return err
	}
	return syncDirectory(filepath.Dir(path))
}

func writeSynced(path, text string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644) //nolint:gosec // as Redis leaves it
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}
