package admin

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/crucible-cache/crucible/internal/metrics"
)

// collector gives Prometheus what the sources say at the time of a scrape.
// Nothing is kept in between.
type collector struct {
	sources []metrics.Source
	descs   map[*metrics.Family]*prometheus.Desc
}

// newRegistry returns a registry of the sources, the Go runtime and the
// process. Two families of one name are an error.
func newRegistry(sources []metrics.Source) (*prometheus.Registry, error) {
	c := &collector{sources: sources, descs: map[*metrics.Family]*prometheus.Desc{}}
	names := map[string]*metrics.Family{}
	for _, s := range sources {
		for _, f := range s.Families() {
			if other := names[f.Name]; other != nil && other != f {
				return nil, fmt.Errorf("metric %s is declared twice", f.Name)
			}
			names[f.Name] = f
			c.descs[f] = prometheus.NewDesc(f.Name, f.Help, f.Labels, nil)
		}
	}
	registry := prometheus.NewPedanticRegistry()
	for _, each := range []prometheus.Collector{
		c,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := registry.Register(each); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	return registry, nil
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	series, err := metrics.Gather(c.sources)
	if err != nil {
		out <- prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(err), err)
	}
	for _, s := range series {
		kind := prometheus.CounterValue
		if s.Family.Kind == metrics.Levels {
			kind = prometheus.GaugeValue
		}
		m, err := prometheus.NewConstMetric(c.descs[s.Family], kind, s.Value, s.Labels...)
		if err != nil {
			m = prometheus.NewInvalidMetric(c.descs[s.Family], err)
		}
		out <- m
	}
}
