package profile

import (
	"crypto/sha1" //nolint:gosec // the digest that EVALSHA asks for
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/crucible-cache/crucible/internal/bench/load"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// Setup returns what prepares the server, sent once before the prefill: the scripts, then the commands of load.setup. One
// that begins with a minus sign may be refused, as a group that is there already.
func (p *Profile) Setup() ([]load.Preparation, error) {
	var all []load.Preparation
	for _, s := range p.Scripts {
		all = append(all, load.Preparation{Words: []string{"SCRIPT", "LOAD", s.Text}})
	}
	for _, line := range p.Load.Setup {
		rest, tolerant := strings.CutPrefix(line, "-")
		words, err := workload.Words(rest)
		if err != nil {
			return nil, fmt.Errorf("setup: %w", err)
		}
		if len(words) == 0 {
			return nil, fmt.Errorf("setup: %q is no command", line)
		}
		all = append(all, load.Preparation{Words: words, MayFail: tolerant})
	}
	return all, nil
}

// withDigests puts the digests of scripts where a command names them.
func (p *Profile) withDigests(send string) (string, error) {
	for _, s := range p.Scripts {
		digest := sha1.Sum([]byte(s.Text)) //nolint:gosec // as above
		send = strings.ReplaceAll(send, "{sha:"+s.Name+"}", hex.EncodeToString(digest[:]))
	}
	if _, rest, found := strings.Cut(send, "{sha:"); found {
		name, _, _ := strings.Cut(rest, "}")
		return "", fmt.Errorf("command %q: no [[script]] is called %q", send, name)
	}
	return send, nil
}
