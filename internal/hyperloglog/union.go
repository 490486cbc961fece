package hyperloglog

// Union is the registers of several values put together: of each the highest.
// The zero Union is that of no values.
type Union [registers]byte

// Merge puts the registers of v into u. If v is corrupt, u holds a part of it.
func (u *Union) Merge(v []byte) error {
	if Dense(v) {
		eachDense(v[headerBytes:], func(index int, four [4]byte) {
			for i, value := range four {
				u[index+i] = max(u[index+i], value)
			}
		})
		return nil
	}
	return eachRun(v, func(at, n int, value byte) {
		for i := at; value != 0 && i < at+n; i++ {
			u[i] = max(u[i], value)
		}
	})
}

// Count estimates how many distinct elements the values were given together.
func (u *Union) Count() uint64 {
	var h histogram
	for _, value := range u {
		h[value]++
	}
	return h.estimate()
}

// Raise makes the registers of v at least those of u and returns the value,
// which may have moved. A sparse one may have sparseMax bytes.
func (u *Union) Raise(v []byte, sparseMax int) ([]byte, error) {
	for index, value := range u {
		if value == 0 {
			continue
		}
		var err error
		if v, _, err = raise(v, index, value, sparseMax); err != nil {
			return v, err
		}
	}
	Invalidate(v)
	return v, nil
}
