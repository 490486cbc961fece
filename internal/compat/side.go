package compat

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/resp"
	"github.com/crucible-cache/crucible/internal/compat/script"
)

// scanRoundsMax bounds how long a SCAN may take to come to its end.
const scanRoundsMax = 100_000

// side is one of the two servers during one case: its connections and the case's variables.
type side struct {
	address   string
	protocol  script.Protocol
	version   int // RESP version every connection begins with
	conns     map[string]*connection
	variables map[string]string
}

func newSide(address string, protocol script.Protocol, version int) *side {
	return &side{
		address: address, protocol: protocol, version: version,
		conns: map[string]*connection{}, variables: map[string]string{},
	}
}

// connection returns the named connection, opening it on first use.
func (s *side) connection(name string) (*connection, error) {
	if c, ok := s.conns[name]; ok {
		return c, nil
	}
	c, err := dial(s.address, s.protocol)
	if err != nil {
		return nil, err
	}
	s.conns[name] = c
	if s.version == 3 {
		reply := c.exchange(resp.Command("HELLO", "3"), func(r *Reply) { c.readReplies(r, 1, false) })
		if reply.Fault != nil || reply.Closed || len(reply.Values) != 1 || reply.Values[0].Kind != resp.Map {
			return nil, fmt.Errorf("HELLO 3 did not switch the connection to RESP3: %s", reply.String())
		}
	}
	return c, nil
}

func (s *side) closeConnection(name string) {
	if c, ok := s.conns[name]; ok {
		c.Close()
		delete(s.conns, name)
	}
}

func (s *side) closeAll() {
	for name := range s.conns {
		s.closeConnection(name)
	}
}

// unread names a connection that still holds bytes nobody asked for, "" when there is none.
func (s *side) unread() string {
	for name, c := range s.conns {
		if c.leftover() > 0 {
			return cmp.Or(name, "the first connection")
		}
	}
	return ""
}

// take plays one step and returns what the server answered.
func (s *side) take(step *script.Step) Reply {
	if step.Op == script.Close || step.Op == script.Reconnect {
		s.closeConnection(step.Conn)
		if step.Op == script.Close {
			return Reply{}
		}
	}
	c, err := s.connection(step.Conn)
	if err != nil {
		return Reply{Fault: err}
	}
	switch step.Op {
	case script.Command, script.Times:
		return s.command(c, step)
	case script.Send, script.Raw:
		payload, err := s.payload(step)
		if err != nil {
			return Reply{Fault: err}
		}
		return c.exchange(payload, func(r *Reply) {
			if step.Op == script.Raw {
				c.drain(r, quietPeriod)
			}
		})
	case script.Drain:
		return c.exchange(nil, func(r *Reply) { c.drain(r, quietPeriod) })
	case script.Read:
		return c.exchange(nil, func(r *Reply) { c.readReplies(r, step.Count, true) })
	case script.ScanAll:
		return s.scanAll(c, step)
	default:
		return Reply{}
	}
}

// drainMore reads on after a drain, for servers that disagreed perhaps only because one was slow.
func (s *side) drainMore(step *script.Step, reply *Reply) {
	c, ok := s.conns[step.Conn]
	if !ok || reply.Closed || reply.Fault != nil {
		return
	}
	c.drain(reply, quietExtension)
}

func (s *side) command(c *connection, step *script.Step) Reply {
	times := max(step.Count, 1)
	var payload []byte
	for i := range times {
		if step.Op == script.Times {
			s.variables["i"] = strconv.Itoa(i + 1)
		}
		one, err := s.payload(step)
		if err != nil {
			return Reply{Fault: err}
		}
		payload = append(payload, one...)
	}
	if s.protocol == script.Memcached && hasNoreply(payload) {
		times = 0
	}
	replies, pushes := times, false
	if n := s.confirmations(step); n > 0 {
		replies, pushes = n*times, true
	}
	reply := c.exchange(payload, func(r *Reply) { c.readReplies(r, replies, pushes) })
	s.remember(step, &reply)
	return reply
}

// confirmations is how many messages answer a command that subscribes or ends
// subscriptions: one for each channel, pushes under RESP3. It is 0 for any other
// command.
func (s *side) confirmations(step *script.Step) int {
	name, _ := step.CommandName()
	if name = strings.ToLower(name); s.protocol != script.Redis || !slices.Contains(subscribing, name) {
		return 0
	}
	return max(len(step.Args)-1, 1)
}

