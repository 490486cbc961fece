package pubsub

import (
	"slices"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/push"
)

// ear is a listener that remembers what it hears.
type ear struct{ heard []string }

func (e *ear) Hear(m *Message, t *Topic) {
	e.heard = append(e.heard, t.Name+": "+strings.ReplaceAll(string(m.Body), "\r\n", " "))
}

// newTestBroker makes a broker of two loops.
func newTestBroker() *Broker {
	b := NewBroker()
	b.AddLoop()
	b.AddLoop()
	return b
}

// letters is what was posted to each loop and not read yet.
type letters [2][]push.Letter

func (l *letters) post(loop int, letter push.Letter, _ int) { l[loop] = append(l[loop], letter) }

func (l *letters) read(loop int) {
	for _, letter := range l[loop] {
		letter.Open(loop)
	}
	l[loop] = nil
}

func TestPublish(t *testing.T) {
	b, box := newTestBroker(), letters{}
	var a, c, p ear
	b.Subscribe(Channel, []byte("news"), 0, &a)
	b.Subscribe(Channel, []byte("news"), 1, &c)
	b.Subscribe(Pattern, []byte("ne*"), 1, &p)
	b.Subscribe(Shard, []byte("news"), 0, &p)
	for _, x := range []struct {
		kind    Kind
		channel string
		heard   int
		loops   [2]int // letters
	}{
		{Channel, "news", 3, [2]int{1, 1}},
		{Channel, "new", 1, [2]int{0, 1}},
		{Channel, "n", 0, [2]int{}},
		{Shard, "news", 1, [2]int{1, 0}},
		{Shard, "new", 0, [2]int{}},
	} {
		box = letters{}
		if n := b.Publish(x.kind, []byte(x.channel), []byte("hi"), box.post); n != x.heard {
			t.Errorf("%s: heard by %d, want %d", x.channel, n, x.heard)
		}
		if got := [2]int{len(box[0]), len(box[1])}; got != x.loops {
			t.Errorf("%s: letters %v, want %v", x.channel, got, x.loops)
		}
		box.read(0)
		box.read(1)
	}
	if want := []string{"news: $4 news $2 hi "}; !slices.Equal(a.heard, want) || !slices.Equal(c.heard, want) {
		t.Errorf("listeners heard %q and %q, want %q", a.heard, c.heard, want)
	}
	if want := []string{"ne*: $4 news $2 hi ", "ne*: $3 new $2 hi ", "news: $4 news $2 hi "}; !slices.Equal(p.heard, want) {
		t.Errorf("the pattern's listener heard %q, want %q", p.heard, want)
	}
}

// A message on its way does not reach who comes after it was published, nor who
// left and came back.
func TestLateListener(t *testing.T) {
	b, box := newTestBroker(), letters{}
	var first, late ear
	s := b.Subscribe(Channel, []byte("c"), 0, &first)
	b.Publish(Channel, []byte("c"), []byte("1"), box.post)
	b.Subscribe(Channel, []byte("c"), 0, &late)
	b.Unsubscribe(s)
	b.Subscribe(Channel, []byte("c"), 0, &first)
	b.Publish(Channel, []byte("c"), []byte("2"), box.post)
	box.read(0)
	want := []string{"c: $1 c $1 2 "}
	if !slices.Equal(first.heard, want) || !slices.Equal(late.heard, want) {
		t.Errorf("heard %q and %q, want %q", first.heard, late.heard, want)
	}
}

func TestTopicsEndWithTheirListeners(t *testing.T) {
	b := newTestBroker()
	var e ear
	var all []*Subscription
	for _, name := range []string{"a", "b", "c", "ab"} {
		all = append(all, b.Subscribe(Pattern, []byte(name), 0, &e), b.Subscribe(Channel, []byte(name), 1, &e))
	}
	if got := b.Names(Channel, []byte("a*")); len(got) != 2 || b.Count(Pattern) != 4 {
		t.Errorf("channels %v, %d patterns", got, b.Count(Pattern))
	}
	for i, s := range all {
		b.Unsubscribe(s)
		if got, want := len(b.patterns), 3-i/2; got != want {
			t.Errorf("%d patterns are left, want %d", got, want)
		}
	}
	if b.Count(Channel) != 0 || b.Count(Pattern) != 0 || len(b.Names(Channel, nil)) != 0 || b.Listeners(Channel, []byte("a")) != 0 {
		t.Error("topics without listeners are left")
	}
}
