package command

import "github.com/crucible-cache/crucible/internal/acl"

func authCommand(c *Client, args [][]byte) {
	user, password := []byte(acl.DefaultUser), args[len(args)-1]
	switch {
	case len(args) > 3:
		c.Error(errSyntax)
		return
	case len(args) == 3:
		user = args[1]
	case c.W.Server.Users.Default().User().NoPassword():
		c.Error(errAuthNoPassword)
		return
	}
	if c.login(args[0], user, password) {
		c.Reply.SimpleString("OK")
	}
}

// login checks a user and password, and replies with an error if they are wrong.
// command is the word that asked for it, for the log.
func (c *Client) login(command, user, password []byte) bool {
	a := c.W.Server.Users.Get(user)
	if a == nil || !a.User().Accepts(password) {
		context := acl.TopLevel
		if c.tx.active {
			context = acl.InMulti
		}
		c.logDenied(acl.DeniedAuth, context, string(command), string(user))
		c.Error(errWrongPass)
		return false
	}
	c.become(a, true)
	return true
}

// greeting holds the arguments of HELLO.
type greeting struct {
	proto          int // 0 if not given
	user, password []byte
	login          bool
	name           []byte
	named          bool
}

func helloCommand(c *Client, args [][]byte) {
	g, ok := c.parseHello(args)
	if !ok || g.login && !c.login(args[0], g.user, g.password) {
		return
	}
	if !c.Authenticated() {
		c.Error(errHelloNoAuth)
		return
	}
	if g.named {
		c.setName(g.name)
	}
	if g.proto != 0 {
		c.setProto(g.proto)
	}
	c.replyHello()
}

func (c *Client) parseHello(args [][]byte) (g greeting, ok bool) {
	if len(args) > 1 {
		v, isInt := parseInt(args[1])
		if !isInt {
			c.Error(errProtoNotInt)
			return g, false
		}
		if v < 2 || v > 3 {
			c.Error(errNoProto)
			return g, false
		}
		g.proto = int(v)
	}
	for i := 2; i < len(args); i++ {
		switch more := len(args) - 1 - i; {
		case equalName(args[i], "auth") && more >= 2:
			g.login, g.user, g.password = true, args[i+1], args[i+2]
			i += 2
		case equalName(args[i], "setname") && more >= 1:
			g.named, g.name = true, args[i+1]
			if !plainText(g.name) {
				c.Error(errSpecialCharacters("Client names"))
				return g, false
			}
			i++
		default:
			c.Error("ERR Syntax error in HELLO option '" + printed(args[i], len(args[i])) + "'")
			return g, false
		}
	}
	return g, true
}

func (c *Client) replyHello() {
	r := &c.Reply
	r.MapLen(7)
	r.BulkString("server")
	r.BulkString("redis")
	r.BulkString("version")
	r.BulkString(RedisVersion)
	r.BulkString("proto")
	r.Int(int64(r.Proto))
	r.BulkString("id")
	r.Int(c.ID)
	r.BulkString("mode")
	r.BulkString(c.W.Server.mode())
	r.BulkString("role")
	if c.W.Server.isReplica() {
		r.BulkString("replica")
	} else {
		r.BulkString("master")
	}
	r.BulkString("modules")
	c.replyModules()
}
