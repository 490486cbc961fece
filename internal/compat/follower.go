package compat

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/resp"
	"github.com/crucible-cache/crucible/internal/compat/script"
)

const (
	// markChannel is where a message is published to find the end of what a case had written.
	markChannel = "compat:mark"

	// instantsApart is how far times in the two streams may be apart that mean the same one.
	instantsApart = int64(time.Minute / time.Millisecond)

	// streamShown is how many requests of each stream a report shows, from the first difference on.
	streamShown = 8
)

// unwritten are the groups of cases that are about connections and servers, not data: their streams are next to nothing, and
// they take most of the time.
var unwritten = []string{"acl", "client", "connection", "protocol", "server"}

// Written keeps the files whose cases write data.
func Written(files []script.File) (kept []script.File) {
	for i := range files {
		if !slices.Contains(unwritten, files[i].Group) {
			kept = append(kept, files[i])
		}
	}
	return kept
}

// follower reads the stream of writes of a server, as a replica of it would.
type follower struct {
	conn     net.Conn
	requests *resp.Reader
	marker   *connection
	marks    int
}

// follow attaches to a server and skips the data that it begins with.
func follow(address string) (*follower, error) {
	c, err := dial(address, script.Redis)
	if err != nil {
		return nil, err
	}
	f := &follower{conn: c.Conn}
	if f.marker, err = dial(address, script.Redis); err == nil {
		err = f.attach()
	}
	if err != nil {
		f.close()
		return nil, fmt.Errorf("cannot follow %s: %w", address, err)
	}
	return f, nil
}

func (f *follower) attach() error {
	if err := f.conn.SetDeadline(time.Now().Add(replyTimeout)); err != nil {
		return err
	}
	if _, err := io.WriteString(f.conn, "SYNC\r\n"); err != nil {
		return err
	}
	in := bufio.NewReader(f.conn)
	line := "\n"
	for line == "\n" { // which keeps the connection alive until there is data
		var err error
		if line, err = in.ReadString('\n'); err != nil {
			return err
		}
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(line, "$"), "\r\n"), 10, 64)
	if err != nil {
		return fmt.Errorf("SYNC was answered %q", line)
	}
	if _, err := io.CopyN(io.Discard, in, n); err != nil {
		return err
	}
	f.requests = resp.NewReader(in)
	return nil
}

func (f *follower) close() {
	_ = f.conn.Close()
	if f.marker != nil {
		_ = f.marker.Close()
	}
}

// streamed returns what was written since the last time.
func (f *follower) streamed() (requests [][]string, err error) {
	f.marks++
	mark := strconv.Itoa(f.marks)
	reply := f.marker.exchange(resp.Command("PUBLISH", markChannel, mark), func(r *Reply) { f.marker.readReplies(r, 1, false) })
	if reply.Fault != nil || reply.Closed || reply.Values[0].IsError() {
		return nil, fmt.Errorf("PUBLISH was answered %s", reply.String())
	}
	if err := f.conn.SetDeadline(time.Now().Add(replyTimeout)); err != nil {
		return nil, err
	}
	for {
		v, err := f.requests.ReadValue()
		if err != nil {
			return nil, err
		}
		words := make([]string, len(v.Elems))
		for i := range v.Elems {
			words[i] = string(v.Elems[i].Text)
		}
		switch {
		case len(words) == 0:
			return nil, errors.New("what is no request came in the stream")
		case strings.EqualFold(words[0], "PING"), words[0] == "REPLCONF":
		case len(words) == 3 && words[0] == "PUBLISH" && words[1] == markChannel:
			if words[2] == mark {
				return requests, nil
			}
		default:
			requests = append(requests, words)
		}
	}
}

// streams is the pair of them.
type streams struct{ reference, target *follower }

// followBoth attaches to both servers, or is what was attached already.
func (r *Runner) followBoth() error {
	var err error
	if r.streams.reference == nil {
		r.streams.reference, err = follow(r.Reference.Address)
	}
	if r.streams.target == nil && err == nil {
		r.streams.target, err = follow(r.Target.Address)
	}
	return err
}

// unfollow lets go of both.
func (r *Runner) unfollow() {
	for _, f := range []**follower{&r.streams.reference, &r.streams.target} {
		if *f != nil {
			(*f).close()
			*f = nil
		}
	}
}

