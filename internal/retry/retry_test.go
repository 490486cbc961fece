package retry

import (
	"errors"
	"testing"
)

// recorder is a test that notes whether it failed.
type recorder struct {
	testing.TB
	failed bool
}

func (*recorder) Helper()                 {}
func (*recorder) Logf(string, ...any)     {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Failed() bool          { return r.failed }

// A measurement is made again until it comes out right, and what never does fails.
func TestUndisturbed(t *testing.T) {
	for right, fails := range map[int]bool{1: false, 3: false, most: false, most + 1: true} {
		r, n := &recorder{TB: t}, 0
		Undisturbed(r, func() error {
			if n++; n < right {
				return errors.New("disturbed")
			}
			return nil
		})
		if r.failed != fails || n != min(right, most) {
			t.Errorf("right at time %d: failed %v after %d", right, r.failed, n)
		}
	}
	r, n := &recorder{TB: t}, 0
	Undisturbed(r, func() error {
		n++
		r.failed = true
		return errors.New("wrong")
	})
	if n != 1 {
		t.Errorf("a test that failed was repeated %d times", n-1)
	}
}
