package config

import (
	"errors"
	"fmt"
	"strings"
)

// Nodes returns the NUMA nodes that memory is bound to, none for all of them, and
// whether it is spread evenly over them. online are those that the machine has.
func (c *Cache) Nodes(online []int) (nodes []int, interleave bool, err error) {
	switch c.NUMA {
	case "none":
		return nil, false, nil
	case "interleave":
		return online, true, nil
	}
	if nodes, err = parseNodes(c.NUMA); err != nil {
		return nil, false, fmt.Errorf("%q: write none, interleave, or nodes such as 0-1,3: %w", c.NUMA, err)
	}
	return nodes, false, nil
}

// parseNodes reads numbers and ranges, as the kernel writes them.
func parseNodes(text string) ([]int, error) {
	var list CPUList
	for word := range strings.SplitSeq(strings.TrimSpace(text), ",") {
		var r CPURange
		if err := r.UnmarshalText([]byte(word)); err != nil {
			return nil, errors.New("it is no list of nodes")
		}
		list = append(list, r)
	}
	return list.CPUs()
}
