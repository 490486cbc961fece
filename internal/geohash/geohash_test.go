package geohash

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

var (
	palermo = Point{13.361389, 38.115556}
	catania = Point{15.087269, 37.502669}
)

// TestReference holds against what the reference server replies of these places.
func TestReference(t *testing.T) {
	for _, c := range []struct {
		p       Point
		hash    Hash
		decoded Point
		text    string
	}{
		{palermo, 3479099956230698, Point{13.361389338970184, 38.1155563954963}, "sqc8b49rny0"},
		{catania, 3479447370796909, Point{15.087267458438873, 37.50266842333162}, "sqdtr74hyu0"},
		{Point{LonMin, LatMin}, 0, Point{-179.99999731779099, -85.05112751263943}, "00bh0hbj200"},
		{Point{LonMax, LatMax}, 3 << 52, Point{180, 85.05112878}, "bp05b5048p0"},
		{Point{0, 0}, 3 << 50, Point{2.682209014892578e-06, 1.2673605809254695e-06}, "s0000000000"},
	} {
		h := Encode(c.p)
		if h != c.hash {
			t.Errorf("Encode(%v) is %d, want %d", c.p, h, c.hash)
		}
		if got := h.Decode(); got != c.decoded {
			t.Errorf("Decode(%d) is %v, want %v", h, got, c.decoded)
		}
		if got := Text(h.Decode()); string(got[:]) != c.text {
			t.Errorf("Text of %v is %s, want %s", c.p, got, c.text)
		}
	}
	a, b := Encode(palermo).Decode(), Encode(catania).Decode()
	if d := Distance(a, b); math.Abs(d-166274.1515696) > 1e-6 {
		t.Errorf("Distance is %v", d)
	}
}

func TestScoresThatAreNoHash(t *testing.T) {
	for score, want := range map[float64]Hash{
		-5: math.MaxUint64 - 4, math.Inf(1): 0, math.Inf(-1): 1 << 63, 1e300: 0, 1.5: 1, 1 << 63: 1 << 63,
	} {
		if got := FromScore(score); got != want {
			t.Errorf("FromScore(%v) is %x, want %x", score, got, want)
		}
	}
}

func drawPoint(t *rapid.T) Point {
	return Point{
		rapid.Float64Range(LonMin, LonMax).Draw(t, "longitude"),
		rapid.Float64Range(LatMin, LatMax).Draw(t, "latitude"),
	}
}

func TestDecodeIsNear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPoint(t)
		if d := Distance(p, Encode(p).Decode()); d > 0.5 {
			t.Fatalf("%v becomes %v, %v m away", p, Encode(p).Decode(), d)
		}
	})
}

// TestCellsCoverTheShape draws a place inside of a circle that does not reach
// round the earth, and looks whether its score is in one of the ranges.
func TestCellsCoverTheShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Shape{Center: drawPoint(t), Unit: 1}
		s.Center.Lat *= 0.8
		s.Center.Lon *= 0.8
		s.Radius = math.Pow(10, rapid.Float64Range(0, 5).Draw(t, "log10 of the radius"))
		if s.Box = rapid.Bool().Draw(t, "box"); s.Box {
			s.Width, s.Height = s.Radius, s.Radius*rapid.Float64Range(0.1, 2).Draw(t, "height")
		}
		reach := s.Radius / earthRadius / degree
		h := Encode(Point{
			s.Center.Lon + reach*rapid.Float64Range(-1, 1).Draw(t, "east"),
			s.Center.Lat + reach*rapid.Float64Range(-1, 1).Draw(t, "north"),
		})
		if _, ok := s.Contains(h.Decode()); !ok {
			return
		}
		for _, r := range s.Cells(nil) {
			if r.Min <= float64(h) && float64(h) < r.Max {
				return
			}
		}
		t.Fatalf("%v is in none of the cells of %+v", h.Decode(), s)
	})
}

func TestCellsAreDifferent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Shape{Center: drawPoint(t), Unit: 1, Radius: math.Pow(10, rapid.Float64Range(0, 6).Draw(t, "log10 of the radius"))}
		cells := s.Cells(nil)
		if len(cells) == 0 || len(cells) > CellsMax {
			t.Fatalf("%d cells", len(cells))
		}
		for i := 1; i < len(cells); i++ {
			if cells[i] == cells[i-1] && i > 1 {
				t.Fatalf("cell %d is again %v", i, cells[i])
			}
		}
	})
}
