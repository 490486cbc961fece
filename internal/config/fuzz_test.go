package config

import (
	"os"
	"strings"
	"testing"
)

// Whatever a profile holds, decoding ends with a Config or with an error that
// names the file; a Config that was decoded validates without a panic.
func FuzzProfile(f *testing.F) {
	for _, file := range shipped {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, text := range []string{
		"[[listener]]\ntls.cert = 1\n", "listener.address = 'a'\n", "[listener.tls]\ncert = 'c'\n", "[engine.uring]\nbuffer_size = -1\n",
		"[workers]\ncpu_affinity = ['0-8191', [1]]\n", "a = {b = {c = [{d = 1}]}}", "[cache", "[cache]\nmaxmemory = '9223372036854775807'\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := Default()
		if err := c.decodeProfile("p.toml", []byte(text)); err != nil {
			if !strings.HasPrefix(err.Error(), "p.toml:") {
				t.Errorf("the error does not name the file: %v", err)
			}
			return
		}
		if c.resolve(box) == nil {
			_ = c.Validate(box) // any answer, but no panic
		}
	})
}
