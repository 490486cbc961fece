package store

import (
	"fmt"
	"strings"
)

// Noeviction is the policy that every backend has.
const Noeviction = "noeviction"

// ErrNoPolicy is the error of Backend.SetPolicy for a name it does not know.
func ErrNoPolicy(backend, name string, known []string) error {
	return fmt.Errorf("the %s backend has no policy %s; it has: %s", backend, name, strings.Join(known, ", "))
}
