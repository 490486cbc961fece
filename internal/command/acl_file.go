package command

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"syscall"

	"github.com/crucible-cache/crucible/internal/acl"
	"github.com/crucible-cache/crucible/internal/replace"
)

// privateMode is that of an ACL file that was not there: it holds what passwords
// can be guessed from.
const privateMode = 0o600

// LoadUsers makes the users of the configuration: those of the ACL file if
// there is one, or those declared, each "name rule rule ...".
func (s *Server) LoadUsers(declared []string) error {
	if s.Params.aclFile != "" {
		if len(declared) > 0 {
			return errors.New("users are declared both in the profile and by an ACL file: move them to the file")
		}
		_, err := s.loadACLFile()
		return err
	}
	seen := map[string]bool{}
	for _, line := range declared {
		words := strings.Fields(line)
		if len(words) == 0 {
			return errors.New("user declaration without a name")
		}
		name := words[0]
		if seen[name] {
			return fmt.Errorf("user %s: declared twice", name)
		}
		seen[name] = true
		rules := words[1:]
		if name == acl.DefaultUser {
			rules = append([]string{"reset"}, rules...)
		}
		if err := s.Users.Set(name, rules); err != nil {
			return fmt.Errorf("user %s: %w", name, err)
		}
	}
	return nil
}

// loadACLFile reads the ACL file, and returns the users that are gone by that.
func (s *Server) loadACLFile() ([]*acl.Account, error) {
	name := s.Params.aclFile
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("Error loading ACLs, opening file '%s': %s", name, strerror(err)) //nolint:revive,staticcheck // Redis' text
	}
	return s.Users.Load(name, string(text))
}

func aclLoadCommand(c *Client, _ [][]byte) {
	s := c.W.Server
	if s.Params.aclFile == "" {
		c.Error(errNoACLFile)
		return
	}
	gone, err := s.loadACLFile()
	if err != nil {
		c.Error("ERR " + err.Error())
		return
	}
	c.disconnectUsers(gone)
	c.silence(s.Users.All()...)
	c.Reply.SimpleString("OK")
}

func aclSaveCommand(c *Client, _ [][]byte) {
	s := c.W.Server
	if s.Params.aclFile == "" {
		c.Error(errNoACLFile)
		return
	}
	if err := replaceFile(s.Params.aclFile, s.Users.Text()); err != nil {
		slog.Error("ACL SAVE failed", "error", err)
		c.Error(errACLSave)
		return
	}
	c.Reply.SimpleString("OK")
}

// replaceFile writes a file that others may not read, old or new whatever happens.
func replaceFile(name, text string) error {
	f, err := replace.File(name, text, privateMode, nil)
	if err != nil {
		return err
	}
	return f.Close()
}

// strerror says what the system says of an error, as C spells it.
func strerror(err error) string {
	var number syscall.Errno
	if !errors.As(err, &number) {
		return err.Error()
	}
	text := number.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}
