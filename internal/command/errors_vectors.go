package command

import "fmt"

// The errors of vector sets.
const (
	errVectorSpec       = "ERR invalid vector specification"
	errVectorOption     = "ERR invalid option after element"
	errVectorEF         = "ERR invalid EF"
	errVectorLinks      = "ERR invalid M"
	errVectorQuant      = "ERR asked quantization mismatch with existing vector set"
	errVectorOtherM     = "ERR asked M value mismatch with existing vector set"
	errVectorProjection = "ERR cannot add projection to existing set without projection"
	errVectorNoKey      = "ERR key does not exist"
	errVectorRaw        = "ERR invalid option"
	errVectorCount      = "ERR COUNT value is not an integer"
	errVsimSyntax       = "ERR syntax error in VSIM command"
	errVsimElement      = "ERR element not found in set"
	errVsimCount        = "ERR invalid COUNT"
	errVsimEpsilon      = "ERR invalid EPSILON"
	errVsimEffort       = "ERR invalid FILTER-EF"
	errModuleCopy       = "ERR not supported for this module key"
)

func errVectorDimension(got, has int) string {
	return fmt.Sprintf("ERR Vector dimension mismatch - got %d but set has %d", got, has)
}

func errVectorInput(got, expected int) string {
	return fmt.Sprintf("ERR Input dimension mismatch for projection - got %d but projection expects %d", got, expected)
}

func errVsimFilter(near []byte) string {
	return "ERR syntax error in FILTER expression near: " + string(near)
}
