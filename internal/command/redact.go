package command

import "strings"

// hiddenArgs marks arguments of a request, as far as the slow log keeps them.
type hiddenArgs [slowArgs]bool

// redacted marks the arguments that are secrets: passwords, and what ACL
// commands say of users.
func redacted(s *Spec, args [][]byte) (hidden hiddenArgs) {
	hide := func(from, to int) {
		for i := from; i < min(to, len(args), slowArgs); i++ {
			hidden[i] = true
		}
	}
	switch s.fullname {
	case "auth":
		hide(1, len(args))
	case "acl|setuser", "acl|getuser", "acl|deluser":
		hide(2, len(args))
	case "hello":
		for i := 2; i < len(args); i++ {
			if equalName(args[i], "auth") {
				hide(i+1, i+3)
			}
		}
	case "migrate":
		for i := 6; i < len(args); i++ {
			switch {
			case equalName(args[i], "auth"):
				hide(i+1, i+2)
			case equalName(args[i], "auth2"):
				hide(i+1, i+3)
			}
		}
	case "config|set":
		for i := 2; i < len(args); i += 2 {
			if secretParam(string(args[i])) {
				hide(i+1, i+2)
			}
		}
	}
	return hidden
}

// secretParam reports whether a parameter of CONFIG SET holds a secret.
func secretParam(name string) bool {
	switch strings.ToLower(name) {
	case "requirepass", "masterauth", "masteruser", "tls-key-file-pass", "tls-client-key-file-pass":
		return true
	}
	return false
}
