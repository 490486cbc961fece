//go:build !linux

package offheap

import "errors"

var errNotHere = errors.New("this system has none")

func probeHuge(Huge) error { return errNotHere }

func takeHuge([]byte, Huge) error { return errNotHere }

func giveHuge([]byte) error { return errNotHere }

func bind([]byte, Placement) error { return nil }

func probeNodes(p Placement) error {
	if len(p.Nodes) > 0 {
		return errors.New("numa: this system does not let memory be bound to nodes")
	}
	return nil
}

func lockAll() error { return errNotHere }
