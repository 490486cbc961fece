package command

import (
	"errors"
	"log/slog"
	"os"
	"strconv"
	"strings"

	"github.com/crucible-cache/crucible/internal/redisconf"
)

// oomScore is how likely the kernel is to end this process when memory runs out, as
// oom-score-adj and oom-score-adj-values have it. The lock of the parameters guards it.
type oomScore struct {
	mode, values *notedParam
	replica      func() bool
	file         string // of the process' score
	ours         bool   // the score is one that was set here
	base         int    // the score before that
	lenient      bool   // a score that can't be had is no error
}

// oomScoreFile is where Linux has the score; elsewhere there is none.
const oomScoreFile = "/proc/self/oom_score_adj"

// The kernel's bounds.
const oomScoreMost = 1000

// oomParam is one of the two parameters.
type oomParam struct {
	*notedParam
	all *oomScore
}

func (o *oomScore) add(p *Params) {
	o.file = oomScoreFile
	o.replica = func() bool { m := p.master.Load(); return m != nil && *m != "" }
	o.mode = newNoted(redisconf.Lookup("oom-score-adj"))
	o.values = newNoted(redisconf.Lookup("oom-score-adj-values"))
	p.add("oom-score-adj", &oomParam{o.mode, o})
	p.add("oom-score-adj-values", &oomParam{o.values, o})
}

// settle implements settler.
func (o *oomParam) settle() error {
	if err := o.all.apply(); err != nil {
		slog.Error("oom-score-adj is not what it should be", "error", err)
		if o.all.lenient {
			return nil
		}
		return errors.New("Failed to set current oom_score_adj. Check server logs.") //nolint:revive,staticcheck // Redis' text
	}
	return nil
}

// followRole has the score follow whether the server is a replica.
func (p *Params) followRole() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.oom.apply(); err != nil {
		slog.Error("oom-score-adj is not what it should be", "error", err)
	}
}

// apply gives the process the score that the parameters ask for, or the one it had.
func (o *oomScore) apply() error {
	mode := o.mode.get()
	if mode == "no" {
		if !o.ours {
			return nil
		}
		o.ours = false
		return o.write(o.base)
	}
	if !o.ours {
		text, err := os.ReadFile(o.file)
		if err != nil {
			return err
		}
		if o.base, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
			return err
		}
		o.ours = true
	}
	class := 0 // of masters; the third is for processes that there are not
	if o.replica() {
		class = 1
	}
	score, _ := strconv.Atoi(strings.Fields(o.values.get())[class]) // validated
	if mode != "absolute" {
		score += o.base
	}
	err := o.write(min(max(score, -oomScoreMost), oomScoreMost))
	if err != nil {
		o.ours = false
	}
	return err
}

func (o *oomScore) write(score int) error {
	return os.WriteFile(o.file, strconv.AppendInt(nil, int64(score), 10), 0)
}
