// Package geohash maps places on earth to integers and back, and finds the
// integers that a search has to look at: pure arithmetic, without state.
//
// A Hash interleaves the bits of latitude and longitude, so that places that are
// near each other mostly have hashes near each other, and a cell of the grid is
// a range of hashes. The limits, the number of bits and the order of operations
// on floating point numbers are the reference server's, so that scores it stored
// mean the same here, to the bit.
package geohash

import "math"

// The limits of places that have a hash, in degrees: those of the Mercator
// projection that web maps use (EPSG:3857).
const (
	LonMin = -180.0
	LonMax = 180.0
	LatMin = -85.05112878
	LatMax = 85.05112878
)

// Steps is how many bits a hash has of either coordinate: the finest cell is
// about 60 cm wide.
const Steps = 26

// Point is a place on earth, in degrees.
type Point struct{ Lon, Lat float64 }

// Valid reports whether p has a hash.
func (p Point) Valid() bool {
	return p.Lon >= LonMin && p.Lon <= LonMax && p.Lat >= LatMin && p.Lat <= LatMax
}

// Hash is a place as an integer of 52 bits.
type Hash uint64

// Encode returns the hash of a valid place.
func Encode(p Point) Hash { return cellAt(p, Steps).hash() }

// Decode returns the middle of the finest cell that a hash stands for.
func (h Hash) Decode() Point {
	a := cellOf(h, Steps).area()
	return Point{
		Lon: min(max((a.min.Lon+a.max.Lon)/2, LonMin), LonMax),
		Lat: min(max((a.min.Lat+a.max.Lat)/2, LatMin), LatMax),
	}
}

// FromScore returns the hash that a score of a sorted set stands for. A score
// that is none stands for what the reference server's processor makes of it.
func FromScore(score float64) Hash {
	switch {
	case score >= -1<<63 && score < 0:
		return Hash(int64(score))
	case score >= 0 && score < 1<<64:
		return Hash(score)
	case score < 0:
		return 1 << 63
	}
	return 0
}

// TextLen is the length of a hash as text.
const TextLen = 11

const base32 = "0123456789bcdefghjkmnpqrstuvwxyz"

// Text returns the standard geohash of a place, whose latitudes reach the poles.
// Eleven letters are 55 bits; the last three are not known and left 0.
func Text(p Point) (text [TextLen]byte) {
	h := cellIn(p, -90, 90, Steps).hash()
	for i := range text {
		text[i] = base32[h<<3>>(50-5*i)&31]
	}
	text[TextLen-1] = base32[0]
	return text
}

// cell is a cell of the grid that has 1<<step columns and rows.
type cell struct {
	lon, lat uint32
	step     int
}

func cellAt(p Point, step int) cell { return cellIn(p, LatMin, LatMax, step) }

// cellIn is cellAt for a grid between other latitudes.
func cellIn(p Point, latMin, latMax float64, step int) cell {
	size := float64(uint64(1) << step)
	lat := (p.Lat - latMin) / (latMax - latMin)
	lon := (p.Lon - LonMin) / (LonMax - LonMin)
	return cell{lon: uint32(lon * size), lat: uint32(lat * size), step: step}
}

func cellOf(h Hash, step int) cell {
	return cell{lon: squeeze(uint64(h) >> 1), lat: squeeze(uint64(h)), step: step}
}

// hash interleaves the bits of a cell's row and column.
func (c cell) hash() Hash { return Hash(spread(c.lat) | spread(c.lon)<<1) }

// scores returns the range of hashes, the end not included, of all places in a
// cell, as scores.
func (c cell) scores() Scores {
	shift := 2 * (Steps - c.step)
	return Scores{float64(c.hash() << shift), float64((c.hash() + 1) << shift)}
}

// moved returns the cell that many columns and rows away; the grid is round in
// both directions. A place on the eastern or northern limit is in a column or
// row of its own, which only a move leaves.
func (c cell) moved(lon, lat int) cell {
	mask := uint32(1)<<c.step - 1
	if lon != 0 {
		c.lon = (c.lon + uint32(lon)) & mask
	}
	if lat != 0 {
		c.lat = (c.lat + uint32(lat)) & mask
	}
	return c
}

// area is a rectangle of longitudes and latitudes.
type area struct{ min, max Point }

func (c cell) area() area {
	size := float64(uint64(1) << c.step)
	lat := func(row uint32) float64 { return LatMin + float64(row)*1.0/size*(LatMax-LatMin) }
	lon := func(column uint32) float64 { return LonMin + float64(column)*1.0/size*(LonMax-LonMin) }
	return area{
		min: Point{lon(c.lon), lat(c.lat)},
		max: Point{lon(c.lon + 1), lat(c.lat + 1)},
	}
}

// spread puts the bits of x at the even positions.
func spread(x uint32) uint64 {
	n := uint64(x)
	n = (n | n<<16) & 0x0000ffff0000ffff
	n = (n | n<<8) & 0x00ff00ff00ff00ff
	n = (n | n<<4) & 0x0f0f0f0f0f0f0f0f
	n = (n | n<<2) & 0x3333333333333333
	n = (n | n<<1) & 0x5555555555555555
	return n
}

// squeeze gathers the bits at the even positions.
func squeeze(n uint64) uint32 {
	n &= 0x5555555555555555
	n = (n | n>>1) & 0x3333333333333333
	n = (n | n>>2) & 0x0f0f0f0f0f0f0f0f
	n = (n | n>>4) & 0x00ff00ff00ff00ff
	n = (n | n>>8) & 0x0000ffff0000ffff
	n = (n | n>>16) & 0x00000000ffffffff
	return uint32(n)
}

const (
	earthRadius = 6372797.560856 // metres
	degree      = math.Pi / 180
)

// Distance returns the length of the great circle between two places in metres,
// by the haversine formula.
func Distance(a, b Point) float64 {
	v := sine((b.Lon*degree - a.Lon*degree) / 2)
	if v == 0 {
		return latDistance(a.Lat, b.Lat)
	}
	latA, latB := a.Lat*degree, b.Lat*degree
	u := sine((latB - latA) / 2)
	return 2 * earthRadius * arcsine(math.Sqrt(u*u+cosine(latA)*cosine(latB)*v*v))
}

// latDistance is Distance for places of one longitude.
func latDistance(a, b float64) float64 { return earthRadius * math.Abs(b*degree-a*degree) }
