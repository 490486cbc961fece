package resident

import (
	"runtime"
	"runtime/metrics"
	"testing"
)

// Every class of memory that the runtime knows is in one part, but for the sums
// and what was given back: a new one must not be forgotten.
func TestClassesAreComplete(t *testing.T) {
	known := map[string]bool{
		"/memory/classes/total:bytes": true, "/memory/classes/heap/released:bytes": true,
	}
	for _, name := range classes {
		known[name] = true
	}
	for _, d := range metrics.All() {
		if len(d.Name) > 16 && d.Name[:16] == "/memory/classes/" && !known[d.Name] {
			t.Errorf("%s is in no part", d.Name)
		}
	}
	if classes[firstStack] != "/memory/classes/heap/stacks:bytes" || classes[firstRuntime-1] != "/memory/classes/os-stacks:bytes" {
		t.Error("the parts begin elsewhere")
	}
}

func TestRead(t *testing.T) {
	before := Read()
	kept := make([]byte, 32<<20)
	for i := range kept {
		kept[i] = 1
	}
	after := Read()
	if grown := after.GoHeap - before.GoHeap; grown < 32<<20 || grown > 40<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	if runtime.GOOS == "linux" {
		if grown := after.Total - before.Total; grown < 32<<20 || grown > 40<<20 && !raced {
			t.Errorf("the resident set grew by %d bytes", grown)
		}
		if after.Program <= 0 || after.Program > after.Total || Total() < after.Total/2 {
			t.Errorf("%+v", after)
		}
	}
	runtime.KeepAlive(kept)
}
