package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"

	"github.com/crucible-cache/crucible/internal/node"
)

// formCluster makes the server a cluster of one if it is to be: the node that its file holds, or
// a new one.
func (a *appliance) formCluster() (err error) {
	c := a.config
	if !c.Redis.ClusterEnabled {
		return nil
	}
	if c.Redis.ClusterConfigFile == "" {
		a.server.FormCluster(node.New(), nil)
		return nil
	}
	path := c.Redis.ClusterConfigFile
	if !filepath.IsAbs(path) {
		path = filepath.Join(absolute(cmp.Or(c.Persistence.Dir, ".")), path)
	}
	file, state, err := node.Open(path)
	if err != nil {
		return unfitNodeFile(err)
	}
	a.nodeFile = file
	if state == nil {
		state = node.New()
		slog.Info("a new node of a cluster, which owns all hash slots", "node", state.ID, "file", path)
	} else {
		slog.Info("node of a cluster", "node", state.ID, "slots", state.Owned.Len(), "file", path)
	}
	a.server.FormCluster(state, file.Save)
	return nil
}

// settleCluster is done when the data is loaded.
func (a *appliance) settleCluster() error {
	if !a.config.Redis.ClusterEnabled {
		return nil
	}
	if err := a.server.SettleCluster(); err != nil {
		return unfitNodeFile(err)
	}
	return nil
}

// unfitNodeFile says what to do about a file that can't be used.
func unfitNodeFile(err error) error {
	var place *fs.PathError
	if errors.As(err, &place) {
		return fmt.Errorf("redis.cluster_config_file: %w: set persistence.dir to a directory that can be written to, "+
			"or the file to \"\" for a node that lasts until it stops", err)
	}
	return fmt.Errorf("redis.cluster_config_file: %w", err)
}

func (a *appliance) leaveCluster() error {
	if a.nodeFile == nil {
		return nil
	}
	return a.nodeFile.Close()
}
