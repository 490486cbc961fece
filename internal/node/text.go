package node

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Text is the content of a file of the node at address, which is only noted for others to read: "ip:port@bus,host", with
// whatever is to stand behind that.
func (s *State) Text(address string) string {
	return fmt.Sprintf("%s\nvars currentEpoch %d lastVoteEpoch %d\n", s.Line(address+",shard-id="+s.Shard), s.CurrentEpoch, s.VoteEpoch)
}

// Parse reads the content of a file. The error says which line can't be read, and why.
func Parse(text string) (*State, error) {
	s := &State{}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		words := strings.Fields(line)
		var err error
		switch {
		case len(words) == 0:
			err = errors.New("it is empty")
		case words[0] == "vars":
			err = s.parseVars(words[1:])
		default:
			err = s.parseNode(words)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if s.ID == "" {
		return nil, errors.New("no line is of the node itself")
	}
	if s.Shard == "" {
		s.Shard = randomName() // a file of Redis before 7.2
	}
	s.CurrentEpoch = max(s.CurrentEpoch, s.ConfigEpoch)
	return s, nil
}

func (s *State) parseVars(words []string) error {
	if len(words)%2 != 0 {
		return fmt.Errorf("%s has no value", words[len(words)-1])
	}
	for i := 0; i < len(words); i += 2 {
		n, err := strconv.ParseUint(words[i+1], 10, 64)
		if err != nil {
			return fmt.Errorf("%s %q is not a number", words[i], words[i+1])
		}
		switch words[i] {
		case "currentEpoch":
			s.CurrentEpoch = n
		case "lastVoteEpoch":
			s.VoteEpoch = n
		} // Redis skips what it doesn't know
	}
	return nil
}

// The words of a node's line.
const (
	nodeName = iota
	nodeAddress
	nodeFlags
	nodeMaster
	nodePing
	nodePong
	nodeEpoch
	nodeLink
	nodeSlots // all that follow
)

func (s *State) parseNode(words []string) error {
	switch {
	case len(words) < nodeSlots:
		return fmt.Errorf("it ends after %d words", len(words))
	case !isName(words[nodeName]):
		return fmt.Errorf("%q is no name of a node", words[nodeName])
	case !hasFlag(words[nodeFlags], "myself"):
		return fmt.Errorf("it is of another node, %s, and this server is a cluster of one: "+
			"start from a nodes.conf of a node alone, or without one", words[nodeName])
	case s.ID != "":
		return errors.New("it is a second one of the node itself")
	case !hasFlag(words[nodeFlags], "master"):
		return errors.New("the node is a replica, and this server is never one: start without a nodes.conf")
	}
	s.ID = words[nodeName]
	if err := s.parseAddress(words[nodeAddress]); err != nil {
		return err
	}
	epoch, err := strconv.ParseUint(words[nodeEpoch], 10, 64)
	if err != nil {
		return fmt.Errorf("epoch %q is not a number", words[nodeEpoch])
	}
	s.ConfigEpoch = epoch
	for _, word := range words[nodeSlots:] {
		if err := s.parseSlots(word); err != nil {
			return err
		}
	}
	return nil
}

func hasFlag(flags, flag string) bool { return slices.Contains(strings.Split(flags, ","), flag) }

func isName(word string) bool {
	if len(word) != nameLen {
		return false
	}
	for _, b := range []byte(word) {
		if (b < '0' || b > '9') && (b < 'a' || b > 'f') {
			return false
		}
	}
	return true
}

// parseAddress reads ip:port@bus,hostname,name=value... Of that the name of the shard is of use: where the node
// is reached it knows better.
func (s *State) parseAddress(word string) error {
	parts := strings.Split(word, ",")
	if !strings.Contains(parts[0], ":") {
		return fmt.Errorf("%q is no address", parts[0])
	}
	for i, part := range parts {
		name, value, found := strings.Cut(part, "=")
		switch {
		case i < 2: // the address, the host's name
		case !found:
			return fmt.Errorf("%q behind the address has no value", part)
		case name == "shard-id":
			if !isName(value) {
				return fmt.Errorf("%q is no name of a shard", value)
			}
			s.Shard = value
		}
	}
	return nil
}

// parseSlots reads 5, 5-9, [5->-NODE] or [5-<-NODE].
func (s *State) parseSlots(word string) error {
	if inner, ok := strings.CutPrefix(word, "["); ok {
		return s.parseOpenSlot(strings.TrimSuffix(inner, "]"))
	}
	from, to, isRange := strings.Cut(word, "-")
	first, err := parseSlot(from)
	last := first
	if isRange && err == nil {
		last, err = parseSlot(to)
	}
	if err != nil || last < first {
		return fmt.Errorf("%q names no slots from 0 to %d", word, SlotCount-1)
	}
	for slot := first; slot <= last; slot++ {
		s.Owned.Add(slot)
	}
	return nil
}

func (s *State) parseOpenSlot(word string) error {
	number, rest, _ := strings.Cut(word, "-")
	slot, err := parseSlot(number)
	if err != nil || len(rest) < 2 || rest[1] != '-' || rest[0] != '>' && rest[0] != '<' {
		return fmt.Errorf("[%s] is no slot on its way", word)
	}
	if rest[2:] != s.ID {
		return fmt.Errorf("slot %d is on its way between this node and another, and this server is a cluster of one", slot)
	}
	if rest[0] == '>' {
		s.Migrating.Add(slot)
	} else {
		s.Importing.Add(slot)
	}
	return nil
}

func parseSlot(word string) (int, error) {
	n, err := strconv.ParseUint(word, 10, 14)
	return int(n), err //nolint:gosec // 14 bits
}
