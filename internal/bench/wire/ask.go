package wire

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"strings"
	"time"
)

// askTimeout bounds how long a server may take to answer a probe.
const askTimeout = 2 * time.Second

// probe is a request any server of the protocol answers whatever it stores, without an error.
func (p Protocol) probe() []byte {
	switch p {
	case Memcache:
		return []byte("version\r\n")
	case MemcacheBinary:
		header := [binaryHeader]byte{binaryRequest, binaryOpcodes["version"]}
		return header[:]
	}
	return []byte("PING\r\n")
}

// Ask sends the protocol's probe and reads the reply: nil means that the other side speaks the protocol and is willing.
// greeting is sent first, and its replies are awaited. It blocks, at most askTimeout, and allocates; it is for before a run.
func Ask(conn net.Conn, p Protocol, greeting ...[]byte) error {
	q, err := newQuestion(conn, p)
	if err != nil {
		return err
	}
	for _, g := range append(greeting, p.probe()) {
		if err := q.ask(g); err != nil {
			return err
		}
	}
	return nil
}

// Identify asks the server what it is: "redis 8.0.2", "memcached 1.6.38". Empty means that it doesn't say.
func Identify(conn net.Conn, p Protocol, greeting ...[]byte) (string, error) {
	if p == Memcache {
		return identifyMemcache(conn)
	}
	q, err := newQuestion(conn, p)
	if err != nil {
		return "", err
	}
	for _, g := range greeting {
		if err := q.ask(g); err != nil {
			return "", err
		}
	}
	if err := q.ask(p.probe()); err != nil || p != RESP {
		return "", err
	}
	var info string
	q.Keep(func(body []byte) { info = string(body) })
	if q.ask(RESPCommand("INFO", "server")) == nil {
		return identityFromInfo(info), nil
	}
	return "", nil // a user who may not ask INFO may still be served
}

// identityFromInfo picks the most particular version: every fork says redis_version as well, for old clients.
func identityFromInfo(info string) string {
	identity := ""
	for line := range strings.Lines(info) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name, found := strings.CutSuffix(key, "_version"); found && (identity == "" || name != "redis") && !strings.Contains(name, "_") && name != "gcc" {
			identity = name + " " + value
		}
	}
	return identity
}

func identifyMemcache(conn net.Conn) (string, error) {
	if err := conn.SetDeadline(time.Now().Add(askTimeout)); err != nil {
		return "", err
	}
	if _, err := conn.Write(Memcache.probe()); err != nil {
		return "", err
	}
	line, err := bufio.NewReaderSize(conn, 512).ReadSlice('\n')
	if err != nil {
		return "", fmt.Errorf("no answer to version: %w", err)
	}
	version, found := bytes.CutPrefix(bytes.TrimSpace(line), []byte("VERSION "))
	if !found {
		return "", fmt.Errorf("the server answers %.60q to version", line)
	}
	return "memcached " + string(version), nil
}

// question asks one thing after the other.
type question struct{ *Client }

func newQuestion(conn net.Conn, p Protocol) (*question, error) {
	return &question{NewClient(conn, p)}, conn.SetDeadline(time.Now().Add(askTimeout))
}

func (q *question) ask(request []byte) error { return q.Exchange(request, 1) }
