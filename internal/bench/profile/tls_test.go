package profile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestEncryption(t *testing.T) {
	p := Default()
	if c, err := p.Encryption(); c != nil || err != nil {
		t.Errorf("not asked for: %v, %v", c, err)
	}
	p.Target.TLS = TLS{Enabled: true, Insecure: true}
	if c, err := p.Encryption(); err != nil || !c.InsecureSkipVerify || c.ServerName != "127.0.0.1" {
		t.Errorf("%+v, %v", c, err)
	}
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []TLS{{CA: "/absent"}, {CA: empty}, {Certificate: empty}, {Key: empty}} {
		bad.Enabled = true
		p.Target.TLS = bad
		if _, err := p.Encryption(); err == nil {
			t.Errorf("%+v must be refused", bad)
		}
	}
}
