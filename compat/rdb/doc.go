// Package rdb holds our RDB format against the reference servers': what they
// wrote loads here, what we wrote loads there, and the data are compared key by
// key. The same goes for nodes.conf, the file of a cluster's node. `make compat` runs it. A reference server that this machine lacks is
// skipped.
package rdb
