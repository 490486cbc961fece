package trace

import (
	"bufio"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// lineMax bounds a line of a file.
const lineMax = 64 << 10

// Open reads a trace from a CSV file, at most limit requests of it (0 is all). Two forms are known, told apart by their
// first line of numbers:
//
//	libCacheSim    time, object, size [, more]
//	Twitter        time, key, key size, value size, client, operation, TTL
//
// Times are seconds. In the first form every request is a read; sizes are whole objects, from which the key is taken off.
// In the second, get and gets read, set, add, replace, cas, append and prepend store, delete removes, and anything else
// (incr, decr) reads. https://github.com/1a1a11a/libCacheSim, https://github.com/twitter/cache-trace.
func Open(path string, limit int) (*Trace, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := read(f, limit)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	t.Name = filepath.Base(path)
	return t, nil
}

// reader turns lines into requests.
type reader struct {
	start float64 // of the first request, seconds
	seed  maphash.Seed
	trace *Trace
}

func read(in io.Reader, limit int) (*Trace, error) {
	if limit <= 0 || limit > requestsMax {
		limit = requestsMax
	}
	r := &reader{seed: maphash.MakeSeed(), trace: &Trace{}}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, lineMax)
	for number := 1; len(r.trace.Requests) < limit && lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") || number == 1 && !startsWithDigit(line) {
			continue // the first line may name the columns
		}
		if err := r.add(strings.Split(line, ",")); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(r.trace.Requests) == 0 {
		return nil, errEmpty
	}
	return r.trace, nil
}

func startsWithDigit(line string) bool { return line[0] >= '0' && line[0] <= '9' }

func (r *reader) add(fields []string) error {
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	var q Request
	var err error
	switch {
	case len(fields) >= 7:
		err = q.twitter(fields)
	case len(fields) >= 3:
		q.Size, err = parseSize(fields[2])
		q.Size -= min(q.Size, KeyLength)
	default:
		err = fmt.Errorf("%d columns: want time, object, size or Twitter's seven", len(fields))
	}
	if err != nil {
		return err
	}
	at, err := strconv.ParseFloat(fields[0], 64)
	if err != nil || at < 0 {
		return fmt.Errorf("time %q is not a number", fields[0])
	}
	if len(r.trace.Requests) == 0 {
		r.start = at
	}
	q.TimeMS = max(uint32(max(at-r.start, 0)*1000), r.trace.Last())
	q.Object = r.object(fields[1])
	r.trace.Requests = append(r.trace.Requests, q)
	return nil
}

// object numbers an object: by its own number, or by a hash of its name.
func (r *reader) object(name string) uint64 {
	if n, err := strconv.ParseUint(name, 10, 64); err == nil {
		return n
	}
	return maphash.String(r.seed, name)
}

// twitter reads the columns from the third on of a line in Twitter's form.
func (q *Request) twitter(fields []string) error {
	value, err := parseSize(fields[3])
	if err != nil {
		return err
	}
	ttl, err := strconv.ParseUint(fields[6], 10, 32)
	if err != nil {
		return fmt.Errorf("TTL %q is not a number of seconds", fields[6])
	}
	q.Size, q.TTL = value, uint32(ttl)
	switch fields[5] {
	case "set", "add", "replace", "cas", "append", "prepend":
		q.Op = Set
	case "delete":
		q.Op = Delete
	}
	return nil
}

func parseSize(text string) (uint32, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("size %q is not a number of bytes", text)
	}
	return uint32(n), nil
}
