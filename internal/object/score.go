package object

import "strconv"

// Scores in packed sorted sets are elements like any other: an integer where
// the score is one that a double holds exactly with room to spare, else the
// shortest text that reads back as the same double.
const (
	packedScoreMin = -(1<<52 - 1)
	packedScoreMax = 1 << 52
)

// scoreTextMax is the length of the longest text of a score, in bytes.
const scoreTextMax = 32

// packScore encodes a score; buf is room for its text.
func packScore(score float64, buf *[scoreTextMax]byte) encoded {
	if packedScoreMin <= score && score <= packedScoreMax {
		if n := int64(score); float64(n) == score {
			return encodeInt(n)
		}
	}
	return encode(appendScore(buf[:0], score))
}

func appendScore(b []byte, score float64) []byte {
	switch {
	case score > maxFinite:
		return append(b, "inf"...)
	case score < -maxFinite:
		return append(b, "-inf"...)
	}
	return strconv.AppendFloat(b, score, 'g', -1, 64)
}

const maxFinite = 0x1p1023 * (1 + (1 - 0x1p-52))

// scoreOf reads a score that packScore, or a reference server, encoded.
func scoreOf(e Elem) float64 {
	if e.Str == nil {
		return float64(e.Int)
	}
	score, _ := strconv.ParseFloat(string(e.Str), 64)
	return score
}
