// Package apptest tests the built server from outside: it starts the program,
// talks to it over sockets and signals, and looks at what the system says of
// the process. It has no code but tests.
//
// The tests build the server as releases are built, or take the program that
// CRUCIBLE_SERVER names. Each runs under every engine that this machine has; one
// that it lacks is skipped aloud. APPTEST_SOAK=1m lengthens the test that fills
// the cache, which else takes some seconds.
package apptest
