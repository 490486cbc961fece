package main

import (
	"log/slog"
	"time"
)

// What SHUTDOWN may ask for. Without that, and when the service manager stops
// the server, it depends on whether there are save points, as in Redis.
const (
	exitSavesChanges int32 = iota + 1 // since the last snapshot
	exitDoesNotSave
)

// load reads the snapshot there is, before anybody is served.
func (a *appliance) load() error {
	begun := time.Now()
	saver := a.server.Snapshots
	if err := saver.Load(a.server.Workers()[0].Worker); err != nil {
		return err
	}
	if st := saver.Status(); st.Loaded+st.Expired > 0 {
		slog.Info("snapshot loaded", "keys", st.Loaded, "expired", st.Expired, "took", time.Since(begun).Round(time.Millisecond))
	}
	a.loaded = true
	return nil
}

// save writes a last snapshot, if there is to be one. The engines have stopped, and the
// snapshot that is being written, if any, is given up as in Redis.
func (a *appliance) save() error {
	if !a.loaded {
		return nil // what failed to load must not be written over
	}
	a.server.Snapshots.GiveUp()
	switch a.exit.Load() {
	case exitDoesNotSave:
		return nil
	case exitSavesChanges:
		if a.server.SavedWhole() {
			return nil
		}
		return a.server.Snapshots.Save()
	}
	if !a.server.Params.SavesAtExit() {
		return nil
	}
	return a.server.Snapshots.Save()
}
