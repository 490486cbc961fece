package profile

import (
	"fmt"

	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// Workload builds what the profile describes. Without commands of its own it reads every request: the protocol's fetch.
func (p *Profile) Workload() (*workload.Workload, error) {
	protocol, err := p.Protocol()
	if err != nil {
		return nil, err
	}
	w := &workload.Workload{
		Keys: workload.Keys{Prefix: p.Keys.Prefix, Length: p.Keys.Length, Count: p.Keys.Count},
		TTLs: workload.TTLs{Low: p.TTL.Min, High: max(p.TTL.Min, p.TTL.Max)},
	}
	if w.Access, err = p.Keys.access(); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	if w.Sizes, err = p.Values.sizes(); err != nil {
		return nil, fmt.Errorf("values: %w", err)
	}
	w.Values = workload.NewValues(w.Sizes.Max())
	if w.Commands, err = p.commands(protocol); err != nil {
		return nil, err
	}
	return w, w.Validate()
}

func (k *Keys) access() (workload.Distribution, error) {
	if k.Count == 0 {
		return nil, fmt.Errorf("the keyspace holds no key")
	}
	switch k.Access {
	case "uniform":
		return workload.UniformAccess{Count: k.Count}, nil
	case "zipf":
		return workload.NewZipfAccess(k.Count, k.Theta)
	case "hotspot":
		return workload.NewHotspotAccess(k.Count, k.HotKeys, k.HotRequests)
	case "sequential":
		return workload.SequentialAccess{Count: k.Count}, nil
	}
	return nil, fmt.Errorf("access %q: want uniform, zipf, hotspot or sequential", k.Access)
}

func (v *Values) sizes() (workload.SizeDistribution, error) {
	switch v.Sizes {
	case "fixed":
		if v.Size < 0 {
			return nil, fmt.Errorf("size %d", v.Size)
		}
		return workload.FixedSize(v.Size), nil
	case "uniform":
		return workload.NewUniformSize(v.Min, v.Max)
	case "lognormal":
		return workload.NewLogNormalSize(v.Median, v.Sigma, v.Min, v.Max)
	case "histogram":
		return workload.NewHistogramSize(v.Histogram)
	}
	return nil, fmt.Errorf("sizes %q: want fixed, uniform, lognormal or histogram", v.Sizes)
}

func (p *Profile) commands(protocol wire.Protocol) ([]workload.Command, error) {
	if protocol == wire.Ping {
		return []workload.Command{workload.MustCommand("PING", "PING")}, nil
	}
	if len(p.Commands) == 0 {
		return []workload.Command{protocol.Fetch()}, nil
	}
	var commands []workload.Command
	for _, c := range p.Commands {
		weight := 1.0
		if c.Weight != nil {
			weight = *c.Weight
		}
		send, err := p.withDigests(c.Send)
		if err != nil {
			return nil, err
		}
		command, err := workload.ParseCommand(c.Name, weight, send)
		if err != nil {
			return nil, err
		}
		commands = append(commands, command)
	}
	return commands, nil
}
