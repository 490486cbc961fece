// Package redis_test checks what this directory claims: the list of commands, and that the cases get
// the same replies from our server as from the reference.
package redis_test

import (
	"os"
	"testing"

	"github.com/crucible-cache/crucible/internal/compat/parity"
	"github.com/crucible-cache/crucible/internal/compat/script"
	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

func TestMain(m *testing.M) { os.Exit(servertest.Main(m)) }

func TestContract(t *testing.T) { parity.TestContract(t, script.Redis) }

func TestCases(t *testing.T) { parity.TestCases(t, script.Redis) }

func TestRandom(t *testing.T) { parity.TestRandom(t, script.Redis) }
