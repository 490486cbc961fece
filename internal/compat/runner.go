package compat

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/resp"
	"github.com/crucible-cache/crucible/internal/compat/script"
)

// differencesMax bounds what is reported of one case: after the first difference the rest of a case
// is often its echo.
const differencesMax = 5

// Endpoint is one of the two servers.
type Endpoint struct {
	Title   string // for reports
	Address string // HOST:PORT, or the path of a unix socket
	// Restart starts the server again after a case ended it; nil when it isn't ours to start.
	Restart func(context.Context) error
}

// Runner replays cases on two servers.
type Runner struct {
	Protocol  script.Protocol
	Reference Endpoint
	Target    Endpoint
	// Streams has what both servers send their replicas compared, in place of what they reply. They should allow
	// DEBUG, for what expires is to stay until it is found.
	Streams bool
	// Progress is told of each finished case; it may be nil.
	Progress func(*CaseResult)

	streams streams
}

// CaseResult is how one case went in one protocol version.
type CaseResult struct {
	Group, File, Name, Path string
	Version                 int // 2 or 3, 0 for memcached
	Replies                 int // how many replies were compared
	Elapsed                 time.Duration
	Differences             []Difference
}

// Equal says whether both servers answered the same.
func (c *CaseResult) Equal() bool { return len(c.Differences) == 0 }

// Title names the case with its protocol version.
func (c *CaseResult) Title() string {
	title := c.Group + "/" + c.File + "/" + c.Name
	if c.Version > 0 {
		title += fmt.Sprintf(" [RESP%d]", c.Version)
	}
	return title
}

// Difference is a step both servers answered differently.
type Difference struct {
	Line      int
	Step      string
	Reason    string
	Reference string
	Target    string
}

// Results is how a run went.
type Results struct {
	Reference, Target string
	Cases             []CaseResult
	Spoiled           []CaseResult // differed, and did not when they were replayed again: of Cases, how they went first
	Elapsed           time.Duration
}

// Add puts the cases of another run behind those of r.
func (r *Results) Add(other *Results) {
	r.Cases = append(r.Cases, other.Cases...)
	r.Spoiled = append(r.Spoiled, other.Spoiled...)
	r.Elapsed += other.Elapsed
}

// Different is the count of cases that differ.
func (r *Results) Different() int {
	n := 0
	for i := range r.Cases {
		if !r.Cases[i].Equal() {
			n++
		}
	}
	return n
}

// Select keeps the cases for servers of a mode whose "group/file/name" matches, "" all of them; see Selected.
// Files of which none is kept go.
func Select(files []script.File, mode script.Mode, only string) (kept []script.File) {
	for _, file := range files {
		title := file.Group + "/" + file.Name + "/"
		all := file.Cases
		file.Cases = nil
		for i := range all {
			if file.Mode == mode && Selected(only, title+all[i].Name) {
				file.Cases = append(file.Cases, all[i])
			}
		}
		if len(file.Cases) > 0 {
			kept = append(kept, file)
		}
	}
	return kept
}

// Run replays every case in every version it is meant for. The servers have to be of the mode of the files. The
// error is about the run itself: a server that cannot be reached, or no case.
func (r *Runner) Run(ctx context.Context, files []script.File) (*Results, error) {
	defer r.unfollow()
	begin := time.Now()
	results := &Results{Reference: r.Reference.Title, Target: r.Target.Title}
	for i := range files {
		for j := range files[i].Cases {
			c := &files[i].Cases[j]
			versions := c.Versions
			if r.Streams {
				versions = versions[:1]
			}
			for _, version := range versions {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				result, err := r.runCase(ctx, &files[i], c, version)
				if err == nil && !result.Equal() {
					// What depends on time a busy machine may have spoiled: who differs does so again.
					first := result
					if result, err = r.runCase(ctx, &files[i], c, version); err == nil && result.Equal() {
						results.Spoiled = append(results.Spoiled, *first)
					}
				}
				if err != nil {
					return nil, fmt.Errorf("%s:%d: %w", files[i].Path, c.Line, err)
				}
				if r.Progress != nil {
					r.Progress(result)
				}
				results.Cases = append(results.Cases, *result)
			}
		}
	}
	if len(results.Cases) == 0 {
		return nil, errors.New("there is no case to replay")
	}
	results.Elapsed = time.Since(begin)
	return results, nil
}

