package command

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"

	"github.com/crucible-cache/crucible/internal/redisconf"
)

func configGetCommand(c *Client, args [][]byte) {
	var found [][2]string
	c.W.Server.Params.get(args[2:], func(name, value string) {
		found = append(found, [2]string{name, value})
	})
	c.Reply.MapLen(len(found))
	for _, p := range found {
		c.replyField(p[0], p[1])
	}
}

func configSetCommand(c *Client, args [][]byte) {
	if len(args)%2 != 0 {
		c.Error(errSyntax)
		return
	}
	if problem := c.W.Server.Params.set(args[2:], c.allowedBy(c.W.Server.Params.value("enable-protected-configs"))); problem != "" {
		c.Error(problem)
		return
	}
	c.W.Server.evictClients(c.W.NowMS, nil) // maxmemory-clients may be lower, or what it is a share of
	c.Reply.SimpleString("OK")
}

func configResetstatCommand(c *Client, _ [][]byte) {
	c.W.Server.ResetStats()
	c.Reply.SimpleString("OK")
}

func configRewriteCommand(c *Client, _ [][]byte) {
	id := &c.W.Server.Identity
	if !id.RedisConf {
		if id.ConfigFile != "" {
			slog.Warn("CONFIG REWRITE refused: a profile is not rewritten, change it there", "profile", id.ConfigFile)
		}
		c.Error(errNoConfigFile)
		return
	}
	if err := c.W.Server.rewriteConfig(id.ConfigFile, false); err != nil {
		slog.Error("CONFIG REWRITE failed", "error", err)
		c.Error("ERR Rewriting config file: " + strerror(err))
		return
	}
	slog.Info("CONFIG REWRITE executed with success.")
	c.Reply.SimpleString("OK")
}

// rewriteConfig makes the redis.conf that the server was started from say what
// holds by now: of all parameters, or of those that were set since. One that is gone is made anew.
func (s *Server) rewriteConfig(file string, all bool) error {
	s.rewriting.Lock()
	defer s.rewriting.Unlock()
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	changes := redisconf.Changes{Values: s.Params.changedValues(), All: all}
	if all {
		changes.Values = s.Params.allValues()
	}
	if s.Params.aclFile == "" {
		changes.Users = s.Users.Lines()
	}
	return replaceFile(file, redisconf.Rewrite(string(text), changes))
}
