package redisconf

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// OutputLimit is a client-output-buffer-limit of one class of clients, in bytes
// and seconds.
type OutputLimit struct {
	Class                   string // normal, slave or pubsub
	Hard, Soft, SoftSeconds int64
}

// ParseOutputLimits reads four words for each class. The errors are Redis' own.
func ParseOutputLimits(text string) ([]OutputLimit, error) {
	words := strings.Fields(text)
	if len(words)%4 != 0 {
		return nil, errors.New("Wrong number of arguments in buffer limit configuration.") //nolint:revive,staticcheck // Redis' text
	}
	var limits []OutputLimit
	for ; len(words) > 0; words = words[4:] {
		class := strings.ToLower(words[0])
		if class == "replica" {
			class = "slave"
		}
		if class != "normal" && class != "slave" && class != "pubsub" {
			return nil, errors.New("Invalid client class specified in buffer limit configuration.") //nolint:revive,staticcheck // Redis' text
		}
		hard, ok1 := ParseMemory(words[1])
		soft, ok2 := ParseMemory(words[2])
		seconds, err := ParseInt(words[3])
		if !ok1 || !ok2 || err != nil || seconds < 0 {
			return nil, errors.New("Error in hard, soft or soft_seconds setting in buffer limit configuration.") //nolint:revive,staticcheck // Redis' text
		}
		limits = append(limits, OutputLimit{class, int64(min(hard, maxInt64)), int64(min(soft, maxInt64)), seconds}) //nolint:gosec // bounded
	}
	return limits, nil
}

// SavePoint lets a snapshot be made when Seconds have passed with Changes writes.
type SavePoint struct{ Seconds, Changes int64 }

// ParseSave reads pairs of seconds and changes. The error is Redis' own.
func ParseSave(text string) ([]SavePoint, error) {
	wrong := errors.New("Invalid save parameters") //nolint:revive,staticcheck // Redis' text
	var words []string
	if text != "" {
		words = strings.Split(text, " ") // two spaces are an empty word between them, as for Redis
	}
	if len(words)%2 != 0 {
		return nil, wrong
	}
	points := make([]SavePoint, 0, len(words)/2)
	for i := 0; i < len(words); i += 2 {
		seconds, err1 := ParseInt(words[i])
		changes, err2 := ParseInt(words[i+1])
		if err1 != nil || err2 != nil || seconds < 1 || changes < 0 {
			return nil, wrong
		}
		points = append(points, SavePoint{seconds, changes})
	}
	return points, nil
}

// parseCPUs reads a list of CPUs such as 0-7:2,9 into ranges without steps.
func parseCPUs(text string) ([]string, error) {
	var list []string
	for part := range strings.SplitSeq(text, ",") {
		span, stepText, hasStep := strings.Cut(part, ":")
		lo, hi, isRange := strings.Cut(span, "-")
		first, err := strconv.ParseUint(lo, 10, 16)
		final, step := first, uint64(1)
		if err == nil && isRange {
			final, err = strconv.ParseUint(hi, 10, 16)
		}
		if err == nil && hasStep {
			step, err = strconv.ParseUint(stepText, 10, 16)
		}
		if err != nil || final < first || step == 0 {
			return nil, fmt.Errorf("%q is not a list of CPUs such as 0-7:2,9", text)
		}
		if step == 1 {
			list = append(list, span)
			continue
		}
		for ; first <= final; first += step {
			list = append(list, strconv.FormatUint(first, 10))
		}
	}
	return list, nil
}
