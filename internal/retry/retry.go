// Package retry is for tests of what a busy machine may spoil: a measurement is made again until it comes out right.
//
// It is for judgements that a quiet machine always passes and a fault never does. What no weather can spoil (counts, order,
// what is there at all) is judged at once, outside of it or with the test's own Fatal.
//
// Threads: the test's. Memory: none.
package retry

import "testing"

// most is how often a measurement is made. A fault fails all of them, so a test that fails takes that much longer.
const most = 10

// Undisturbed calls measure until it returns nil, and fails the test with the last error if it never does, or at once if it
// failed the test itself.
func Undisturbed(t testing.TB, measure func() error) {
	t.Helper()
	for n := 1; ; n++ {
		err := measure()
		if err == nil || t.Failed() {
			return
		}
		if n == most {
			t.Errorf("each of %d times, the last: %v", most, err)
			return
		}
		t.Logf("disturbed: %v", err)
	}
}
