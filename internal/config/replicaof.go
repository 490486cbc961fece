package config

import (
	"errors"
	"strconv"
	"strings"
)

// Master returns the master that the server follows from the start, "" if it is nobody's replica.
func (r *Redis) Master() (host string, port int, err error) {
	if r.Replicaof == "" {
		return "", 0, nil
	}
	words := strings.Fields(r.Replicaof)
	if len(words) == 2 {
		port, err = strconv.Atoi(words[1])
	}
	switch {
	case len(words) != 2 || err != nil || port < 0 || port > 65535:
		return "", 0, errors.New("write a host and a port, such as \"10.0.0.1 6379\"")
	case r.ClusterEnabled:
		return "", 0, errors.New("a node of a cluster cannot be a replica: unset cluster_enabled")
	}
	return words[0], port, nil
}
