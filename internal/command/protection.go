package command

import "strings"

// DeniedText is what a client from elsewhere is told under protected mode.
const DeniedText = "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. " +
	"In this mode connections are only accepted from the loopback interface. " +
	"If you want to connect from external computers to Redis you may adopt one of the following solutions: " +
	"1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host the server is running, " +
	"however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. " +
	"2) Alternatively you can just disable the protected mode by editing the Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. " +
	"3) If you started the server manually just for testing, restart it with the '--protected-mode no' option. " +
	"4) Set up an authentication password for the default user. " +
	"NOTE: You only need to do one of the above things in order for the server to start accepting connections from the outside.\r\n"

// Denies reports whether protected mode turns a new connection away: it comes
// from another machine, and would be let in without a password.
func (s *Server) Denies(remote func() string) bool {
	return s.Params.protected.Load() != 0 && s.Users.Default().User().NoPassword() && !local(remote())
}

// local reports whether an address, as Peer.RemoteAddr has it, is of this
// machine.
func local(address string) bool {
	return strings.HasPrefix(address, "127.") || strings.HasPrefix(address, "[::1]:") || strings.HasPrefix(address, "/")
}

// unlocks reports whether the client may run a command that is protected.
func (c *Client) unlocks(s *Spec) bool {
	return c.allowedBy(c.W.Server.Params.value("enable-" + s.top().Name + "-command"))
}

// allowedBy reports what a parameter that is no, yes or local says about the
// client.
func (c *Client) allowedBy(setting string) bool {
	return setting == "yes" || setting == "local" && local(c.Peer.RemoteAddr())
}

// top returns the command that a subcommand belongs to, or the command itself.
func (s *Spec) top() *Spec {
	if s.parent != nil {
		return s.parent
	}
	return s
}
