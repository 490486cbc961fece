package command

func commandDocsCommand(c *Client, args [][]byte) {
	table := c.W.Server.Table
	specs := table.order
	if len(args) > 2 {
		specs = nil
		for _, name := range args[2:] {
			if s := table.lookupFull(name); s != nil {
				specs = append(specs, s)
			}
		}
	}
	c.replyDocs(specs)
}

func (c *Client) replyDocs(specs []*Spec) {
	c.Reply.MapLen(len(specs))
	for _, s := range specs {
		c.Reply.BulkString(s.fullname)
		c.replyDoc(s)
	}
}

// replyDoc documents one command. What has nothing to say is left out.
func (c *Client) replyDoc(s *Spec) {
	r := &c.Reply
	if s.Flags&Module != 0 {
		r.MapLen(2)
		c.replyField("group", s.group)
		c.replyField("module", vectorModule.name)
		return
	}
	arguments := parseArguments(s.Arguments)
	deprecated := s.Deprecated.Since != ""
	n := 3
	for _, present := range []bool{
		s.Complexity != "", deprecated || s.System, deprecated, deprecated,
		len(s.History) > 0, len(arguments) > 0, len(s.Sub) > 0,
	} {
		if present {
			n++
		}
	}
	r.MapLen(n)
	c.replyField("summary", s.Summary)
	c.replyField("since", s.Since)
	c.replyField("group", s.group)
	if s.Complexity != "" {
		c.replyField("complexity", s.Complexity)
	}
	switch {
	case s.System:
		r.BulkString("doc_flags")
		c.replyStatuses([]string{"syscmd"}, "")
	case deprecated:
		r.BulkString("doc_flags")
		c.replyStatuses([]string{"deprecated"}, "")
		c.replyField("deprecated_since", s.Deprecated.Since)
		c.replyField("replaced_by", s.Deprecated.ReplacedBy)
	}
	if len(s.History) > 0 {
		r.BulkString("history")
		r.SetLen(len(s.History))
		for _, change := range s.History {
			r.ArrayLen(2)
			r.BulkString(change.Since)
			r.BulkString(change.Text)
		}
	}
	if len(arguments) > 0 {
		c.replyArguments(arguments)
	}
	if len(s.Sub) > 0 {
		r.BulkString("subcommands")
		c.replyDocs(s.Sub)
	}
}

func (c *Client) replyField(name, value string) {
	c.Reply.BulkString(name)
	c.Reply.BulkString(value)
}

func (c *Client) replyArguments(list []argument) {
	c.Reply.BulkString("arguments")
	c.Reply.ArrayLen(len(list))
	for i := range list {
		c.replyArgument(&list[i])
	}
}

// replyArgument documents one argument. What has nothing to say is left out.
func (c *Client) replyArgument(a *argument) {
	r := &c.Reply
	var flags []string
	for _, f := range []struct {
		set  bool
		name string
	}{{a.optional, "optional"}, {a.multiple, "multiple"}, {a.multipleToken, "multiple_token"}} {
		if f.set {
			flags = append(flags, f.name)
		}
	}
	n := 2
	for _, present := range []bool{
		a.display != "", a.keySpec >= 0, a.hasToken(), a.since != "",
		a.deprecated != "", flags != nil, a.inner != nil,
	} {
		if present {
			n++
		}
	}
	r.MapLen(n)
	c.replyField("name", a.name)
	c.replyField("type", a.kind)
	if a.display != "" {
		c.replyField("display_text", a.display)
	}
	if a.keySpec >= 0 {
		r.BulkString("key_spec_index")
		r.Int(int64(a.keySpec))
	}
	if a.hasToken() {
		c.replyField("token", a.token)
	}
	for _, f := range []struct{ name, value string }{
		{"since", a.since}, {"deprecated_since", a.deprecated},
	} {
		if f.value != "" {
			c.replyField(f.name, f.value)
		}
	}
	if flags != nil {
		r.BulkString("flags")
		c.replyStatuses(flags, "")
	}
	if a.inner != nil {
		c.replyArguments(a.inner)
	}
}
