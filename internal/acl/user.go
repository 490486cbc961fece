package acl

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"strings"
)

// User is what rules made of a user. It never changes.
type User struct {
	enabled      bool
	noPassword   bool // any password will do
	skipSanitize bool // RESTORE need not look at what it is given
	passwords    []digest
	selectors    []selector // the first one is that of the rules outside of parentheses
}

// digest is the SHA-256 of a password.
type digest [sha256.Size]byte

// newUser makes a user that may do nothing.
func newUser(c *Catalogue, allChannels bool) *User {
	return &User{selectors: []selector{newSelector(c, allChannels)}}
}

func (u *User) clone() *User {
	n := *u
	n.passwords = slices.Clone(u.passwords)
	n.selectors = make([]selector, len(u.selectors))
	for i := range u.selectors {
		n.selectors[i] = u.selectors[i].clone()
	}
	return &n
}

// unlimited reports whether every request is allowed.
func (u *User) unlimited() bool {
	return slices.ContainsFunc(u.selectors, func(s selector) bool { return s.unlimited() })
}

// Open reports whether the user needs no password to log in: connections of
// the default user begin logged in then.
func (u *User) Open() bool { return u.noPassword && u.enabled }

// NoPassword reports whether any password will do.
func (u *User) NoPassword() bool { return u.noPassword }

// Accepts reports whether the user may log in with the password. It takes the
// same time wherever a password differs.
func (u *User) Accepts(password []byte) bool {
	given := digest(sha256.Sum256(password))
	found := 0
	for i := range u.passwords {
		found |= subtle.ConstantTimeCompare(given[:], u.passwords[i][:])
	}
	return u.enabled && (u.noPassword || found == 1)
}

// apply changes the user by one rule. allChannels is what new selectors and a
// reset begin with.
func (u *User) apply(rule string, allChannels bool) error {
	switch strings.ToLower(rule) {
	case "": // nothing
	case "on":
		u.enabled = true
	case "off":
		u.enabled = false
	case "nopass":
		u.noPassword, u.passwords = true, nil
	case "resetpass":
		u.noPassword, u.passwords = false, nil
	case "skip-sanitize-payload":
		u.skipSanitize = true
	case "sanitize-payload":
		u.skipSanitize = false
	case "clearselectors":
		u.selectors = u.selectors[:1]
	case "reset":
		*u = *newUser(u.selectors[0].catalogue, allChannels)
	default:
		return u.applyNamed(rule, allChannels)
	}
	return nil
}

// applyNamed is apply for rules that are not a single word.
func (u *User) applyNamed(rule string, allChannels bool) error {
	switch {
	case strings.ContainsRune(">#<!", rune(rule[0])):
		return u.applyPassword(rule[0], rule[1:])
	case rule[0] == '(' && rule[len(rule)-1] == ')':
		s := newSelector(u.selectors[0].catalogue, allChannels)
		for _, inner := range strings.Fields(rule[1 : len(rule)-1]) {
			if err := s.apply(inner); err != nil {
				return err
			}
		}
		u.selectors = append(u.selectors, s)
		return nil
	}
	return u.selectors[0].apply(rule)
}

// applyPassword adds (> #) or removes (< !) a password, or the hash of one (# !).
func (u *User) applyPassword(kind byte, text string) error {
	d := digest(sha256.Sum256([]byte(text)))
	if kind == '#' || kind == '!' {
		raw, err := hex.DecodeString(text)
		if err != nil || len(raw) != len(d) || text != strings.ToLower(text) {
			return errBadHash
		}
		d = digest(raw)
	}
	at := slices.Index(u.passwords, d)
	switch {
	case kind == '>' || kind == '#':
		u.noPassword = false
		if at < 0 {
			u.passwords = append(u.passwords, d)
		}
	case at < 0:
		return errNoPassword
	default:
		u.passwords = slices.Delete(u.passwords, at, at+1)
	}
	return nil
}

// Flags returns the user's flags as rules.
func (u *User) Flags() []string {
	flags := []string{"off"}
	if u.enabled {
		flags[0] = "on"
	}
	if u.noPassword {
		flags = append(flags, "nopass")
	}
	if u.skipSanitize {
		return append(flags, "skip-sanitize-payload")
	}
	return append(flags, "sanitize-payload")
}

// Passwords returns the SHA-256 of the user's passwords in hexadecimal digits.
func (u *User) Passwords() []string {
	texts := make([]string, len(u.passwords))
	for i, d := range u.passwords {
		texts[i] = hex.EncodeToString(d[:])
	}
	return texts
}

// SelectorText is a selector as rules.
type SelectorText struct{ Commands, Keys, Channels string }

// Selectors returns the selectors as rules, the first one being that of the
// rules outside of parentheses.
func (u *User) Selectors() []SelectorText {
	texts := make([]SelectorText, len(u.selectors))
	for i := range u.selectors {
		s := &u.selectors[i]
		texts[i] = SelectorText{s.describeCommands(), s.describeKeys(), s.describeChannels()}
	}
	return texts
}

// String returns rules that make the user out of a new one.
func (u *User) String() string {
	words := u.Flags()
	for _, p := range u.Passwords() {
		words = append(words, "#"+p)
	}
	for i := range u.selectors {
		text := u.selectors[i].String()
		if i > 0 {
			text = "(" + text + ")"
		}
		words = append(words, text)
	}
	return strings.Join(words, " ")
}

// mergeSelectors joins the rules between parentheses that were given as several
// arguments.
func mergeSelectors(rules []string) ([]string, error) {
	var merged []string
	start := -1
	for i, rule := range rules {
		opens := strings.HasPrefix(rule, "(")
		closes := strings.HasSuffix(rule, ")")
		switch {
		case start < 0 && opens && !closes:
			start = i
		case start < 0:
			merged = append(merged, rule)
		case closes:
			merged = append(merged, strings.Join(rules[start:i+1], " "))
			start = -1
		}
	}
	if start >= 0 {
		return nil, &UnmatchedError{rules[start]}
	}
	return merged, nil
}
