package config

import (
	"strconv"
	"strings"
)

func (p *problems) persistence() {
	c := p.c.Persistence
	if c.DBFilename == "" || strings.ContainsRune(c.DBFilename, '/') {
		p.add("persistence.dbfilename", "%q is not the name of a file: leave directories to persistence.dir", c.DBFilename)
	}
	words := strings.Fields(c.Save)
	wrong := len(words)%2 != 0
	for i, w := range words {
		n, err := strconv.ParseInt(w, 10, 64)
		wrong = wrong || err != nil || n < 0 || i%2 == 0 && n == 0
	}
	if wrong {
		p.add("persistence.save", "%q is not pairs of seconds and changes: write it like \"3600 1 300 100\"", c.Save)
	}
}
