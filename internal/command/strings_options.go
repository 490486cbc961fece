package command

import "math"

// existence is what SET asks of its key.
type existence uint8

const (
	existAny existence = iota
	existNot           // NX
	existYes           // XX
)

// expireUnit says how an expiry was given.
type expireUnit uint8

const (
	expireNone expireUnit = iota
	expireEX              // seconds from now
	expirePX              // milliseconds from now
	expireEXAT            // unix time in seconds
	expirePXAT            // unix time in milliseconds
)

// setOptions are the options of SET and GETEX.
type setOptions struct {
	exist   existence
	unit    expireUnit
	get     bool
	keepTTL bool
	persist bool
	number  []byte // the expiry as given; read once it is known to be needed
}

// optionSet says which command's options are parsed.
type optionSet uint8

const (
	setOnly optionSet = iota
	getexOnly
)

// parse reads the options and replies with an error if they are unknown or
// contradict each other. An option may be repeated.
func (o *setOptions) parse(c *Client, options [][]byte, of optionSet) bool {
	for i := 0; i < len(options); i++ {
		word := options[i]
		if unit := expireUnitNamed(word); unit != expireNone {
			if i++; i == len(options) || o.keepTTL || o.persist || o.unit != expireNone && o.unit != unit {
				c.Error(errSyntax)
				return false
			}
			o.unit, o.number = unit, options[i]
			continue
		}
		if !o.parseWord(word, of) {
			c.Error(errSyntax)
			return false
		}
	}
	return true
}

// parseWord reads an option that has no argument.
func (o *setOptions) parseWord(word []byte, of optionSet) bool {
	switch {
	case of == getexOnly:
		o.persist = true
		return equalName(word, "persist") && o.unit == expireNone
	case equalName(word, "nx"):
		ok := o.exist != existYes
		o.exist = existNot
		return ok
	case equalName(word, "xx"):
		ok := o.exist != existNot
		o.exist = existYes
		return ok
	case equalName(word, "get"):
		o.get = true
		return true
	case equalName(word, "keepttl"):
		o.keepTTL = true
		return o.unit == expireNone
	}
	return false
}

func expireUnitNamed(word []byte) expireUnit {
	switch {
	case equalName(word, "ex"):
		return expireEX
	case equalName(word, "px"):
		return expirePX
	case equalName(word, "exat"):
		return expireEXAT
	case equalName(word, "pxat"):
		return expirePXAT
	}
	return expireNone
}

// forbids reports whether NX or XX forbids to set a key that is found or not.
func (o *setOptions) forbids(found bool) bool {
	return o.exist == existNot && found || o.exist == existYes && !found
}

// expireTime returns the unix time in milliseconds that the options ask for, or
// replies with an error that names the command.
func (c *Client) expireTime(command []byte, o *setOptions) (at int64, ok bool) {
	at, ok = parseInt(o.number)
	if !ok {
		c.Error(errNotInteger)
		return 0, false
	}
	ok = at > 0
	if o.unit == expireEX || o.unit == expireEXAT {
		ok = ok && at <= math.MaxInt64/1000
		at *= 1000
	}
	if o.unit == expireEX || o.unit == expirePX {
		ok = ok && at <= math.MaxInt64-c.W.NowMS
		at += c.W.NowMS
	}
	if !ok {
		c.Error(errExpireTime(command))
	}
	return at, ok
}
