package keyspace

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/rdb"
)

// contents collects what a file holds: database and key, and the value as text.
type contents struct {
	t     *testing.T
	db    uint64
	items map[string]string
}

func (c *contents) Aux(string, string) error { return nil }
func (c *contents) Database(db uint64) error { c.db = db; return nil }
func (c *contents) Function([]byte) error    { return nil }

func (c *contents) Entry(x *rdb.Entry) error {
	id := fmt.Sprint(c.db, " ", string(x.Name))
	if _, twice := c.items[id]; twice {
		c.t.Errorf("%s was saved twice", id)
	}
	c.items[id] = textOf(x.Value)
	x.Value.Release()
	return nil
}

func textOf(v rdb.Value) string {
	switch o := v.Object.(type) {
	case *object.List:
		first, last := o.Seek(0), o.Seek(-1)
		return fmt.Sprintf("list %d %s %s", o.Len(), first.Elem().Str, last.Elem().Str)
	case *object.Table:
		_, ok := o.Find([]byte("changed"))
		return fmt.Sprint("set ", o.Len(), ok)
	}
	return string(v.Bytes)
}

// all returns what the keyspace holds.
func all(w *Worker) map[string]string {
	items := map[string]string{}
	for db := range w.ks.Databases() {
		w.LockAll()
		w.Each(db, func(it Item) bool {
			items[fmt.Sprint(db, " ", string(it.Name()))] = textOf(w.Value(w.Key(it.Name()), it))
			return true
		})
		w.Unlock()
	}
	return items
}

// saved decodes what a snapshot wrote.
func saved(t *testing.T, w *Worker, e *rdb.Encoder) map[string]string {
	t.Helper()
	e.End()
	file := rdb.AppendChecksum(e.B, rdb.Checksum(0, e.B))
	c := &contents{t: t, items: map[string]string{}}
	d := rdb.NewDecoder(file, nil, rdb.Limits{List: -2, String: 1 << 30, SetEntries: 10, SetValue: 64})
	if err := d.File(w.Heap(), c); err != nil {
		t.Fatal(err)
	}
	return c.items
}

// put makes key n one of several kinds.
func putKind(w *Worker, db, n int) {
	k := w.Key(fmt.Appendf(nil, "key%d", n))
	w.LockKey(k)
	defer w.Unlock()
	switch {
	case n%50 == 0:
		l := object.NewList(w.Heap(), -2)
		for i := range 3000 {
			l.PushBack([]byte(strings.Repeat("element ", 5) + fmt.Sprint(i)))
		}
		w.SetObject(db, k, l, Options{Type: TypeList})
	case n%50 == 1:
		s := object.NewTable(w.Heap(), 0, false)
		for i := range 5000 {
			s.Add(fmt.Append(nil, "member ", i, strings.Repeat("x", 20)))
		}
		w.SetObject(db, k, s, Options{Type: TypeSet})
	default:
		w.Set(db, k, []byte(strings.Repeat("value", n%40)+fmt.Sprint(n)), Options{})
	}
}

// change does something to a key, as commands do.
func change(w *Worker, n int) {
	db := n % 2
	k, other := w.Key(fmt.Appendf(nil, "key%d", n)), w.Key(fmt.Appendf(nil, "key%d", n*7+1))
	w.LockKeys([]Key{k, other})
	defer w.Unlock()
	w.Preserve(db, k)
	it, found := w.Peek(db, k)
	switch op := rand.IntN(6); {
	case !found || op == 0:
		w.Set(db, k, []byte("changed"), Options{})
	case op == 1:
		w.Delete(db, k)
	case op == 2 && string(k.Name) != string(other.Name):
		w.Rename(db, k, it, db, other)
	case op == 3:
		w.SetExpire(db, k, it, 1)
	case it.Encoding() == EncodingObject:
		switch o := w.Object(k, it).(type) {
		case *object.List:
			o.PushFront([]byte("changed"))
		case *object.Table:
			o.Add([]byte("changed"))
		}
		w.Touched(db, k)
	default:
		w.Resize(db, k, it, len(it.Value())+3, Options{})
	}
}

// TestSnapshotIsOfOneMoment changes keys between the slices of a snapshot: what
// it writes is what there was when it began.
func TestSnapshotIsOfOneMoment(t *testing.T) { eachBackend(t, snapshotIsOfOneMoment) }

