package command

import (
	"errors"
	"testing"

	"github.com/crucible-cache/crucible/internal/acl"
)

func TestTLSParametersAreSetTogether(t *testing.T) {
	settings := testSettings
	settings.TLS = TLSSettings{CertFile: "c", KeyFile: "k", AuthClients: "no"}
	var last TLSSettings
	calls := 0
	p := NewParams(settings, Hooks{TLS: func(s TLSSettings) error {
		calls++
		if s.CertFile == "bad" {
			return errors.New("no such file")
		}
		last = s
		return nil
	}})
	p.bind(acl.NewUsers(Commands().catalogue()))
	set := func(pairs ...string) string {
		var words [][]byte
		for _, w := range pairs {
			words = append(words, []byte(w))
		}
		return p.set(words, true)
	}
	if got := set("tls-cert-file", "c2", "tls-key-file", "k2", "tls-auth-clients", "OPTIONAL", "tls-ca-cert-file", "ca"); got != "" {
		t.Error(got)
	}
	if want := (TLSSettings{CertFile: "c2", KeyFile: "k2", CAFile: "ca", AuthClients: "optional"}); last != want || calls != 1 {
		t.Errorf("%d calls, %+v, want %+v", calls, last, want)
	}
	const refused = "ERR CONFIG SET failed (possibly related to argument 'tls-key-file') - Unable to update TLS configuration. Check server logs."
	if got := set("tls-key-file", "k3", "tls-cert-file", "bad"); got != refused {
		t.Errorf("got %q, want %q", got, refused)
	}
	if got := p.value("tls-key-file") + " " + p.value("tls-cert-file"); got != "k2 c2" {
		t.Errorf("after a refusal: %s", got)
	}
	if got := set("tls-auth-clients", "maybe"); got != errConfigSet("tls-auth-clients", "argument(s) must be one of the following: no, yes, optional") {
		t.Error(got)
	}
}
