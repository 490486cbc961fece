package command

import (
	"errors"

	"github.com/crucible-cache/crucible/internal/snapshot"
)

// The errors of the commands on snapshots and the append-only file.
const (
	errSave      = "ERR" // the reference server has no more to say
	errSaving    = "ERR Background save already in progress"
	errRewriting = "ERR Background append only file rewriting already in progress"
	errSavingAOF = "ERR Another child process is active (AOF?): can't BGSAVE right now. " +
		"Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible."
	errRewriteAOF = "ERR Can't execute an AOF background rewriting. Please check the server logs for more information."
	errMisconf    = "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. " +
		"Commands that may modify the data set are disabled, because this instance is configured to report errors " +
		"during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for " +
		"details about the RDB error."
)

// newSaver makes what takes snapshots as the parameters say.
func (s *Server) newSaver() *snapshot.Saver {
	p := s.Params
	saver := snapshot.New(s.Keyspace, snapshot.Settings{
		Path: p.snapshotPath, Directory: p.directory, Compress: p.rdbCompression, Checksum: p.rdbChecksum,
		AppendFile: p.appendFile, Preamble: func() bool { return p.value("aof-use-rdb-preamble") == "yes" },
		Delay:  p.saveDelay.Load,
		Limits: s.rdbLimits, Changes: s.changes, Version: RedisVersion,
	})
	saver.Functions = snapshot.Library{Each: s.eachFunction, Add: s.addFunction, Clear: s.clearFunctions}
	return saver
}

// eachFunction visits the code of all libraries. A snapshot calls it on a thread
// of its own.
func (s *Server) eachFunction(visit func(code []byte)) {
	for _, l := range s.scripts.functions.Libraries() {
		visit([]byte(l.Code))
	}
}

// addFunction loads a library from a snapshot. No script runs: a snapshot is loaded before the first
// client comes, or by DEBUG RELOAD, which is Alone.
func (s *Server) addFunction(code []byte, replace bool) error {
	_, err := s.scripts.functions.Load(string(code), replace, s.Workers()[0].scriptLimits())
	return err
}

// clearFunctions is called as addFunction is.
func (s *Server) clearFunctions() { s.scripts.functions.Flush() }

// changes returns how many changes of values there were since the start.
func (s *Server) changes() (n uint64) {
	for _, w := range s.Workers() {
		n += w.Worker.Stats.Changes.Load()
	}
	return n
}

// refuseUnsaved refuses a command that would change what can't be saved.
func (c *Client) refuseUnsaved(s *Spec) (refused bool) {
	writes := s.Flags&Write != 0 || s.Name == "ping" || s == c.W.Server.Table.exec && c.tx.flags&Write != 0
	if !writes || !c.W.Server.unsaved() {
		return false
	}
	c.reject(s, errMisconf)
	return true
}

// unsaved reports whether writes are refused because what is there could not be saved.
func (s *Server) unsaved() bool {
	return s.Snapshots.Failing.Load() && s.Params.stopWrites() && len(s.Params.savePoints()) > 0
}

// preserve has a snapshot that is being taken save the keys of a command that
// may change them in place.
func (w *Worker) preserve(db int) {
	switch {
	case !w.Holding():
	case w.keyAt >= 0:
		w.Preserve(db, w.key)
	default:
		for _, k := range w.keys {
			if w.Holds(k) {
				w.Preserve(db, k)
			}
		}
	}
}

// preserveFor is preserve for a command that waited, as far as its keys are locked.
func (w *Worker) preserveFor(x *waiter) {
	for at := 1; at < len(x.args); at++ {
		if at >= x.first && at <= x.last || at == x.needs {
			if k := w.Worker.Key(x.args[at]); w.Holds(k) {
				w.Preserve(x.db, k)
			}
		}
	}
}

// saveCommand blocks its client until the snapshot is written, and nobody else.
func saveCommand(c *Client, args [][]byte) {
	c.await(args)
	x := c.waiter.Load()
	err := c.W.Server.Snapshots.Start(func(err error) {
		reply := "+OK\r\n"
		if err != nil {
			reply = "-" + errSave + "\r\n"
		}
		if x.cancel() {
			x.post([]byte(reply))
		}
	})
	if err != nil {
		x.cancel()
		c.unblock(x, nil)
		c.Error(saveProblem(err))
	}
}

func saveProblem(err error) string {
	if errors.Is(err, snapshot.ErrRunning) {
		return errSaving
	}
	return errSave
}

// await blocks the client until the work that goes on for it settles its waiter.
func (c *Client) await(args [][]byte) {
	c.block(args, blocking{first: 1, served: true})
}

