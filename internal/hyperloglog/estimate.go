package hyperloglog

import "math"

// alpha is Ertl's constant for an unbounded number of registers: 1/(2 ln 2).
const alpha = 0.721347520444481703680

// histogram says how many registers have which value. Six bits may say more than
// a hash can; such values are counted and not used.
type histogram [1 << registerBits]int

// Count estimates how many distinct elements v has been given.
func Count(v []byte) (uint64, error) {
	var h histogram
	if Dense(v) {
		// Neighbours often have the same value; counted in one place they would
		// wait for each other.
		var lanes [4]histogram
		eachDense(v[headerBytes:], func(_ int, four [4]byte) {
			for i, value := range four {
				lanes[i][value&(1<<registerBits-1)]++
			}
		})
		for i := range h {
			h[i] = lanes[0][i] + lanes[1][i] + lanes[2][i] + lanes[3][i]
		}
		return h.estimate(), nil
	}
	if err := eachRun(v, func(_, n int, value byte) { h[value] += n }); err != nil {
		return 0, err
	}
	return h.estimate(), nil
}

// estimate follows the paper's algorithm 6. Products are rounded before they
// are added, or a machine that does both at once would come to another result.
func (h *histogram) estimate() uint64 {
	const m = float64(registers)
	z := m * tau((m-float64(h[registerMax]))/m)
	for j := hashBits; j >= 1; j-- {
		z += float64(h[j])
		z *= 0.5
	}
	z += float64(m * sigma(float64(h[0])/m))
	return uint64(math.Round(float64(alpha*m*m) / z))
}

// sigma sums x + x^2 * 1 + x^4 * 2 + x^8 * 4 ... as far as it makes a difference.
func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	for y, z := 1.0, x; ; y += y {
		x *= x
		was := z
		z += float64(x * y)
		if z == was {
			return z
		}
	}
}

// tau sums (1 - x - (1-x^(1/2))^2 / 2 - (1-x^(1/4))^2 / 4 ...) / 3.
func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	for y, z := 1.0, 1-x; ; {
		x = math.Sqrt(x)
		was := z
		y *= 0.5
		z -= float64(float64((1-x)*(1-x)) * y)
		if z == was {
			return z / 3
		}
	}
}
