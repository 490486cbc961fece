package command

import (
	"slices"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/rdb"
)

// The errors of DUMP, RESTORE and MIGRATE.
const (
	errBusyKey     = "BUSYKEY Target key name already exists."
	errDumpSum     = "ERR DUMP payload version or checksum are wrong"
	errDumpData    = "ERR Bad data format"
	errRestoreTTL  = "ERR Invalid TTL value, must be >= 0"
	errRestoreIdle = "ERR Invalid IDLETIME value, must be >= 0"
	errRestoreFreq = "ERR Invalid FREQ value, must be >= 0 and <= 255"
)

func dumpCommand(c *Client, args [][]byte) {
	k := c.Key(args, 1)
	it, found := c.Get(k)
	if !found {
		c.Reply.Null()
		return
	}
	w := c.W
	w.scratch = w.dump(w.scratch[:0], k, it)
	c.Reply.Bulk(w.scratch)
	w.trimScratch()
}

// dump appends the payload of an item, whose key's shard is locked.
func (w *Worker) dump(b []byte, k keyspace.Key, it keyspace.Item) []byte {
	v := w.Value(k, it)
	e := &w.encoder
	e.B, e.Compress = b, w.Server.Params.rdbCompression()
	e.Type(&v)
	e.Value(&v)
	b = rdb.AppendFooter(e.B, rdb.VersionOf(&v))
	e.B = nil
	return b
}

// trimScratch gives up the memory that a large value needed.
func (w *Worker) trimScratch() {
	if cap(w.scratch) > scratchKept {
		w.scratch = nil
	}
}

// restoring is what RESTORE was asked for besides the value.
type restoring struct {
	replace, absolute bool
	idle, freq        int64 // -1 unless given
}

// restoreCommand checks a value before it locks the key: a large one takes its
// time.
func restoreCommand(c *Client, args [][]byte) {
	r, ok := c.parseRestore(args[4:])
	if !ok {
		return
	}
	k, w := c.Key(args, 1), c.W
	locked := w.Holding()
	if !r.replace && c.restoreBusy(k, locked) {
		return
	}
	at, ok := parseInt(args[2])
	switch {
	case !ok:
		c.Error(errNotInteger)
		return
	case at < 0:
		c.Error(errRestoreTTL)
		return
	}
	body, ok := rdb.OpenPayload(args[3], w.Server.rdbLimits())
	if !ok {
		c.Error(errDumpSum)
		return
	}
	w.Stats.Payloads.Add(1)
	d := rdb.NewDecoder(body, nil, w.Server.rdbLimits())
	v, empty, err := d.Payload(w.Heap())
	if err != nil || empty {
		c.Error(errDumpData)
		return
	}
	if at != 0 && !r.absolute {
		at += w.NowMS
	}
	if locked {
		c.restore(args, k, v, at, r)
		return
	}
	w.LockKey(k)
	opened := w.beginUnit()
	// Somebody else may have made the key meanwhile.
	if _, taken := w.Peek(c.DB, k); taken && !r.replace {
		v.Release()
		c.Error(errBusyKey)
	} else {
		c.restore(args, k, v, at, r)
	}
	w.tellUnit()
	w.endUnit(opened)
	w.serveWaiters()
	w.Unlock()
}

// restoreBusy reports whether the key is taken, which it replies.
func (c *Client) restoreBusy(k keyspace.Key, locked bool) (taken bool) {
	if !locked {
		c.W.LockKey(k)
		defer c.W.Unlock()
	}
	if _, taken = c.W.Peek(c.DB, k); taken {
		c.Error(errBusyKey)
	}
	return taken
}

// restore makes a value that of a key, whose shard is locked.
func (c *Client) restore(args [][]byte, k keyspace.Key, v rdb.Value, at int64, r restoring) {
	w := c.W
	if at != 0 && at <= w.NowMS {
		v.Release()
		if c.deleteKey(k) {
			c.effectDeleted(k, "lazyfree-lazy-server-del")
		}
	} else {
		w.Delete(c.DB, k)
		w.Put(c.DB, k, v, keyspace.Options{ExpireAt: at})
		if r.idle >= 0 {
			w.SetIdle(c.DB, k, r.idle)
		}
		if r.freq >= 0 {
			w.SetFrequency(c.DB, k, uint8(r.freq))
		}
		c.notify(keyspace.GenericEvent, "restore", k)
		c.tellRestore(args, at, r)
	}
	c.Reply.SimpleString("OK")
}

// tellRestore tells of a value with the time at which it expires.
func (c *Client) tellRestore(args [][]byte, at int64, r restoring) {
	if !c.telling() {
		return
	}
	told := slices.Clone(args[1:])
	if at != 0 && !r.absolute {
		told[1] = new(intText).format(at)
		told = append(told, []byte("ABSTTL"))
	}
	c.effect(string(args[0]), told...)
}

func (c *Client) parseRestore(options [][]byte) (r restoring, ok bool) {
	r.idle, r.freq = -1, -1
	for i := 0; i < len(options); i++ {
		more := i+1 < len(options)
		switch {
		case equalName(options[i], "replace"):
			r.replace = true
		case equalName(options[i], "absttl"):
			r.absolute = true
		case equalName(options[i], "idletime") && more && r.freq == -1:
			i++
			if r.idle, ok = c.parseUse(options[i], maxInt64, errRestoreIdle); !ok {
				return r, false
			}
		case equalName(options[i], "freq") && more && r.idle == -1:
			i++
			if r.freq, ok = c.parseUse(options[i], 255, errRestoreFreq); !ok {
				return r, false
			}
		default:
			c.Error(errSyntax)
			return r, false
		}
	}
	return r, true
}

// parseUse reads a number from 0 to most.
func (c *Client) parseUse(b []byte, most int64, problem string) (n int64, ok bool) {
	n, ok = parseInt(b)
	switch {
	case !ok:
		c.Error(errNotInteger)
	case n < 0 || n > most:
		c.Error(problem)
		ok = false
	}
	return n, ok
}
