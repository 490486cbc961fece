package command

// ShutdownRequest holds the options of SHUTDOWN.
type ShutdownRequest struct {
	NoSave, Save, Now, Force, Abort bool
}

// shutdownCommand replies only when the server stays: otherwise the client sees
// its connection close.
func shutdownCommand(c *Client, args [][]byte) {
	r, ok := parseShutdown(args[1:])
	if !ok {
		c.Error(errSyntax)
		return
	}
	if busy := c.W.Server.scripts.busy.Load(); busy != nil && !r.NoSave {
		c.Error(busy.refusal())
		return
	}
	stop := c.W.Server.Shutdown
	switch {
	case stop == nil && r.Abort:
		c.Error(errNoShutdown)
	case stop == nil:
		c.Error(errShutdown)
	default:
		c.shutdown(stop, r)
	}
}

func (c *Client) shutdown(stop func(ShutdownRequest) error, r ShutdownRequest) {
	err := stop(r)
	switch {
	case r.Abort && err == nil:
		c.Reply.SimpleString("OK")
	case r.Abort:
		c.Error(errNoShutdown)
	case err != nil:
		c.Error(errShutdown)
	}
}

func parseShutdown(options [][]byte) (r ShutdownRequest, ok bool) {
	for _, o := range options {
		switch {
		case equalName(o, "nosave"):
			r.NoSave = true
		case equalName(o, "save"):
			r.Save = true
		case equalName(o, "now"):
			r.Now = true
		case equalName(o, "force"):
			r.Force = true
		case equalName(o, "abort"):
			r.Abort = true
		default:
			return r, false
		}
	}
	return r, !(r.Abort && (r.NoSave || r.Save || r.Now || r.Force)) && !(r.NoSave && r.Save)
}
