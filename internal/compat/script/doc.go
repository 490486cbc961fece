// Package script reads case files: plain text that reads like the protocol and says what to send to
// both servers and where their replies may differ.
//
// compat/README.md is the language's manual. The package only parses; it opens no sockets, and a
// parsed File is never changed, so any number of goroutines may replay it. A case file is at most a
// few hundred lines, and generated payloads are described (repeat("x", 1000000)), not stored, until
// a step is expanded; payloadBytesMax bounds what one step may expand to.
package script
