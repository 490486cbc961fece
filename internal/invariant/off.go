//go:build !invariant

package invariant

// Enabled reports whether the checks are compiled in.
const Enabled = false
