package command

import (
	"log/slog"
	"syscall"
	"time"
)

// debugRestart starts the program of the server anew in its process, with the arguments it was started with, when all
// that is there is saved, if there are save points, and the redis.conf, if there is one, says what holds. Every shard
// is held, so nothing changes after that.
func debugRestart(c *Client, args [][]byte) {
	s := c.W.Server
	c.startAnew(args, func() error {
		if s.Identity.RedisConf {
			if err := s.rewriteConfig(s.Identity.ConfigFile, false); err != nil {
				return err
			}
		}
		if s.Params.SavesAtExit() {
			return s.Snapshots.SaveHeld(c.W.Worker)
		}
		return nil
	})
}

// debugRecover is debugRestart of a server that crashes: nothing is saved.
func debugRecover(c *Client, args [][]byte) { c.startAnew(args, func() error { return nil }) }

func (c *Client) startAnew(args [][]byte, before func() error) {
	var delay time.Duration
	if len(args) > 2 {
		ms, ok := parseInt(args[2])
		if !ok {
			c.Error(errNotInteger)
			return
		}
		delay = time.Duration(min(max(ms, 0), restartDelayMax)) * time.Millisecond
	}
	err := before()
	switch s := c.W.Server; {
	case err != nil:
	case s.Restart == nil:
		err = syscall.ENOSYS
	default:
		slog.Warn("a client asked for a restart", "command", "DEBUG "+string(args[1]), "delay", delay)
		err = s.Restart(delay)
	}
	slog.Error("no restart", "error", err)
	c.Error("ERR failed to restart the server. Check server logs.")
}

// restartDelayMax is the longest delay of DEBUG RESTART in milliseconds: a day.
const restartDelayMax = 24 * 60 * 60 * 1000
