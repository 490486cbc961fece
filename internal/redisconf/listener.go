package redisconf

import (
	"net"
	"strconv"
	"strings"
)

// tlsKeys are the keys of a listener that speaks TLS, and where they come from.
var tlsKeys = []struct {
	key, directive string
	form           form
}{
	{"tls.cert", "tls-cert-file", path},
	{"tls.key", "tls-key-file", path},
	{"tls.client_ca", "tls-ca-cert-file", path},
	{"tls.client_auth", "tls-auth-clients", clientAuth},
	{"tls.ciphers", "tls-ciphers", text},
}

// listeners writes a listener for each address and port, and one for the unix socket.
func (c *converter) listeners() error {
	binds, from := strings.Fields(Lookup("bind").Default), last(c.lines, "bind")
	if from != nil {
		binds = strings.Fields(from.Value)
	}
	count := 0
	for _, name := range []string{"port", "tls-port"} {
		l, port := last(c.lines, name), Lookup(name).Default
		if l != nil {
			port = l.Value
		}
		if port == "0" {
			c.unusedPort(l)
			continue
		}
		where := l
		if where == nil {
			where = from
		}
		for _, bind := range binds {
			c.address(bind, port, where)
			if name == "tls-port" {
				if err := c.tls(); err != nil {
					return err
				}
			}
			count++
		}
	}
	if c.unix() {
		count++
	}
	if count == 0 {
		return errSilent
	}
	return nil
}

// unusedPort says what becomes of a port of 0.
func (c *converter) unusedPort(l *Line) {
	const why = "it is 0: nothing listens there"
	if l != nil {
		c.note(l, Mapped, why)
	}
}

// forLater reports whether a directive is for listeners that speak TLS, of which there is none
// until CONFIG SET opens one.
func (c *converter) forLater(d *Directive) bool {
	if d.Fate != Mapped || !strings.HasPrefix(d.Name, "tls-") || d.Name == "tls-port" {
		return false
	}
	l := last(c.lines, "tls-port")
	return l == nil || l.Value == "0"
}

// address writes a listener. A minus in front means that the machine need not
// have the address; a star is every address of IPv4.
func (c *converter) address(bind, port string, from *Line) {
	host, optional := strings.CutPrefix(bind, "-")
	switch host {
	case "*":
		host = "0.0.0.0"
	case "::*":
		host = "::"
	}
	c.newListener()
	c.profile.key("address", QuoteTOML(net.JoinHostPort(host, port)), from)
	if optional {
		c.profile.key("optional", "true", last(c.lines, "bind"))
	}
	if l := last(c.lines, "tcp-keepalive"); l != nil {
		c.profile.key("keepalive", l.Value, l)
	}
	c.backlog()
}

func (c *converter) newListener() {
	c.profile.section = ""
	c.profile.table("[[listener]]")
}

// backlog writes tcp-backlog, of which the kernel makes at least one place.
func (c *converter) backlog() {
	if l := last(c.lines, "tcp-backlog"); l != nil {
		n, _ := strconv.Atoi(l.Value) // checked
		c.profile.key("backlog", strconv.Itoa(min(max(n, 1), 1<<16)), l)
	}
}

// unix writes the listener on unixsocket, if there is one.
func (c *converter) unix() bool {
	l, mode := last(c.lines, "unixsocket"), last(c.lines, "unixsocketperm")
	if l == nil || l.Value == "" {
		if mode != nil {
			c.note(mode, NotNeeded, "there is no unixsocket")
		}
		return false
	}
	c.newListener()
	c.profile.key("unix", QuoteTOML(c.place(l.Value)), l)
	if mode != nil && mode.Value != "0" {
		c.profile.key("unix_mode", QuoteTOML("0"+mode.Value), mode)
	}
	c.backlog()
	return true
}

// tls writes how the listener speaks TLS.
func (c *converter) tls() error {
	for _, k := range tlsKeys {
		l := last(c.lines, k.directive)
		value := Lookup(k.directive).Default
		if l != nil {
			value = l.Value
		}
		if value == "" {
			continue
		}
		toml, _ := k.form(c, value)
		c.profile.key(k.key, toml, l)
	}
	l := last(c.lines, "tls-protocols")
	if l == nil {
		return nil
	}
	var has [2]bool
	for word := range strings.FieldsSeq(strings.ToLower(l.Value)) {
		switch word {
		case "tlsv1.2":
			has[0] = true
		case "tlsv1.3":
			has[1] = true
		case "tlsv1", "tlsv1.1":
		default:
			return l.fault("tls-protocols are TLSv1.2 and TLSv1.3")
		}
	}
	switch {
	case l.Value == "" || has[0] && has[1]:
	case has[1]:
		c.profile.key("tls.min_version", `"1.3"`, l)
	case has[0]:
		c.profile.key("tls.max_version", `"1.2"`, l)
	default:
		return l.fault("tls-protocols are TLSv1.2 and TLSv1.3: older ones cannot be had")
	}
	return nil
}

// clientAuth is whether clients show a certificate, as a profile calls it.
func clientAuth(_ *converter, value string) (toml, note string) {
	return QuoteTOML(map[string]string{"no": "off", "yes": "required", "optional": "optional"}[value]), ""
}
