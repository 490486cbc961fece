package config

import (
	"fmt"
	"strings"
)

// ParseListener reads the argument of --listen: HOST:PORT or unix:/path, with
// an optional protocol in front, "memcache://127.0.0.1:11211". protocol is what
// it speaks when there is none.
func ParseListener(s, protocol string) (Listener, error) {
	l := DefaultListener()
	l.Protocol = protocol
	address := s
	if scheme, rest, found := strings.Cut(s, "://"); found {
		if err := pick("protocol", scheme, protocols); err != nil {
			return Listener{}, err
		}
		l.Protocol, address = scheme, rest
	}
	if path, isUnix := strings.CutPrefix(address, "unix:"); isUnix {
		l.Unix = path
		return l, checkUnixPath(path)
	}
	l.Address = address
	return l, checkAddress(address)
}

// String describes where the listener listens, as --listen would write it.
func (l Listener) String() string {
	if l.Unix != "" {
		return l.Protocol + "://unix:" + l.Unix
	}
	return l.Protocol + "://" + l.Address
}

func checkUnixPath(path string) error {
	switch {
	case path == "":
		return fmt.Errorf("the path of a unix socket is missing: write unix:/run/crucible/redis.sock")
	case len(path) >= maxUnixPath:
		return fmt.Errorf("the path of a unix socket may have %d bytes, %q has %d: choose a shorter one", maxUnixPath-1, path, len(path))
	}
	return nil
}

// listeners checks each listener by itself and all for being different.
func (p *problems) listeners() {
	p.within("listener", len(p.c.Listeners), 1, maxListeners)
	seen := map[string]int{}
	for i, l := range p.c.Listeners {
		key := func(name string) string { return listenerPath(i, listenerSection+"."+name) }
		p.check(key("protocol"), pick("protocol", l.Protocol, protocols))
		p.listenerSocket(l, key)
		p.within(key("backlog"), l.Backlog, 1, maxBacklog)
		p.listenerTLS(l.TLS, key)
		socket := l.Address + "|" + l.Unix
		if first, taken := seen[socket]; taken && !strings.HasSuffix(l.Address, ":0") {
			p.add(key("address"), "listener %d already listens on %s%s: remove one of them", first, l.Address, l.Unix)
		}
		seen[socket] = i
	}
}

func (p *problems) listenerSocket(l Listener, key func(string) string) {
	switch {
	case l.Address != "" && l.Unix != "":
		p.add(key("unix"), "a listener has either an address or a unix path: make two [[listener]] of them")
	case l.Address == "" && l.Unix == "":
		p.add(key("address"), "set an address such as \"127.0.0.1:6379\", or unix = \"/path\"")
	case l.Address != "":
		p.check(key("address"), checkAddress(l.Address))
		if l.UnixGroup != "" || l.UnixMode != 0 {
			p.add(key("unix_mode"), "unix_mode and unix_group need a listener with a unix path: remove them")
		}
	default:
		p.check(key("unix"), checkUnixPath(l.Unix))
		if l.UnixMode > 0o777 {
			p.add(key("unix_mode"), "%d is not an octal mode: write it in quotes, such as \"0770\"", uint32(l.UnixMode))
		}
		if l.Optional {
			p.add(key("optional"), "only an address can be missing from a machine: remove it from this unix listener")
		}
	}
}

func (p *problems) listenerTLS(t TLS, key func(string) string) {
	if (t.Cert == "") != (t.Key == "") {
		p.add(key("tls.cert"), "TLS needs both cert and key: set the other one too")
	}
	if t.ClientCA != "" && t.Cert == "" {
		p.add(key("tls.client_ca"), "TLS needs cert and key: set them too")
	}
	if t.ClientCA == "" && t.ClientAuth != "off" {
		p.add(key("tls.client_auth"), "client certificates are checked against client_ca: set it, or client_auth = \"off\"")
	}
	p.check(key("tls.client_auth"), pick("client_auth", t.ClientAuth, clientAuths))
	p.check(key("tls.min_version"), pick("min_version", t.MinVersion, tlsVersions))
	if t.MaxVersion != "" {
		p.check(key("tls.max_version"), pick("max_version", t.MaxVersion, tlsVersions))
		if t.MaxVersion < t.MinVersion {
			p.add(key("tls.max_version"), "%s is before min_version %s: lower that, or raise this", t.MaxVersion, t.MinVersion)
		}
	}
	_, err := t.CipherSuites()
	p.check(key("tls.ciphers"), err)
}
