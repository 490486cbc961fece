package offheap

import (
	"runtime"
	"testing"
)

// place puts a placement in force for one test, or skips it where the system has not
// what it asks for.
func place(t *testing.T, p Placement) {
	t.Helper()
	settled, notes, err := Place(p)
	t.Cleanup(func() { placement = Placement{} })
	if err != nil || settled.Huge != p.Huge {
		t.Skipf("%v %v: this system has none", notes, err)
	}
}

// use takes, fills and releases ranges that lie across the bounds of huge pages.
func use(t *testing.T) {
	t.Helper()
	const unit, units = 1 << 20, 9
	before, huge := Resident(Items), HugeBytes()
	r, err := Reserve(Items, 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		for i := range units {
			r.Take(i*unit, unit)
			b := r.Bytes(i*unit, unit)
			for j := range b {
				b[j] = byte(i + round)
			}
		}
		if n := Resident(Items) - before; n != unit*units {
			t.Errorf("%d bytes are metered, want %d", n, unit*units)
		}
		for i := range units {
			for _, c := range r.Bytes(i*unit, unit) {
				if c != byte(i+round) {
					t.Fatalf("unit %d holds %d", i, c)
				}
			}
		}
		for _, i := range []int{8, 0, 3, 2, 1, 4, 6, 5, 7} {
			r.Release(i*unit, unit)
		}
		if n := HugeBytes() - huge; n != 0 || Resident(Items) != before {
			t.Errorf("%d bytes of huge pages, %d in all, are left", n, Resident(Items)-before)
		}
	}
	r.Take(0, unit)
	r.Close(unit)
	if HugeBytes() != huge || Resident(Items) != before {
		t.Error("a closed region is still accounted for")
	}
}

func TestRegions(t *testing.T) {
	for name, p := range map[string]Placement{
		"ordinary": {}, "transparent": {Huge: HugeTransparent}, "2mb": {Huge: Huge2MB}, "1gb": {Huge: Huge1GB},
		"bound": {Nodes: []int{0}}, "interleaved": {Huge: Huge2MB, Nodes: []int{0}, Interleave: true},
	} {
		t.Run(name, func(t *testing.T) {
			place(t, p)
			use(t)
		})
	}
}

// Where the pool has no page the region has ordinary ones, chunk by chunk.
func TestPoolThatIsEmpty(t *testing.T) {
	placement = Placement{Huge: Huge2MB}
	defer func() { placement = Placement{} }()
	use(t)
}

func TestPlaceFallsBack(t *testing.T) {
	defer func() { placement = Placement{} }()
	p, notes, err := Place(Placement{Huge: Huge1GB})
	if err != nil || p.Huge == HugeNone || (p.Huge != Huge1GB) != (len(notes) > 0) {
		t.Errorf("%v, %q, %v", p, notes, err)
	}
	if _, _, err := Place(Placement{Nodes: []int{1000}}); err == nil || runtime.GOOS != "linux" {
		t.Errorf("memory on node 1000: %v", err)
	}
	if _, _, err := Place(Placement{Nodes: []int{-1}}); err == nil {
		t.Error("memory on node -1")
	}
	for _, name := range hugeNames {
		if h, ok := ParseHuge(name); !ok || h.String() != name {
			t.Errorf("%s is read as %v", name, h)
		}
	}
	if _, ok := ParseHuge("3mb"); ok {
		t.Error("3mb is a size of pages")
	}
}