func bgsaveCommand(c *Client, args [][]byte) {
	if len(args) > 2 || len(args) == 2 && !equalName(args[1], "schedule") {
		c.Error(errSyntax)
		return
	}
	saver := c.W.Server.Snapshots
	rewriting := saver.Status().Rewrite.Running
	if rewriting && len(args) == 1 {
		c.Error(errSavingAOF)
		return
	}
	if rewriting || c.tx.running || c.W.Holding() { // a transaction or a script: it may have the locks
		if saver.Status().Running {
			c.Error(errSaving)
			return
		}
		saver.Schedule()
		c.Reply.SimpleString("Background saving scheduled")
		return
	}
	if err := saver.Background(); err != nil {
		c.Error(saveProblem(err))
		return
	}
	c.Reply.SimpleString("Background saving started")
}

func lastsaveCommand(c *Client, _ [][]byte) {
	c.Reply.Int(c.W.Server.Snapshots.Status().Last.Unix())
}

// bgrewriteaofCommand writes the base of an append-only file, as Redis does also where
// appendonly is no.
func bgrewriteaofCommand(c *Client, _ [][]byte) {
	saver := c.W.Server.Snapshots
	st := saver.Status()
	switch {
	case st.Rewrite.Running:
		c.Error(errRewriting)
		return
	case st.Running, c.tx.running, c.W.Holding(): // a transaction or a script may have the locks
		c.scheduleRewrite()
		return
	}
	switch err := saver.Rewrite(); {
	case errors.Is(err, snapshot.ErrRunning): // another came first
		c.scheduleRewrite()
	case err != nil:
		c.Error(errRewriteAOF)
	default:
		c.Reply.SimpleString("Background append only file rewriting started")
	}
}

func (c *Client) scheduleRewrite() {
	c.W.Server.Snapshots.ScheduleRewrite()
	c.Reply.SimpleString("Background append only file rewriting scheduled")
}

func infoPersistence(i *infoWriter) {
	st := i.w.Server.Snapshots.Status()
	took, current, share, processed, total := int64(-1), int64(-1), 0.0, int64(0), int64(0)
	if st.Took >= 0 {
		took = int64(st.Took.Seconds())
	}
	if st.Running {
		current = max(0, i.w.NowMS/1000-st.Tried.Unix())
	}
	if st.Running || st.Rewrite.Running {
		processed, total = st.Processed, st.Total
		if st.Total > 0 {
			share = float64(processed) / float64(st.Total) * 100
		}
	}
	i.flag("loading", st.Loading)
	i.num("async_loading", 0)
	i.num("current_cow_peak", 0)
	i.num("current_cow_size", 0)
	i.num("current_cow_size_age", 0)
	i.float("current_fork_perc", share, 2)
	i.num("current_save_keys_processed", processed)
	i.num("current_save_keys_total", total)
	i.count("rdb_changes_since_last_save", i.w.Server.changes()-st.SavedAt)
	i.flag("rdb_bgsave_in_progress", st.Running)
	i.num("rdb_last_save_time", st.Last.Unix())
	i.text("rdb_last_bgsave_status", okOrErr(st.OK))
	i.num("rdb_last_bgsave_time_sec", took)
	i.num("rdb_current_bgsave_time_sec", current)
	i.num("rdb_saves", st.Saves)
	i.num("rdb_last_cow_size", 0)
	i.num("rdb_last_load_keys_expired", st.Expired)
	i.num("rdb_last_load_keys_loaded", st.Loaded)
	i.rewriteFields(&st.Rewrite)
}

// rewriteFields tells of the append-only file, of which only the base is ever written.
func (i *infoWriter) rewriteFields(r *snapshot.RewriteStatus) {
	took, current := int64(-1), int64(-1)
	if r.Took >= 0 {
		took = int64(r.Took.Seconds())
	}
	if r.Running {
		current = max(0, i.w.NowMS/1000-r.Began.Unix())
	}
	i.num("aof_enabled", 0)
	i.flag("aof_rewrite_in_progress", r.Running)
	i.flag("aof_rewrite_scheduled", r.Scheduled)
	i.num("aof_last_rewrite_time_sec", took)
	i.num("aof_current_rewrite_time_sec", current)
	i.text("aof_last_bgrewrite_status", okOrErr(r.OK))
	i.num("aof_rewrites", r.Count)
	i.num("aof_rewrites_consecutive_failures", r.Failures)
	i.text("aof_last_write_status", "ok")
	i.num("aof_last_cow_size", 0)
	i.num("module_fork_in_progress", 0)
	i.num("module_fork_last_cow_size", 0)
}

func okOrErr(ok bool) string {
	if ok {
		return "ok"
	}
	return "err"
}
