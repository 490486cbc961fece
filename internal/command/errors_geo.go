package command

import (
	"math"
	"strconv"

	"github.com/crucible-cache/crucible/internal/geohash"
)

// The errors of the commands on places.
const (
	errGeoUnit      = "ERR unsupported unit provided. please use M, KM, FT, MI"
	errGeoMember    = "ERR could not decode requested zset member"
	errGeoRadius    = "ERR need numeric radius"
	errGeoNegative  = "ERR radius cannot be negative"
	errGeoWidth     = "ERR need numeric width"
	errGeoHeight    = "ERR need numeric height"
	errGeoBox       = "ERR height or width cannot be negative"
	errGeoCount     = "ERR COUNT must be > 0"
	errGeoAny       = "ERR the ANY argument requires COUNT argument"
	errGeoWith      = " is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
	errGeoSearchTo  = "ERR GEOSEARCHSTORE" + errGeoWith
	errGeoRadiusTo  = "ERR STORE option in GEORADIUS" + errGeoWith
	errGeoFromStart = "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for "
	errGeoByStart   = "ERR exactly one of BYRADIUS and BYBOX can be specified for "
)

func errGeoPoint(p geohash.Point) string {
	return "ERR invalid longitude,latitude pair " + coordinate(p.Lon) + "," + coordinate(p.Lat)
}

// coordinate is what C's %f shows of a number.
func coordinate(degrees float64) string {
	switch {
	case math.IsInf(degrees, 1):
		return "inf"
	case math.IsInf(degrees, -1):
		return "-inf"
	}
	return strconv.FormatFloat(degrees, 'f', 6, 64)
}