var subscribing = []string{"subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe"}

// hasNoreply says whether the command line asks for silence.
func hasNoreply(payload []byte) bool {
	line, _, _ := bytes.Cut(payload, []byte("\r\n"))
	return bytes.HasSuffix(line, []byte(" noreply"))
}

// payload builds the bytes of a step.
func (s *side) payload(step *script.Step) ([]byte, error) {
	if step.Op == script.Raw {
		return step.Data.Expand(s.variables)
	}
	args, err := s.arguments(step)
	if err != nil {
		return nil, err
	}
	if s.protocol == script.Redis {
		return resp.AppendCommand(nil, args...), nil
	}
	payload := append(args[0], '\r', '\n')
	if step.Data != nil {
		data, err := step.Data.Expand(s.variables)
		if err != nil {
			return nil, err
		}
		payload = append(append(payload, data...), '\r', '\n')
	}
	return payload, nil
}

func (s *side) arguments(step *script.Step) ([][]byte, error) {
	args := make([][]byte, len(step.Args))
	for i, template := range step.Args {
		var err error
		if args[i], err = template.Expand(s.variables); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// remember sets the step's variable from the reply.
func (s *side) remember(step *script.Step, reply *Reply) {
	if step.Variable == "" || reply.Fault != nil || reply.Closed {
		return
	}
	if step.Capture != nil {
		m := step.Capture.FindSubmatch(reply.Raw)
		if m == nil {
			reply.Fault = fmt.Errorf("the reply does not match /%s/: %s", step.Capture, resp.Quote(reply.Raw))
			return
		}
		s.variables[step.Variable] = string(m[1])
		return
	}
	last := &reply.Values[len(reply.Values)-1]
	if last.IsAggregate() || last.Nil || last.IsError() {
		reply.Fault = fmt.Errorf("${%s} cannot be taken from %s", step.Variable, last)
		return
	}
	s.variables[step.Variable] = string(last.Text)
}

// scanAll follows the cursor of SCAN (or HSCAN and the like, where it is the second argument) until
// it is 0. The reply it makes up is an array of every element returned, sorted, without repetitions,
// since the order and repetitions of a scan are nobody's promise.
func (s *side) scanAll(c *connection, step *script.Step) Reply {
	args, err := s.arguments(step)
	if err != nil {
		return Reply{Fault: err}
	}
	at := 1
	if len(args) > 0 && !bytes.EqualFold(args[0], []byte("SCAN")) {
		at = 2
	}
	if len(args) <= at {
		return Reply{Fault: fmt.Errorf("scanall needs a cursor to begin with")}
	}
	var found [][]byte
	for range scanRoundsMax {
		reply := c.exchange(resp.AppendCommand(nil, args...), func(r *Reply) { c.readReplies(r, 1, false) })
		if reply.Fault != nil || reply.Closed || reply.Values[0].IsError() {
			return reply
		}
		v := &reply.Values[0]
		if len(v.Elems) != 2 || !v.Elems[1].IsAggregate() {
			return Reply{Fault: fmt.Errorf("no reply to a scan: %s", v)}
		}
		for i := range v.Elems[1].Elems {
			found = append(found, v.Elems[1].Elems[i].Raw)
		}
		args[at] = v.Elems[0].Text
		if string(args[at]) == "0" {
			return scanned(found)
		}
	}
	return Reply{Fault: fmt.Errorf("the scan did not end in %d rounds", scanRoundsMax)}
}

func scanned(found [][]byte) Reply {
	slices.SortFunc(found, bytes.Compare)
	found = slices.CompactFunc(found, bytes.Equal)
	raw := fmt.Appendf(nil, "*%d\r\n", len(found))
	for _, elem := range found {
		raw = append(raw, elem...)
	}
	var reply Reply
	v, err := resp.NewReader(bytes.NewReader(raw)).ReadValue()
	if err != nil {
		reply.Fault = err
		return reply
	}
	reply.add(v)
	return reply
}

// wait lets a sleep step's time go by.
func wait(step *script.Step) { time.Sleep(step.Pause) }
