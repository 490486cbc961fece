package compat

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/resp"
	"github.com/crucible-cache/crucible/internal/compat/script"
)

// The contract is the list of commands with our level beside each. It is broken when the list and
// one of the servers disagree, or when a level promises what no case checks. The functions below
// return the breaches they find, one sentence each, sorted by command.

// Check holds the list against both servers and the cases that use its commands.
func (l *CommandList) Check(protocol script.Protocol, reference, target string, used map[string]bool) ([]string, error) {
	ofReference, err := l.CheckReference(protocol, reference)
	if err != nil {
		return nil, err
	}
	ofTarget, err := l.CheckTarget(protocol, target)
	if err != nil {
		return nil, err
	}
	return slices.Concat(ofReference, ofTarget, l.CheckCases(used)), nil
}

// CheckReference holds the list against the reference server at the address. It refuses a server of
// another version than the list is of, since every newer command would look like a breach.
func (l *CommandList) CheckReference(protocol script.Protocol, address string) ([]string, error) {
	if protocol == script.Memcached {
		return l.checkProbes(address, true)
	}
	version, err := ReadVersion(address)
	if err != nil {
		return nil, err
	}
	if version != l.Reference {
		return nil, fmt.Errorf("the list is of version %s, the reference server is %s", l.Reference, version)
	}
	facts, err := ReadCommands(address)
	if err != nil {
		return nil, err
	}
	return l.referenceBreaches(facts), nil
}

// CheckTarget holds the list against our server at the address.
func (l *CommandList) CheckTarget(protocol script.Protocol, address string) ([]string, error) {
	if protocol == script.Memcached {
		return l.checkProbes(address, false)
	}
	facts, err := ReadCommands(address)
	if err != nil {
		return nil, err
	}
	return l.targetBreaches(facts), nil
}

// referenceBreaches holds the list against what the reference server says of itself.
func (l *CommandList) referenceBreaches(facts map[string]CommandFact) []string {
	listed := l.All()
	var breaches []string
	for _, name := range sortedKeys(facts) {
		command, ok := listed[name]
		if !ok {
			breaches = append(breaches, fmt.Sprintf("%s: the reference has it, the list does not", name))
			continue
		}
		breaches = append(breaches, command.disagreements(name, "the reference", facts[name])...)
	}
	for _, name := range sortedKeys(listed) {
		if _, ok := facts[name]; !ok {
			breaches = append(breaches, fmt.Sprintf("%s: listed, but the reference does not have it", name))
		}
	}
	return breaches
}

// targetBreaches holds the list against what our server says of itself.
func (l *CommandList) targetBreaches(facts map[string]CommandFact) []string {
	listed := l.All()
	var breaches []string
	for _, name := range sortedKeys(listed) {
		command := listed[name]
		fact, answered := facts[name]
		switch {
		case command.Level == Missing && answered:
			breaches = append(breaches, fmt.Sprintf("%s: listed as missing, but our server has it", name))
		case command.Level != Missing && !answered:
			breaches = append(breaches, fmt.Sprintf("%s: listed as %s, but our server does not have it", name, command.Level))
		case answered:
			breaches = append(breaches, command.disagreements(name, "our server", fact)...)
		}
	}
	for _, name := range sortedKeys(facts) {
		if _, ok := listed[name]; !ok {
			breaches = append(breaches, fmt.Sprintf("%s: our server has it, the reference does not", name))
		}
	}
	return breaches
}

// CheckCases finds the commands listed as full that no case uses. Used is what UsedCommands found.
func (l *CommandList) CheckCases(used map[string]bool) []string {
	listed := l.All()
	var breaches []string
	for _, name := range sortedKeys(listed) {
		if listed[name].Level == Full && !used[strings.ToLower(name)] {
			breaches = append(breaches, fmt.Sprintf("%s: listed as full, but no case uses it", name))
		}
	}
	return breaches
}

// UsedCommands names the commands the cases send: "get", "client|kill", for memcached also the
// first word of lines sent raw.
func UsedCommands(files []script.File) map[string]bool {
	used := map[string]bool{}
	for i := range files {
		for j := range files[i].Cases {
			for k := range files[i].Cases[j].Steps {
				addUsed(used, &files[i].Cases[j].Steps[k])
			}
		}
	}
	return used
}

