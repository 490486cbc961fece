package growth

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"time"
)

// pauses is what a server tells of its garbage collector.
type pauses struct {
	count   int
	longest float64 // of the latest 256, seconds
}

// pauseTimeout bounds how long a server may take to tell.
const pauseTimeout = 10 * time.Second

// pauses asks the server's metrics; nil where it has none.
func (s *subject) pauses(ctx context.Context) (*pauses, error) {
	if s.metrics == "" {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, pauseTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.metrics+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, s.process.Explain(err)
	}
	defer reply.Body.Close()
	p, told := &pauses{}, false
	for lines := bufio.NewScanner(reply.Body); lines.Scan(); {
		if _, err := fmt.Sscanf(lines.Text(), `go_gc_duration_seconds{quantile="1"} %g`, &p.longest); err == nil {
			told = true
		}
		_, _ = fmt.Sscanf(lines.Text(), "go_gc_duration_seconds_count %d", &p.count)
	}
	if !told {
		return nil, fmt.Errorf("%s tells nothing of its garbage collector", s.metrics)
	}
	return p, nil
}

// collected adds what the collector did in between. The longest pause is that since the server began, which is short
// before a measurement.
func (r *Row) collected(before, after *pauses) {
	if before == nil || after == nil {
		return
	}
	n, longest := after.count-before.count, after.longest*1e6
	if n == 0 {
		longest = 0
	}
	r.Collections, r.LongestPause = &n, &longest
}
