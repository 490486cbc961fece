package trace

import (
	"fmt"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// Pattern describes a trace to generate: requests that follow Zipf's law, with sizes, and mixed in, scans and times to
// live.
type Pattern struct {
	Name     string
	Objects  uint64
	Requests int
	// Theta is the exponent of Zipf's law.
	Theta float64
	// Median and Sigma are of the log-normal distribution of sizes, in bytes; an object keeps its size.
	Median int
	Sigma  float64
	// ScanEvery many requests a scan asks for ScanLength objects that are never asked for again; 0 is none.
	ScanEvery, ScanLength int
	// ExpiringShare of the objects live from TTLMin to TTLMax seconds, each always as long; Length is how long the trace
	// takes. Both are for a trace with times to live.
	ExpiringShare  float64
	TTLMin, TTLMax uint32
	Length         time.Duration
	Seed           uint64
}

// Sizes of generated values, in bytes.
const (
	sizeMin = 1
	sizeMax = 64 << 10
)

// Generate makes the trace that a pattern describes. The same pattern gives the same trace.
func Generate(p Pattern) (*Trace, error) {
	total := p.Requests
	if p.ScanEvery > 0 {
		total += p.Requests / p.ScanEvery * p.ScanLength
	}
	if p.Objects == 0 || total <= 0 || total > requestsMax {
		return nil, fmt.Errorf("a trace of %d requests for %d objects: want from 1 to %d requests for at least one", total, p.Objects, requestsMax)
	}
	access, err := workload.NewZipfAccess(p.Objects, p.Theta)
	if err != nil {
		return nil, err
	}
	sizes, err := workload.NewLogNormalSize(p.Median, p.Sigma, sizeMin, sizeMax)
	if err != nil {
		return nil, err
	}
	random := workload.NewRandom(p.Seed, 1)
	t := &Trace{Name: p.Name, Requests: make([]Request, 0, total)}
	scanned := p.Objects
	for i := range p.Requests {
		if p.ScanEvery > 0 && i%p.ScanEvery == p.ScanEvery-1 {
			for range p.ScanLength {
				t.Requests = append(t.Requests, p.request(scanned, sizes))
				scanned++
			}
		}
		t.Requests = append(t.Requests, p.request(access.Draw(random), sizes))
	}
	for i := range t.Requests {
		t.Requests[i].TimeMS = uint32(uint64(i) * uint64(p.Length.Milliseconds()) / uint64(len(t.Requests)))
	}
	return t, nil
}

func (p *Pattern) request(object uint64, sizes *workload.TableSize) Request {
	r := Request{Object: object, Size: uint32(sizes.Size(object))}
	if p.ExpiringShare > 0 {
		// Which objects expire, and when, follows from their numbers.
		dice := (object ^ p.Seed) * 0x9e3779b97f4a7c15
		if float64(dice>>40)/(1<<24) < p.ExpiringShare {
			r.TTL = p.TTLMin + uint32(dice>>8&0xffffffff)%(p.TTLMax-p.TTLMin+1)
		}
	}
	return r
}