func snapshotIsOfOneMoment(t *testing.T, backend string) {
	ks := newKeyspace(t, Config{Backend: backend})
	defer ks.Close()
	w, saver := ks.NewWorker(0, 1), &Worker{ks: ks}
	w.NowMS, saver.NowMS = 1000, 1000
	for n := range 600 {
		putKind(w, n%2, n)
	}
	for round := range 4 {
		want := all(w)
		s, err := saver.BeginSnapshot()
		if err != nil {
			t.Fatal(err)
		}
		e := rdb.Encoder{Compress: round%2 == 0}
		e.Header()
		for done := false; !done; {
			if done, err = s.Next(saver, &e); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				change(w, rand.IntN(900))
			}
			if round == 3 && rand.IntN(20) == 0 {
				w.LockAll()
				w.Swap(0, 1)
				w.Unlock()
			}
		}
		s.Close(saver)
		got := saved(t, w, &e)
		if !maps.Equal(got, want) {
			t.Fatalf("round %d: %d keys were saved, %d there were: %s", round, len(got), len(want), difference(got, want))
		}
	}
	if err := ks.Check(); err != nil {
		t.Error(err)
	}
}

func difference(got, want map[string]string) string {
	for id, v := range want {
		if got[id] != v {
			return fmt.Sprintf("%s is %.80q, was %.80q", id, got[id], v)
		}
	}
	for id, v := range got {
		if _, ok := want[id]; !ok {
			return fmt.Sprintf("%s is %.80q, was not", id, v)
		}
	}
	return "none"
}

// TestSnapshotEndedEarly gives up snapshots at any point: the one that follows
// lacks nothing.
func TestSnapshotEndedEarly(t *testing.T) {
	ks := newKeyspace(t, Config{})
	defer ks.Close()
	w, saver := ks.NewWorker(0, 1), &Worker{ks: ks}
	w.NowMS, saver.NowMS = 1000, 1000
	for n := range 300 {
		putKind(w, n%2, n)
	}
	for steps := range 120 {
		s, err := saver.BeginSnapshot()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := saver.BeginSnapshot(); err == nil {
			t.Fatal("two snapshots at a time")
		}
		var e rdb.Encoder
		for range steps {
			if _, err := s.Next(saver, &e); err != nil {
				t.Fatal(err)
			}
			change(w, rand.IntN(300))
		}
		s.Close(saver)
	}
	w.NowMS, saver.NowMS = 2000, 2000
	want := all(w)
	var e rdb.Encoder
	e.Header()
	s, err := saver.BeginSnapshot()
	if err != nil {
		t.Fatal(err)
	}
	for done := false; !done && err == nil; {
		done, err = s.Next(saver, &e)
	}
	s.Close(saver)
	if got := saved(t, w, &e); err != nil || !maps.Equal(got, want) {
		t.Fatalf("%v: %s", err, difference(got, want))
	}
}

func TestSnapshotOfWhatIsFlushed(t *testing.T) {
	ks := newKeyspace(t, Config{})
	defer ks.Close()
	w, saver := ks.NewWorker(0, 1), &Worker{ks: ks}
	for n := range 200 {
		putKind(w, 0, n)
	}
	s, err := saver.BeginSnapshot()
	if err != nil {
		t.Fatal(err)
	}
	var e rdb.Encoder
	for range 30 {
		if _, err := s.Next(saver, &e); err != nil {
			t.Fatal(err)
		}
	}
	w.LockAll()
	w.Flush(0)
	w.Unlock()
	if _, err := s.Next(saver, &e); !errors.Is(err, ErrFlushed) {
		t.Errorf("%v", err)
	}
	s.Close(saver)
}

// TestSnapshotTearsNothing takes snapshots while writers change two keys at a
// time: they are always seen the same.
func TestSnapshotTearsNothing(t *testing.T) {
	ks := newKeyspace(t, Config{})
	defer ks.Close()
	const writers = 2
	w, saver := ks.NewWorker(0, writers+1), &Worker{ks: ks}
	for n := range 500 {
		putKind(w, 2, n)
	}
	stop := make(chan struct{})
	var all sync.WaitGroup
	for id := range writers {
		w := ks.NewWorker(id+1, writers+1)
		all.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				a, b := w.Key(fmt.Append(nil, "a", n%50)), w.Key(fmt.Append(nil, "b", n%50))
				w.LockKeys([]Key{a, b})
				w.Set(id, a, fmt.Append(nil, n), Options{})
				w.Set(id, b, fmt.Append(nil, n), Options{})
				w.Unlock()
				w.Settle()
			}
		})
	}
	rounds := 20
	if raced {
		rounds = 6
	}
	for range rounds {
		var e rdb.Encoder
		e.Header()
		s, err := saver.BeginSnapshot()
		if err != nil {
			t.Fatal(err)
		}
		for done := false; !done && err == nil; {
			done, err = s.Next(saver, &e)
		}
		s.Close(saver)
		if err != nil {
			t.Fatal(err)
		}
		got := saved(t, w, &e)
		for id := range writers {
			for n := range 50 {
				if a, b := got[fmt.Sprint(id, " a", n)], got[fmt.Sprint(id, " b", n)]; a != b {
					t.Fatalf("%d: %s and %s", n, a, b)
				}
			}
		}
	}
	close(stop)
	all.Wait()
}
