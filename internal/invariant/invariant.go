// Package invariant is the switch for checks that are too dear for a release:
// they are compiled in with the build tag invariant, as for
//
//	go test -tags invariant ./internal/...
//
// and cost nothing without it. It may be used from any thread and owns nothing.
package invariant

// Check panics if err tells of something that cannot be. Call it under
// "if invariant.Enabled", so that nothing is computed for it in a release.
func Check(err error) {
	if err != nil {
		panic("invariant: " + err.Error())
	}
}
