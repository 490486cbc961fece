package clients

import (
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

func TestMain(m *testing.M) { os.Exit(servertest.Main(m)) }

// check fails the test when a call failed or its result is not the one wanted.
func check[T any](t *testing.T, what string, got T, err error, want T) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// that fails the test when a call failed or something expected of its result isn't so.
func that(t *testing.T, what string, err error, ok bool, got any) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	} else if !ok {
		t.Errorf("%s: got %v", what, got)
	}
}

func sorted(items []string) []string {
	items = slices.Clone(items)
	slices.Sort(items)
	return items
}