func addUsed(used map[string]bool, step *script.Step) {
	name, subcommand := step.CommandName()
	if step.Op == script.Raw {
		if text, ok := step.Data.Literal(); ok {
			name = text
		}
	}
	words := strings.Fields(strings.ToLower(name))
	if len(words) > 1 {
		subcommand = words[1]
	}
	if len(words) > 0 {
		used[words[0]] = true
		used[words[0]+"|"+strings.ToLower(subcommand)] = true
	}
}

func (c *ListedCommand) disagreements(name, who string, fact CommandFact) []string {
	var breaches []string
	differs := func(what string, listed, said any) {
		if listed != said {
			breaches = append(breaches, fmt.Sprintf("%s: %s %v listed, %s says %v", name, what, listed, who, said))
		}
	}
	differs("arity", c.Arity, fact.Arity)
	differs("keys", fmt.Sprint(c.Keys), fmt.Sprint(fact.Keys))
	differs("flags", quoted(c.Flags), quoted(fact.Flags))
	differs("categories", quoted(c.ACL), quoted(fact.ACL))
	return breaches
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

// binaryResponse is the byte every response of memcached's binary protocol begins with; the status
// lies at binaryStatusAt, and binaryUnknown is the status of a command the server doesn't know.
const (
	binaryResponse = 0x81
	binaryStatusAt = 6
	binaryUnknown  = 0x81
	binaryHeader   = 24
)

// checkProbes sends each listed command's probe to a memcached server and holds the answers against
// the list. The reference has to know every command listed; ours those that are not missing.
func (l *CommandList) checkProbes(address string, isReference bool) ([]string, error) {
	listed := l.All()
	var breaches []string
	for _, name := range sortedKeys(listed) {
		command := listed[name]
		owed := replyTimeout
		if !isReference && command.Level == Missing {
			owed = quietExtension // perhaps silence: a protocol that is not spoken
		}
		known, answer, err := command.probe(address, owed)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		switch {
		case isReference && !known:
			breaches = append(breaches, fmt.Sprintf("%s: listed, but the reference answers %s", name, answer))
		case !isReference && command.Level == Missing && known:
			breaches = append(breaches, fmt.Sprintf("%s: listed as missing, but our server answers %s", name, answer))
		case !isReference && command.Level != Missing && !known:
			breaches = append(breaches, fmt.Sprintf("%s: listed as %s, but our server answers %s", name, command.Level, answer))
		}
	}
	return breaches, nil
}

// probe says whether the server at the address knows the command, and what it answered within the time it is given.
func (c *ListedCommand) probe(address string, owed time.Duration) (known bool, answer string, err error) {
	payload := []byte(c.Probe)
	if c.ProbeHex != "" {
		if payload, err = hex.DecodeString(strings.ReplaceAll(c.ProbeHex, " ", "")); err != nil {
			return false, "", fmt.Errorf("probe_hex: %w", err)
		}
	}
	if len(payload) == 0 {
		return false, "", fmt.Errorf("the list has no probe for it")
	}
	conn, err := dial(address, script.Memcached)
	if err != nil {
		return false, "", err
	}
	defer conn.Close()
	reply := conn.exchange(payload, func(r *Reply) {
		if conn.drain(r, quietPeriod); len(r.Raw) == 0 && !r.Closed && r.Fault == nil {
			conn.drain(r, owed)
		}
	})
	if reply.Fault != nil {
		return false, "", reply.Fault
	}
	answer = resp.Quote(reply.Raw)
	if c.ProbeHex != "" {
		known = len(reply.Raw) >= binaryHeader && reply.Raw[0] == binaryResponse &&
			(reply.Raw[binaryStatusAt] != 0 || reply.Raw[binaryStatusAt+1] != binaryUnknown)
		return known, answer, nil
	}
	// quit is answered by closing; every other command that is known says something else than ERROR,
	// which a probe of two lines gets twice.
	said := strings.ReplaceAll(string(reply.Raw), "ERROR\r\n", "")
	known = said != "" || len(reply.Raw) == 0 && reply.Closed
	return known, answer, nil
}
