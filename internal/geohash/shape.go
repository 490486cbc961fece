package geohash

import "math"

// Shape is what is searched: a circle, or with Box a rectangle, whose sides lie
// along longitudes and latitudes.
type Shape struct {
	Center        Point
	Box           bool
	Radius        float64
	Width, Height float64
	Unit          float64 // metres of what the lengths are given in
}

// Contains reports whether p is in the shape, and how far from its centre, in
// metres.
func (s *Shape) Contains(p Point) (distance float64, ok bool) {
	if !s.Box {
		// What is too far north or south, by more than rounding, is told at once.
		most := s.Radius * s.Unit
		if latDistance(p.Lat, s.Center.Lat) > most+most/1e9+1e-3 {
			return 0, false
		}
		distance = Distance(s.Center, p)
		return distance, distance <= most
	}
	if latDistance(p.Lat, s.Center.Lat) > s.Height*s.Unit/2 {
		return 0, false
	}
	if Distance(p, Point{s.Center.Lon, p.Lat}) > s.Width*s.Unit/2 {
		return 0, false
	}
	return Distance(s.Center, p), true
}

// bounds returns the longitudes and latitudes that the shape lies between. It
// is widest, in degrees, on the side of the pole.
func (s *Shape) bounds() area {
	height, width := s.Radius, s.Radius
	if s.Box {
		height, width = s.Height/2, s.Width/2
	}
	height, width = s.Unit*height, s.Unit*width
	lat := height / earthRadius / degree
	side := s.Center.Lat + lat
	if s.Center.Lat < 0 {
		side = s.Center.Lat - lat
	}
	lon := width / earthRadius / math.Cos(side*degree) / degree
	return area{
		Point{s.Center.Lon - lon, s.Center.Lat - lat},
		Point{s.Center.Lon + lon, s.Center.Lat + lat},
	}
}

// mercatorMax is half the length of the equator in the projection, in metres.
const mercatorMax = 20037726.37

// steps returns how fine a grid to search: its cells are larger than the shape,
// so that the one with the centre and its neighbours cover it.
func (s *Shape) steps() int {
	reach := s.Radius
	if s.Box {
		reach = math.Sqrt((s.Width/2)*(s.Width/2) + (s.Height/2)*(s.Height/2))
	}
	reach *= s.Unit
	if reach == 0 {
		return Steps
	}
	step := -1
	for ; reach < mercatorMax; reach *= 2 {
		step++
	}
	// Towards the poles a degree of longitude is shorter.
	switch lat := math.Abs(s.Center.Lat); {
	case lat > 80:
		step -= 2
	case lat > 66:
		step--
	}
	return min(max(step, 1), Steps)
}

// Scores is a range of scores, Max not included.
type Scores struct{ Min, Max float64 }

// CellsMax is how many ranges a search looks at, at most.
const CellsMax = 9

// neighbours are the cells around one, in the order in which they are searched.
var neighbours = [CellsMax]struct{ lon, lat int }{
	{0, 0},
	{0, 1},
	{0, -1},
	{1, 0},
	{-1, 0},
	{1, 1},
	{-1, 1},
	{1, -1},
	{-1, -1},
}

// Cells appends to dst the ranges of scores in which the places of the shape
// are, among others.
func (s *Shape) Cells(dst []Scores) []Scores {
	step, bounds := s.steps(), s.bounds()
	center := cellAt(s.Center, step)
	if step > 1 && !center.covers(&bounds) {
		step--
		center = cellAt(s.Center, step)
	}
	own := center.area()
	last := -1
	for i, n := range neighbours {
		if step >= 2 && own.excludes(&bounds, n.lon, n.lat) {
			continue
		}
		c := center.moved(n.lon, n.lat)
		// A grid that is two cells wide has the same ones on both sides.
		if last > 0 && c == center.moved(neighbours[last].lon, neighbours[last].lat) {
			continue
		}
		dst = append(dst, c.scores())
		last = i
	}
	return dst
}

// covers reports whether a cell and its neighbours reach as far as the bounds.
func (c cell) covers(bounds *area) bool {
	return c.moved(0, 1).area().max.Lat >= bounds.max.Lat &&
		c.moved(0, -1).area().min.Lat <= bounds.min.Lat &&
		c.moved(1, 0).area().max.Lon >= bounds.max.Lon &&
		c.moved(-1, 0).area().min.Lon <= bounds.min.Lon
}

// excludes reports whether nothing within the bounds is on that side of a cell.
func (a *area) excludes(bounds *area, lon, lat int) bool {
	return lat < 0 && a.min.Lat < bounds.min.Lat ||
		lat > 0 && a.max.Lat > bounds.max.Lat ||
		lon < 0 && a.min.Lon < bounds.min.Lon ||
		lon > 0 && a.max.Lon > bounds.max.Lon
}
