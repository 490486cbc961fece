package config

import (
	"fmt"
	"io"

	"github.com/crucible-cache/crucible/internal/redisconf"
)

// convertCommand is the first argument that asks for a profile made of a redis.conf.
const convertCommand = "convert-config"

// convert prints the profile that stands for a redis.conf. What cannot be had is
// said on stderr as well; the profile is of use without it.
func convert(args []string, stdout, stderr io.Writer) int {
	if len(args) != 1 || args[0] == "" || args[0][0] == '-' {
		fmt.Fprintf(stderr, "usage: crucible-server %s redis.conf > profile.toml\n", convertCommand)
		return ExitUsage
	}
	p, err := redisconf.Convert(args[0])
	if err != nil {
		fmt.Fprintln(stderr, err)
		return ExitConfig
	}
	if _, err := stdout.Write(p.Text()); err != nil {
		fmt.Fprintln(stderr, err)
		return ExitFailure
	}
	for _, complaint := range p.Complaints() {
		fmt.Fprintln(stderr, "warning:", complaint)
	}
	return ExitOK
}
