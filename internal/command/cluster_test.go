package command

import "testing"

// The slots are those that Redis computes.
func TestHashSlot(t *testing.T) {
	for name, want := range map[string]int{
		"a": 15495, "123456789": 12739, "foo": 12182, "{a}1": 15495, "x{a}{b}": 15495, "": 0,
	} {
		if got := hashSlot([]byte(name)); got != want {
			t.Errorf("%q is in slot %d, want %d", name, got, want)
		}
	}
	if hashSlot([]byte("{}a")) == hashSlot([]byte("{}b")) {
		t.Error("empty braces hide the name")
	}
}

func TestSlotOfRequest(t *testing.T) {
	table := Commands()
	for _, test := range []struct {
		request []string
		same    bool
	}{
		{[]string{"mset", "a", "1", "b", "2"}, false},
		{[]string{"mset", "{x}a", "1", "{x}b", "2"}, true},
		{[]string{"ssubscribe", "a", "b"}, false},
		{[]string{"subscribe", "a", "b"}, true},
		{[]string{"eval", "return 1", "2", "a", "b"}, false},
		{[]string{"sort", "a", "store", "b"}, false},
		{[]string{"ping"}, true},
	} {
		var args [][]byte
		for _, word := range test.request {
			args = append(args, []byte(word))
		}
		if _, same := table.resolve(args).slotOf(args, noSlot); same != test.same {
			t.Errorf("%q: of one slot %t, want %t", test.request, same, test.same)
		}
	}
}
