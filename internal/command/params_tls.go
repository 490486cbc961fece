package command

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
)

// TLSSettings say how connections are secured, as the parameters tls-* do. Files
// are in PEM.
type TLSSettings struct {
	CertFile    string
	KeyFile     string
	CAFile      string // the authorities of clients
	AuthClients string // no, yes or optional: whether clients show a certificate
	Protocols   string // "TLSv1.2 TLSv1.3", "" for both
	Ciphers     string // of TLS 1.2, by OpenSSL's names, with colons between; "" for a good choice
}

// tlsParams are the parameters about TLS. They are set together: a certificate
// goes with its key.
type tlsParams struct {
	current atomic.Pointer[TLSSettings]
	changed func(TLSSettings) error
	dirty   bool // something was set, and changed not called
}

func (t *tlsParams) add(p *Params, start TLSSettings, changed func(TLSSettings) error) {
	if start.AuthClients == "" {
		start.AuthClients = "yes"
	}
	t.current.Store(&start)
	t.changed = changed
	text := func(field func(*TLSSettings) *string) *tlsParam { return &tlsParam{all: t, field: field} }
	p.add("tls-cert-file", text(func(s *TLSSettings) *string { return &s.CertFile }))
	p.add("tls-key-file", text(func(s *TLSSettings) *string { return &s.KeyFile }))
	p.add("tls-ca-cert-file", text(func(s *TLSSettings) *string { return &s.CAFile }))
	p.add("tls-protocols", text(func(s *TLSSettings) *string { return &s.Protocols }))
	p.add("tls-ciphers", text(func(s *TLSSettings) *string { return &s.Ciphers }))
	clients := text(func(s *TLSSettings) *string { return &s.AuthClients })
	clients.words = []string{"no", "yes", "optional"}
	p.add("tls-auth-clients", clients)
}

// TLS returns the settings of TLS. Any thread may call it.
func (p *Params) TLS() TLSSettings { return *p.tls.current.Load() }

// tlsParam is one of them.
type tlsParam struct {
	all   *tlsParams
	field func(*TLSSettings) *string
	words []string // that it can be, nil for any
}

func (t *tlsParam) immutable() bool { return false }
func (t *tlsParam) get() string     { return *t.field(t.all.current.Load()) }

func (t *tlsParam) set(text string) (func(), error) {
	if t.words != nil {
		text = strings.ToLower(text)
		if !slices.Contains(t.words, text) {
			return nil, errors.New("argument(s) must be one of the following: " + strings.Join(t.words, ", "))
		}
	}
	old := t.get()
	t.store(text)
	return func() { t.store(old) }, nil
}

func (t *tlsParam) store(text string) {
	next := *t.all.current.Load()
	*t.field(&next) = text
	t.all.current.Store(&next)
	t.all.dirty = true
}

// settle implements settler.
func (t *tlsParam) settle() error {
	if !t.all.dirty || t.all.changed == nil {
		return nil
	}
	t.all.dirty = false
	if err := t.all.changed(*t.all.current.Load()); err != nil {
		slog.Error("TLS settings refused", "error", err)
		return errors.New("Unable to update TLS configuration. Check server logs.") //nolint:revive,staticcheck // Redis' text
	}
	return nil
}