// streamCase plays a case for what it has written, which is all that is compared.
func (r *Runner) streamCase(p *replay, c *script.Case) error {
	if err := r.followBoth(); err != nil {
		return err
	}
	if _, _, err := r.streamedBoth(); err != nil {
		r.unfollow() // one was started anew
		if err := r.followBoth(); err != nil {
			return err
		}
	}
	// Whether what is over goes by itself or is found is the time that the machine has.
	for _, f := range []*follower{r.streams.reference, r.streams.target} {
		f.marker.exchange(resp.Command("DEBUG", "SET-ACTIVE-EXPIRE", "0"), func(r *Reply) { f.marker.readReplies(r, 1, false) })
	}
	p.play(c)
	p.result.Differences = nil
	p.result.Replies = 0
	reference, target, err := r.streamedBoth()
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return err
	case err != nil:
		r.unfollow()
		return nil //nolint:nilerr // it ended a server: there is nothing to compare
	}
	p.result.Replies = len(reference)
	p.compareStreams(&c.Steps[len(c.Steps)-1], reference, target)
	return nil
}

func (r *Runner) streamedBoth() (reference, target [][]string, err error) {
	if reference, err = r.streams.reference.streamed(); err != nil {
		return nil, nil, fmt.Errorf("the stream of %s: %w", r.Reference.Title, err)
	}
	if target, err = r.streams.target.streamed(); err != nil {
		return nil, nil, fmt.Errorf("the stream of %s: %w", r.Target.Title, err)
	}
	return reference, target, nil
}

// compareStreams reports the first difference there is. What expires together goes in no order, and clients that
// were held up together go on in none. A VADD that gives an element that there is another vector is told by us alone: a
// replica of Redis 8.0.2 never hears of it.
func (p *replay) compareStreams(last *script.Step, reference, target [][]string) {
	reference, target = settled(reference), settled(target)
	for i := 0; i < len(target); i++ {
		if target[i][0] == "VADD" && (i >= len(reference) || !sameRequest(reference[i], target[i])) {
			target = slices.Delete(target, i, i+1)
			i--
		}
	}
	for i := range max(len(reference), len(target)) {
		if i < len(reference) && i < len(target) && sameRequest(reference[i], target[i]) {
			continue
		}
		from := max(0, i-1)
		p.report(last, fmt.Sprintf("the streams differ from request %d on", i+1), shownStream(reference, from), shownStream(target, from))
		return
	}
}

// settled sorts what comes in no order.
func settled(requests [][]string) [][]string {
	kind := func(name string) string {
		switch name = strings.ToUpper(name); name {
		case "DEL", "HDEL":
			return name
		case "PUBLISH", "SPUBLISH":
			return "PUBLISH"
		}
		return ""
	}
	for from := 0; from < len(requests); {
		what, to := kind(requests[from][0]), from+1
		for what != "" && to < len(requests) && kind(requests[to][0]) == what {
			to++
		}
		slices.SortFunc(requests[from:to], slices.Compare)
		from = to
	}
	return requests
}

func shownStream(requests [][]string, from int) string {
	var b bytes.Buffer
	for i := from; i < min(from+streamShown, len(requests)); i++ {
		for _, word := range requests[i] {
			fmt.Fprintf(&b, "%s ", resp.Quote([]byte(word)))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// sameRequest reports whether two requests do the same.
func sameRequest(a, b []string) bool {
	if len(a) != len(b) || a[0] != b[0] {
		return false
	}
	for i := range a {
		// Which members SPOP takes is chance.
		if a[i] != b[i] && !sameTime(a[i], b[i]) && (a[0] != "SREM" || i < 2) && !samePayload(a[i], b[i]) {
			return false
		}
	}
	return true
}

// samePayload reports whether two values of DUMP or FUNCTION DUMP are the same but for the version of the format and the
// checksum behind them.
func samePayload(a, b string) bool {
	const footer = 2 + 8
	n := len(a) - footer
	return n > 0 && len(a) == len(b) && a[:n] == b[:n]
}

// instant is a time in milliseconds, or the ID of an entry of a stream that has one.
var instant = regexp.MustCompile(`^([0-9]{13})(-[0-9]+)?$`)

func sameTime(a, b string) bool {
	x, y := instant.FindStringSubmatch(a), instant.FindStringSubmatch(b)
	if x == nil || y == nil || (x[2] == "") != (y[2] == "") {
		return false
	}
	n, _ := strconv.ParseInt(x[1], 10, 64)
	m, _ := strconv.ParseInt(y[1], 10, 64)
	return n-m <= instantsApart && m-n <= instantsApart
}
