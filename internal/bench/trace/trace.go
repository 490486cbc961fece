// Package trace holds what a cache was, or might be, asked for over time: a list of requests with the size of what they
// ask for and how long it lives. A trace is generated, or read from a file as the caching research community writes them.
//
// A Trace is built by one goroutine and read by any number. It takes 24 bytes of memory for each request, and requestsMax
// bounds it.
package trace

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// requestsMax bounds what is held in memory: 24 bytes each.
const requestsMax = 200_000_000

// Op is what a request does.
type Op uint8

// The operations.
const (
	// Get reads, and stores what was not there, as an application in front of a database does.
	Get Op = iota
	// Set stores.
	Set
	// Delete removes.
	Delete
)

// Request is one request.
type Request struct {
	Object uint64
	// TimeMS is when it comes, in milliseconds since the first one.
	TimeMS uint32
	// Size is that of the value in bytes.
	Size uint32
	// TTL is how long the value lives, in seconds; 0 is for ever.
	TTL uint32
	Op  Op
}

// KeyLength is the length in bytes of the key under which an object is stored.
const KeyLength = 16

// Trace is a list of requests in the order of their time.
type Trace struct {
	Name     string
	Requests []Request
}

// Summary is what a trace comes to.
type Summary struct {
	Requests int `json:"requests"`
	// Objects is how many different ones are asked for, Bytes the sum of their keys and largest values: the working set.
	Objects int    `json:"objects"`
	Bytes   uint64 `json:"bytes"`
	// Expiring is the share of requests for objects that live for a limited time.
	Expiring float64       `json:"expiring"`
	Length   time.Duration `json:"length_ns"`
}

// String says it in words.
func (s Summary) String() string {
	text := fmt.Sprintf("%d requests for %d objects of %.0f MiB in all", s.Requests, s.Objects, float64(s.Bytes)/(1<<20))
	if s.Expiring > 0 {
		text += fmt.Sprintf(", %.0f %% of which live for a limited time; %v long", 100*s.Expiring, s.Length.Round(time.Second))
	}
	return text
}

// Summarize walks the trace.
func (t *Trace) Summarize() Summary {
	largest := make(map[uint64]uint32, len(t.Requests)/4)
	s := Summary{Requests: len(t.Requests)}
	expiring := 0
	for i := range t.Requests {
		r := &t.Requests[i]
		if had, found := largest[r.Object]; !found || r.Size > had {
			largest[r.Object] = r.Size
		}
		if r.TTL > 0 {
			expiring++
		}
	}
	s.Objects = len(largest)
	for _, size := range largest {
		s.Bytes += uint64(size) + KeyLength
	}
	if n := len(t.Requests); n > 0 {
		s.Expiring = float64(expiring) / float64(n)
		s.Length = time.Duration(t.Requests[n-1].TimeMS) * time.Millisecond
	}
	return s
}

// Expires reports whether any object lives for a limited time, so that the pace at which the trace is replayed matters.
func (t *Trace) Expires() bool {
	return slices.ContainsFunc(t.Requests, func(r Request) bool { return r.TTL > 0 })
}

// Last returns when the last request comes, in milliseconds.
func (t *Trace) Last() uint32 {
	if len(t.Requests) == 0 {
		return 0
	}
	return t.Requests[len(t.Requests)-1].TimeMS
}

// Compress makes the trace last at most so long, by letting time pass faster: times to live shrink alike, to a second at
// least.
func (t *Trace) Compress(length time.Duration) {
	last := time.Duration(t.Last()) * time.Millisecond
	if last <= length || length <= 0 {
		return
	}
	factor := float64(length) / float64(last)
	for i := range t.Requests {
		r := &t.Requests[i]
		r.TimeMS = uint32(float64(r.TimeMS) * factor)
		if r.TTL > 0 {
			r.TTL = max(1, uint32(float64(r.TTL)*factor+0.5))
		}
	}
}

var errEmpty = errors.New("the trace holds no request")
