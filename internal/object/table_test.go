package object

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func checkTable(t *rapid.T, tb *Table, model map[string]string) {
	if tb.Len() != len(model) {
		t.Fatalf("%d entries, want %d", tb.Len(), len(model))
	}
	seen := 0
	tb.Each(func(e Entry) bool {
		seen++
		if want, ok := model[string(e.Key())]; !ok || want != string(e.Value()) {
			t.Fatalf("entry %q is %q, want %q %v", e.Key(), e.Value(), want, ok)
		}
		return true
	})
	if seen != len(model) {
		t.Fatalf("walked over %d entries of %d", seen, len(model))
	}
	for k, v := range model {
		if e, ok := tb.Find([]byte(k)); !ok || string(e.Value()) != v {
			t.Fatalf("%q not found", k)
		}
	}
	var live, held int64
	for _, c := range tb.arena.chunks {
		live += int64(c.live)
		held += int64(cap(c.b))
	}
	if live != int64(tb.arena.live) || held != tb.arena.bytes {
		t.Fatalf("arena: live %d counted %d, held %d counted %d", live, tb.arena.live, held, tb.arena.bytes)
	}
}

func TestTableModel(t *testing.T) {
	heap := newTestHeap(t)
	rapid.Check(t, func(t *rapid.T) {
		tb := NewTable(heap, 0, true)
		model := map[string]string{}
		keys := rapid.SampledFrom([]int{10, 100, 2000}).Draw(t, "keys")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for range rapid.IntRange(1, 10).Draw(t, "phases") {
			deletes := rapid.IntRange(0, 10).Draw(t, "deletes")
			for range rapid.IntRange(1, 600).Draw(t, "operations") {
				key := fmt.Sprintf("key:%d", random.IntN(keys))
				if random.IntN(10) < deletes {
					_, had := model[key]
					if tb.Delete([]byte(key)) != had {
						t.Fatalf("delete %s: was there: %v", key, had)
					}
					delete(model, key)
					continue
				}
				size := random.IntN(40)
				if random.IntN(200) == 0 {
					size = random.IntN(100000)
				}
				value := string(bytes.Repeat([]byte{byte('a' + random.IntN(26))}, size))
				_, had := model[key]
				expire := int64(random.IntN(3))
				if tb.Set([]byte(key), []byte(value), expire) == had {
					t.Fatalf("set %s: was there: %v", key, had)
				}
				model[key] = value
				if e, _ := tb.Find([]byte(key)); e.ExpireAt() != expire {
					t.Fatalf("expiry %d, want %d", e.ExpireAt(), expire)
				}
				if random.IntN(5) == 0 {
					if expire = int64(random.IntN(3)); !tb.SetExpire([]byte(key), expire) {
						t.Fatal("no such field")
					}
					if e, _ := tb.Find([]byte(key)); e.ExpireAt() != expire {
						t.Fatalf("expiry %d, want %d", e.ExpireAt(), expire)
					}
				}
			}
			checkTable(t, tb, model)
			checkScan(t, tb, model)
		}
		c := tb.Clone()
		for !tb.Release(5) {
		}
		checkTable(t, c, model)
		c.Release(1 << 30)
	})
	heap.Trim()
	if heap.Bytes() != 0 {
		t.Errorf("%d bytes of the heap are not given back", heap.Bytes())
	}
}

// checkScan walks a table that is at rest and sees each entry, most of them once.
func checkScan(t *rapid.T, tb *Table, model map[string]string) {
	seen := map[string]bool{}
	for cursor := uint64(0); ; {
		cursor = tb.Scan(cursor, func(e Entry) { seen[string(e.Key())] = true })
		if cursor == 0 {
			break
		}
	}
	if len(seen) != len(model) {
		t.Fatalf("scan saw %d of %d", len(seen), len(model))
	}
}

// TestTableScanGuarantee scans while the table grows and shrinks: what is there
// all along is seen.
func TestTableScanGuarantee(t *testing.T) {
	heap := newTestHeap(t)
	rapid.Check(t, func(t *rapid.T) {
		tb := NewTable(heap, 0, false)
		defer tb.Release(1 << 30)
		stay := rapid.IntRange(1, 300).Draw(t, "stay")
		for i := range stay {
			tb.Add([]byte(fmt.Sprintf("stay:%d", i)))
		}
		next, gone := 0, 0
		seen := map[string]bool{}
		for cursor := uint64(0); ; {
			for range rapid.IntRange(0, 200).Draw(t, "add") {
				tb.Add([]byte(fmt.Sprintf("come:%d", next)))
				next++
			}
			for range rapid.IntRange(0, 300).Draw(t, "remove") {
				if gone < next {
					tb.Delete([]byte(fmt.Sprintf("come:%d", gone)))
					gone++
				}
			}
			for range rapid.IntRange(1, 40).Draw(t, "scans") {
				cursor = tb.Scan(cursor, func(e Entry) { seen[string(e.Key())] = true })
				if cursor == 0 {
					break
				}
			}
			if cursor == 0 {
				break
			}
		}
		for i := range stay {
			if key := fmt.Sprintf("stay:%d", i); !seen[key] {
				t.Fatalf("%s was not seen", key)
			}
		}
	})
}

// TestTableCompacts replaces entries over and over: the arena stays within
// bounds of what is alive.
func TestTableCompacts(t *testing.T) {
	tb := NewTable(newTestHeap(t), 0, true)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 400_000 {
		key := fmt.Sprintf("field:%d", random.IntN(20_000))
		tb.Set([]byte(key), bytes.Repeat([]byte{'v'}, random.IntN(64)), 0)
		if i%50_000 == 49_999 {
			if live, held := int64(tb.arena.live), tb.Bytes(); held > 2*live+200_000 {
				t.Errorf("after %d writes: %d bytes held for %d alive", i, held, live)
			}
		}
	}
}

func TestTableRandomIsUniform(t *testing.T) {
	tb := NewTable(newTestHeap(t), 0, false)
	const members, draws = 100, 100_000
	for i := range members {
		tb.Add([]byte(fmt.Sprint(i)))
	}
	count := map[string]int{}
	for range draws {
		count[string(tb.Random(rand.Uint64).Key())]++
	}
	for m, n := range count {
		if n < draws/members/2 || n > draws/members*2 {
			t.Errorf("member %s was drawn %d times of %d", m, n, draws)
		}
	}
	if len(count) != members {
		t.Errorf("%d of %d members were drawn", len(count), members)
	}
}

// A chunk that goes away while it is being emptied leaves its number to another,
// which must not be read from where the search in the first had come to.
func TestTableEmptiedChunkGoes(t *testing.T) {
	heap := newTestHeap(t)
	a := entryArena{heap: heap, now: noChunk}
	entry := func() uint32 {
		ref, b := a.place(chunkBytesMax/2 + entryAlign)
		b[0] = 0
		return ref
	}
	first := entry()
	a.victim, a.emptied, a.emptying = first>>offsetBits, entryAlign, true
	a.close(a.victim)
	if second := entry(); second>>offsetBits != first>>offsetBits {
		t.Fatal("the number is not used again: this test shows nothing")
	}
	if a.emptying {
		t.Error("the next chunk of that number is emptied from the middle")
	}
}
