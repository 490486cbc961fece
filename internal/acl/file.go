package acl

import (
	"errors"
	"fmt"
	"strings"
)

// Load replaces all users by those of an ACL file, of which text is the
// content and name is for errors. With an error, which names every line that is
// not in order, nothing is changed. It returns the accounts that are gone.
func (us *Users) Load(name, text string) (gone []*Account, err error) {
	l := loader{users: us, name: name, found: map[string]*User{}}
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "\x00")
		if line = strings.Trim(line, " \t\r\n"); line != "" {
			l.line(i+1, line)
		}
	}
	if l.faults.Len() > 0 {
		return nil, errors.New(l.faults.String() + "WARNING: ACL errors detected, no change to the previously active ACL rules was performed")
	}
	return us.replace(l.found), nil
}

// loader reads an ACL file.
type loader struct {
	users  *Users
	name   string
	found  map[string]*User
	faults strings.Builder
}

func (l *loader) line(number int, text string) {
	words := strings.Split(text, " ")
	if words[0] != "user" || len(words) < 2 {
		fmt.Fprintf(&l.faults, "%s:%d should start with user keyword followed by the username. ", l.name, number)
		return
	}
	name := words[1]
	switch {
	case hasSpaces(name):
		fmt.Fprintf(&l.faults, "'%s:%d: username '%s' contains invalid characters. ", l.name, number, name)
		return
	case l.found[name] != nil:
		fmt.Fprintf(&l.faults, "WARNING: Duplicate user '%s' found on line %d. ", name, number)
		return
	}
	rules := words[2:]
	for i := range rules {
		rules[i] = strings.Trim(rules[i], "\t\r\n")
	}
	merged, err := mergeSelectors(rules)
	if err != nil {
		fmt.Fprintf(&l.faults, "%s:%d: Unmatched parenthesis in selector definition.", l.name, number)
		return
	}
	l.found[name] = l.user(number, merged)
}

// user makes the user of a line. Of the rules that are not in order the first
// is reported, and every one that names what there is not.
func (l *loader) user(number int, rules []string) *User {
	allChannels := l.users.allChannels.Load()
	u := newUser(l.users.catalogue, allChannels)
	reported := false
	for _, rule := range rules {
		err := u.apply(rule, allChannels)
		switch {
		case err == nil:
		case unknownName(err):
			fmt.Fprintf(&l.faults, "%s:%d: Error in applying operation '%s': %s. ", l.name, number, rule, err)
		case !reported:
			fmt.Fprintf(&l.faults, "%s:%d: %s. ", l.name, number, err)
			reported = true
		}
	}
	return u
}

// Text returns all users as the content of an ACL file.
func (us *Users) Text() string { return strings.Join(us.Lines(), "\n") + "\n" }
