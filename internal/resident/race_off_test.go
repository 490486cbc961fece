//go:build !race

package resident

const raced = false