// Selected says whether a case is asked for. A pattern may name a group ("string"), a file
// ("string/set"), or a case, with * for anything.
func Selected(pattern, name string) bool {
	if pattern == "" {
		return true
	}
	// path.Match stops a * at a slash; here it crosses.
	flat := strings.NewReplacer("/", "\x00")
	name, pattern = flat.Replace(strings.ToLower(name)), flat.Replace(strings.ToLower(pattern))
	for _, candidate := range []string{pattern, pattern + "\x00*"} {
		if ok, err := path.Match(candidate, name); err == nil && ok {
			return true
		}
	}
	return false
}

func (r *Runner) runCase(ctx context.Context, file *script.File, c *script.Case, version int) (*CaseResult, error) {
	if err := r.prepare(ctx, &r.Reference); err != nil {
		return nil, err
	}
	if err := r.prepare(ctx, &r.Target); err != nil {
		return nil, err
	}
	begin := time.Now()
	replay := replay{
		reference: newSide(r.Reference.Address, r.Protocol, version),
		target:    newSide(r.Target.Address, r.Protocol, version),
		result: &CaseResult{
			Group: file.Group, File: file.Name, Path: file.Path, Name: c.Name, Version: version,
		},
	}
	if !r.Streams {
		replay.play(c)
	} else if err := r.streamCase(&replay, c); err != nil {
		return nil, err
	}
	replay.result.Elapsed = time.Since(begin)
	return replay.result, nil
}

// prepare empties a server, starting it again if the case before ended it.
func (r *Runner) prepare(ctx context.Context, e *Endpoint) error {
	err := r.empty(e)
	if err != nil && e.Restart != nil {
		if again := e.Restart(ctx); again != nil {
			return fmt.Errorf("%s is gone (%w) and does not start again: %w", e.Title, err, again)
		}
		err = r.empty(e)
	}
	if err != nil {
		return fmt.Errorf("cannot empty %s: %w", e.Title, err)
	}
	return nil
}

func (r *Runner) empty(e *Endpoint) error {
	command, expect := resp.Command("FLUSHALL"), "+OK\r\n"
	if r.Protocol == script.Memcached {
		command, expect = []byte("flush_all\r\n"), "OK\r\n"
	}
	c, err := dial(e.Address, r.Protocol)
	if err != nil {
		return err
	}
	defer c.Close()
	reply := c.exchange(command, func(reply *Reply) { c.readReplies(reply, 1, false) })
	if reply.Fault != nil || string(reply.Raw) != expect {
		return fmt.Errorf("%s: %s", resp.Quote(command), reply.String())
	}
	return nil
}

// replay is one case being played.
type replay struct {
	reference, target *side
	result            *CaseResult
}

func (p *replay) play(c *script.Case) {
	defer p.reference.closeAll()
	defer p.target.closeAll()
	for i := range c.Steps {
		step := &c.Steps[i]
		if step.Op == script.Sleep {
			wait(step)
			continue
		}
		reference, target := p.takeBoth(step)
		if step.Op != script.Send && step.Op != script.Close && step.Op != script.Reconnect {
			p.result.Replies++
		}
		if reason := difference(step, &reference, &target); reason != "" {
			p.report(step, reason, reference.shown(&step.Rule), target.shown(&step.Rule))
		}
		// Beyond a fault the connections are out of step, and every further reply would differ.
		if reference.Fault != nil || target.Fault != nil || reference.Closed != target.Closed {
			return
		}
		if len(p.result.Differences) >= differencesMax {
			return
		}
	}
	last := &c.Steps[len(c.Steps)-1]
	a, b := p.reference.unread(), p.target.unread()
	if a != "" || b != "" {
		p.report(last, "replies came that no step read", unreadText(a), unreadText(b))
	}
}

func unreadText(name string) string {
	if name == "" {
		return "(nothing)"
	}
	return "(unread bytes on " + name + ")"
}

// takeBoth plays a step on both servers at once. Servers that disagree about a drain are given more
// time before they are judged: one may only have been slower than the quiet period.
func (p *replay) takeBoth(step *script.Step) (reference, target Reply) {
	both := func(a, b func()) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			a()
		}()
		b()
		<-done
	}
	both(func() { reference = p.reference.take(step) }, func() { target = p.target.take(step) })
	drained := step.Op == script.Drain || step.Op == script.Raw
	if drained && difference(step, &reference, &target) != "" {
		both(func() { p.reference.drainMore(step, &reference) }, func() { p.target.drainMore(step, &target) })
	}
	return reference, target
}

func (p *replay) report(step *script.Step, reason, reference, target string) {
	p.result.Differences = append(p.result.Differences, Difference{
		Line: step.Line, Step: step.Text, Reason: reason, Reference: reference, Target: target,
	})
}
