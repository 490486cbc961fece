package script

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Limits on what one step may ask for, so that no case file can hold a run up.
const (
	timesMax = 1_000_000
	readMax  = 1_000_000
	pauseMax = 10 * time.Second
)

var connectionPrefix = regexp.MustCompile(`^([A-Z][A-Za-z0-9]*):[ \t]+`)

// parseStep reads a line of a case.
func (p *parser) parseStep(line string) (Step, error) {
	step := Step{Line: p.line, Text: line}
	if m := connectionPrefix.FindStringSubmatch(line); m != nil {
		step.Conn = m[1]
		line = line[len(m[0]):]
	}
	keyword, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch keyword {
	case "send":
		step.Op = Send
		return step, p.parseCommand(&step, rest)
	case "times":
		count, command, _ := strings.Cut(rest, " ")
		n, err := strconv.Atoi(count)
		if err != nil || n < 1 || n > timesMax {
			return step, fmt.Errorf("write: times COUNT COMMAND, with a count up to %d", timesMax)
		}
		step.Op, step.Count = Times, n
		return step, p.parseCommand(&step, command)
	case "scanall":
		if p.protocol != Redis {
			return step, fmt.Errorf("scanall is for Redis cases")
		}
		step.Op = ScanAll
		return step, p.parseCommand(&step, rest)
	case "let":
		return step, p.parseLet(&step, rest)
	case "raw":
		step.Op = Raw
		return step, p.parseRaw(&step, rest)
	}
	if done, err := p.parseBare(&step, keyword, rest); done || err != nil {
		return step, err
	}
	return step, p.parseCommand(&step, line)
}

// parseBare reads the steps that send nothing.
func (p *parser) parseBare(step *Step, keyword, rest string) (bool, error) {
	argument, rule, _ := strings.Cut(rest, "~")
	argument = strings.TrimSpace(argument)
	var err error
	switch keyword {
	case "read":
		step.Op, step.Count = Read, 1
		if argument != "" {
			step.Count, err = strconv.Atoi(argument)
		}
		if err != nil || step.Count < 1 || step.Count > readMax {
			return false, fmt.Errorf("write: read COUNT, with a count up to %d", readMax)
		}
		argument = ""
	case "drain":
		step.Op = Drain
	case "reconnect":
		step.Op = Reconnect
	case "close":
		step.Op = Close
	case "sleep":
		step.Op = Sleep
		step.Pause, err = time.ParseDuration(argument)
		if err != nil || step.Pause <= 0 || step.Pause > pauseMax {
			return false, fmt.Errorf("write: sleep DURATION, up to %v", pauseMax)
		}
		argument = ""
	default:
		return false, nil
	}
	if argument != "" {
		return false, fmt.Errorf("%s takes no argument %q", keyword, argument)
	}
	if strings.Contains(rest, "~") {
		step.Rule, err = parseRule("~" + rule)
	}
	return true, err
}

// parseLet reads "let NAME = COMMAND" and "let NAME /RE/ = COMMAND".
func (p *parser) parseLet(step *Step, rest string) error {
	target, command, ok := strings.Cut(rest, " = ")
	name, pattern, captures := strings.Cut(strings.TrimSpace(target), " ")
	if !ok || !isName(name) {
		return fmt.Errorf("write: let NAME = COMMAND, or let NAME /RE/ = COMMAND")
	}
	step.Variable = name
	if captures {
		pattern = strings.TrimSpace(pattern)
		if len(pattern) < 2 || pattern[0] != '/' || pattern[len(pattern)-1] != '/' {
			return fmt.Errorf("write the pattern of %s between slashes, not as %q", name, pattern)
		}
		re, err := regexp.Compile(pattern[1 : len(pattern)-1])
		if err != nil {
			return err
		}
		if re.NumSubexp() != 1 {
			return fmt.Errorf("the pattern of %s needs one group, the part to keep", name)
		}
		step.Capture = re
	} else if p.protocol == Memcached {
		return fmt.Errorf("say which part of the reply %s is: let %s /RE/ = COMMAND", name, name)
	}
	return p.parseCommand(step, command)
}

// parseCommand reads the words of a command and the rule that may follow them.
func (p *parser) parseCommand(step *Step, line string) error {
	if p.protocol == Memcached {
		return p.parseTextLine(step, line)
	}
	s := scanner{line: line}
	for s.skipBlanks(); s.rest() != ""; s.skipBlanks() {
		if s.rest()[0] == '~' {
			var err error
			step.Rule, err = parseRule(s.rest())
			return checkRule(step, err)
		}
		word, err := s.word()
		if err != nil {
			return err
		}
		step.Args = append(step.Args, word)
	}
	return checkRule(step, nil)
}

// checkRule refuses what could not be judged: a step without a command, a rule without a reply.
func checkRule(step *Step, err error) error {
	switch {
	case err != nil:
		return err
	case len(step.Args) == 0:
		return fmt.Errorf("a command is missing")
	case step.Op == Send && step.Rule.Kind != Exact:
		return fmt.Errorf("send reads no reply: put %s on the read", step.Rule.Kind)
	default:
		return nil
	}
}

// parseTextLine reads a command of a protocol without quoting: the line is sent as it stands. A
// line in double quotes is a string with escapes.
func (p *parser) parseTextLine(step *Step, line string) error {
	var err error
	if at := strings.Index(line, " ~"); at >= 0 {
		if step.Rule, err = parseRule(line[at+1:]); err != nil {
			return err
		}
		line = strings.TrimRight(line[:at], " \t")
	}
	s := scanner{line: line}
	var t Template
	if strings.HasPrefix(line, `"`) {
		t, err = s.word()
	} else {
		t, err = s.text()
	}
	if err != nil {
		return err
	}
	if len(t) > 0 {
		step.Args = []Template{t}
	}
	return checkRule(step, nil)
}

func (p *parser) parseRaw(step *Step, line string) error {
	s := scanner{line: line}
	if s.rest() == "" || (s.rest()[0] != '"' && !strings.HasPrefix(s.rest(), "repeat(")) {
		return fmt.Errorf(`raw takes a string in double quotes, or repeat("text", count)`)
	}
	var payload Template
	for s.skipBlanks(); s.rest() != ""; s.skipBlanks() {
		if s.rest()[0] == '~' {
			var err error
			step.Rule, err = parseRule(s.rest())
			step.Data = payload
			return err
		}
		word, err := s.word()
		if err != nil {
			return err
		}
		payload = append(payload, word...)
	}
	step.Data = payload
	return nil
}
