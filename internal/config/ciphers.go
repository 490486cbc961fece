package config

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
)

// cipherNames are the cipher suites of TLS 1.2 that keep earlier traffic secret
// when a key becomes known, by OpenSSL's names. Those of TLS 1.3 are all good and
// cannot be chosen.
var cipherNames = map[string]uint16{
	"ECDHE-ECDSA-AES128-GCM-SHA256": tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	"ECDHE-RSA-AES128-GCM-SHA256":   tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	"ECDHE-ECDSA-AES256-GCM-SHA384": tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-RSA-AES256-GCM-SHA384":   tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	"ECDHE-ECDSA-CHACHA20-POLY1305": tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	"ECDHE-RSA-CHACHA20-POLY1305":   tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	"ECDHE-ECDSA-AES128-SHA":        tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
	"ECDHE-RSA-AES128-SHA":          tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
	"ECDHE-ECDSA-AES256-SHA":        tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
	"ECDHE-RSA-AES256-SHA":          tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
}

// CipherSuites returns the suites that Ciphers names, nil if it names none.
func (t TLS) CipherSuites() ([]uint16, error) {
	if t.Ciphers == "" {
		return nil, nil
	}
	var suites []uint16
	for _, name := range strings.Split(t.Ciphers, ":") {
		id, known := cipherNames[strings.ToUpper(name)]
		if !known {
			names := make([]string, 0, len(cipherNames))
			for n := range cipherNames {
				names = append(names, n)
			}
			slices.Sort(names)
			return nil, fmt.Errorf("%q is no cipher that can be chosen: write names with colons between, of %s", name, strings.Join(names, ", "))
		}
		suites = append(suites, id)
	}
	return suites, nil
}
