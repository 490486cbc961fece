//go:build race

package command

// raceDetector says that the race detector is on, under which what lies on the
// stack otherwise may be allocated.
const raceDetector = true
