//go:build !race

package keyspace

const raced = false
