package command

import (
	"strings"
	"testing"
)

// The doctor names what is wrong and nothing else.
func TestDoctorDiagnoses(t *testing.T) {
	const mb = 1 << 20
	healthy := memoryReport{used: 100 * mb, peak: 110 * mb, allocated: 90 * mb, active: 95 * mb, resident: 100 * mb, rss: 101 * mb}
	if found := healthy.diagnose(200*mb, 10); len(found) != 0 {
		t.Errorf("a healthy server: %q", found)
	}
	for want, change := range map[string]func(*memoryReport){
		"Peak memory":    func(m *memoryReport) { m.peak = 300 * mb },
		"Dead space":     func(m *memoryReport) { m.allocated = 50 * mb },
		"Resident set":   func(m *memoryReport) { m.rss = 130 * mb },
		"Limit":          func(m *memoryReport) { m.resident, m.rss = 210*mb, 210*mb },
		"Client buffers": func(m *memoryReport) { m.clients = 5 * mb },
	} {
		m := healthy
		change(&m)
		if found := m.diagnose(200*mb, 10); len(found) != 1 || !strings.HasPrefix(found[0], want+":") {
			t.Errorf("%s: %q", want, found)
		}
	}
}
