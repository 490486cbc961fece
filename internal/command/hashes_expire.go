package command

import "slices"

// fieldExpiryMax is the latest time at which a field may expire, unix
// milliseconds: two bits below what the reference server's index of expiries holds.
const fieldExpiryMax = (1<<48 - 2) >> 2

func hexpireCommand(c *Client, args [][]byte)    { c.expireFields(args, expireEX) }
func hpexpireCommand(c *Client, args [][]byte)   { c.expireFields(args, expirePX) }
func hexpireatCommand(c *Client, args [][]byte)  { c.expireFields(args, expireEXAT) }
func hpexpireatCommand(c *Client, args [][]byte) { c.expireFields(args, expirePXAT) }

// What the commands on the expiry of fields reply for each of them.
const (
	fieldMissing   = -2
	fieldPersists  = -1
	fieldUnchanged = 0
	fieldChanged   = 1
	fieldDeleted   = 2
)

// fieldTime turns an expiry into unix milliseconds, or replies with an error
// that names the command.
func (c *Client) fieldTime(command, number []byte, unit expireUnit) (at int64, ok bool) {
	n, ok := parseInt(number)
	switch {
	case !ok:
		c.Error(errNotInteger)
		return 0, false
	case n < 0:
		c.Error(errFieldExpire)
		return 0, false
	}
	at, ok = absoluteExpiry(n, unit, c.W.NowMS)
	if !ok || at > fieldExpiryMax {
		c.Error(errExpireTime(command))
		return 0, false
	}
	return at, true
}

func (c *Client) expireFields(args [][]byte, unit expireUnit) {
	var h hashView
	found, ok := h.edit(c, c.Key(args, 1))
	if !ok {
		return
	}
	at, ok := c.fieldTime(args[0], args[2], unit)
	if !ok {
		return
	}
	rest, cond := args[3:], expireCondition(0)
	switch word := rest[0]; {
	case equalName(word, "nx"):
		cond = expireNX
	case equalName(word, "xx"):
		cond = expireXX
	case equalName(word, "gt"):
		cond = expireGT
	case equalName(word, "lt"):
		cond = expireLT
	}
	if cond != 0 {
		rest = rest[1:]
	}
	fields, ok := c.parseFields(rest, errNumFields)
	if !ok {
		return
	}
	if found {
		h.giveTimes()
	}
	c.Reply.ArrayLen(len(fields))
	changed, told := false, [][]byte(nil)
	for _, field := range fields {
		result := int64(fieldMissing)
		if found {
			result = h.expireField(field, cond, at)
		}
		if result > fieldUnchanged {
			changed = true
			if c.telling() {
				told = append(told, field)
			}
		}
		c.Reply.Int(result)
	}
	if changed {
		h.notifyTime(at)
		h.gone()
	}
	if len(told) > 0 {
		name := "HPEXPIREAT"
		if unit == expirePXAT {
			name = string(args[0])
		}
		c.tellFieldTimes(name, at, args[1:len(args)-len(fields)-1], told)
	}
}

// tellFieldTimes tells that fields were given a time, with what came before their number in a request of that name, or that
// they are gone if the time has passed.
func (c *Client) tellFieldTimes(name string, at int64, before, fields [][]byte) {
	if at <= c.W.NowMS {
		c.tellFieldsGone(before[0], fields)
		return
	}
	args := append(slices.Clone(before), new(intText).format(int64(len(fields))))
	args[1] = new(intText).format(at)
	c.effect(name, append(args, fields...)...)
}

// tellFieldsGone tells of fields that are deleted because they were given a time that has passed.
func (c *Client) tellFieldsGone(key []byte, fields [][]byte) {
	for _, field := range fields {
		c.effect("HDEL", key, field)
	}
}

// notifyTime tells that fields got an expiry, which deleted them if it has passed.
func (h *hashView) notifyTime(at int64) {
	if at <= h.c.W.NowMS {
		h.notify("hdel")
	} else {
		h.notify("hexpire")
	}
}

// expireField sets when a field expires, or deletes it if that has passed.
func (h *hashView) expireField(field []byte, cond expireCondition, at int64) int64 {
	_, old, had := h.look(field)
	switch {
	case !had:
		return fieldMissing
	case !cond.allows(old, at):
		return fieldUnchanged
	case at <= h.c.W.NowMS:
		h.drop(field)
		return fieldDeleted
	}
	h.expireAt(field, at)
	return fieldChanged
}

// drop removes a field that is given a time that is over, which counts as expired.
func (h *hashView) drop(field []byte) {
	h.delete(field)
	h.c.W.Worker.Stats.Fields.Add(1)
}

// parseFields reads FIELDS, a number and as many fields, of at least one argument.
func (c *Client) parseFields(rest [][]byte, notPositive string) (fields [][]byte, ok bool) {
	if !equalName(rest[0], "fields") {
		c.Error(errFieldsMissing)
		return nil, false
	}
	if len(rest) < 2 {
		c.Error(notPositive)
		return nil, false
	}
	n, isInt := parseInt(rest[1])
	switch fields = rest[2:]; {
	case !isInt || n <= 0:
		c.Error(notPositive)
	case n != int64(len(fields)):
		c.Error(errFieldsCount)
	default:
		return fields, true
	}
	return nil, false
}

func httlCommand(c *Client, args [][]byte) {
	c.fieldTimes(args, func(at int64) int64 { return (at - c.W.NowMS + 999) / 1000 })
}

func hpttlCommand(c *Client, args [][]byte) {
	c.fieldTimes(args, func(at int64) int64 { return at - c.W.NowMS })
}

func hexpiretimeCommand(c *Client, args [][]byte) {
	c.fieldTimes(args, func(at int64) int64 { return (at + 999) / 1000 })
}

func hpexpiretimeCommand(c *Client, args [][]byte) {
	c.fieldTimes(args, func(at int64) int64 { return at })
}

// fieldTimes replies for each field with what show makes of its expiry.
func (c *Client) fieldTimes(args [][]byte, show func(at int64) int64) {
	var h hashView
	found, ok := h.read(c, c.Key(args, 1))
	if !ok {
		return
	}
	fields, ok := c.parseFields(args[2:], errFieldsPositive)
	if !ok {
		return
	}
	c.Reply.ArrayLen(len(fields))
	for _, field := range fields {
		result := int64(fieldMissing)
		if found {
			if at, had := h.expiry(field); had && at == 0 {
				result = fieldPersists
			} else if had {
				result = show(at)
			}
		}
		c.Reply.Int(result)
	}
}

func hpersistCommand(c *Client, args [][]byte) {
	var h hashView
	found, ok := h.edit(c, c.Key(args, 1))
	if !ok {
		return
	}
	fields, ok := c.parseFields(args[2:], errFieldsPositive)
	if !ok {
		return
	}
	c.Reply.ArrayLen(len(fields))
	changed := false
	for _, field := range fields {
		result := int64(fieldMissing)
		if found {
			if at, had := h.expiry(field); had && at == 0 {
				result = fieldPersists
			} else if had {
				h.expireAt(field, 0)
				result, changed = fieldChanged, true
			}
		}
		c.Reply.Int(result)
	}
	if changed {
		c.W.Touched(c.DB, h.k)
		h.notify("hpersist")
	}
}

func hgetdelCommand(c *Client, args [][]byte) {
	var h hashView
	found, ok := h.edit(c, c.Key(args, 1))
	if !ok {
		return
	}
	fields, ok := c.parseFields(args[2:], errFieldsPositive)
	if !ok {
		return
	}
	c.Reply.ArrayLen(len(fields))
	deleted := false
	for _, field := range fields {
		h.replyField(found, field)
		if found && h.delete(field) {
			deleted = true
		}
	}
	if deleted {
		h.notify("hdel")
		h.gone()
		c.effect("HDEL", append([][]byte{h.k.Name}, fields...)...)
		return
	}
	h.finish()
}

// hgetexCommand looks for FIELDS where it must be, given the option before it.
func hgetexCommand(c *Client, args [][]byte) {
	var h hashView
	found, ok := h.edit(c, c.Key(args, 1))
	if !ok {
		return
	}
	rest, unit, persist := args[2:], expireUnitNamed(args[2]), false
	var at int64
	switch {
	case unit != expireNone:
		if at, ok = c.fieldTime(args[0], rest[1], unit); !ok {
			return
		}
		if rest = rest[2:]; len(rest) < 2 {
			c.Error(errArity("hgetex"))
			return
		}
	case equalName(rest[0], "persist"):
		persist, rest = true, rest[1:]
	}
	fields, ok := c.parseFields(rest, errFieldsPositive)
	if !ok {
		return
	}
	if found && (persist || unit != expireNone) {
		h.giveTimes()
	}
	c.Reply.ArrayLen(len(fields))
	changed, gone := false, [][]byte(nil)
	for _, field := range fields {
		h.replyField(found, field)
		if !found {
			continue
		}
		old, had := h.expiry(field)
		switch {
		case !had:
			continue
		case unit != expireNone && at <= c.W.NowMS:
			h.drop(field)
			if c.telling() {
				gone = append(gone, field)
			}
		case unit != expireNone:
			h.expireAt(field, at)
		case persist && old != 0:
			h.expireAt(field, 0)
		default:
			continue
		}
		changed = true
	}
	if changed {
		if persist {
			h.notify("hpersist")
		} else {
			h.notifyTime(at)
		}
		h.gone()
		c.tellGetex(args, unit, at, gone)
		return
	}
	h.finish()
}

// tellGetex tells of what HGETEX does to expiries. Fields that have passed are those that it deleted.
func (c *Client) tellGetex(args [][]byte, unit expireUnit, at int64, gone [][]byte) {
	switch {
	case !c.telling():
	case unit == expireNone:
		c.effect("HPERSIST", append([][]byte{args[1]}, args[3:]...)...)
	case at <= c.W.NowMS:
		c.tellFieldsGone(args[1], gone)
	default:
		c.effect("HPEXPIREAT", append([][]byte{args[1], new(intText).format(at)}, args[4:]...)...)
	}
}

// hsetexOptions are the options of HSETEX.
type hsetexOptions struct {
	exist   existence
	unit    expireUnit
	unitAt  int   // the argument that it is
	at      int64 // when the fields expire, with a unit
	keepTTL bool
	pairs   [][]byte
}

func hsetexCommand(c *Client, args [][]byte) {
	o, ok := c.parseHsetex(args)
	if !ok {
		return
	}
	var h hashView
	found, ok := h.edit(c, c.Key(args, 1))
	if !ok {
		return
	}
	if o.exist != existAny && !h.meets(&o, found) {
		c.Reply.Int(0)
		return
	}
	if !found {
		h.make(c, c.Key(args, 1))
	}
	h.setTimed(&o)
	h.notify("hset")
	if o.unit != expireNone {
		h.notifyTime(o.at)
	}
	h.gone()
	if o.unit != expireNone && c.telling() {
		c.tellSetex(args, &o)
	}
	c.Reply.Int(1)
}

// tellSetex tells of a HSETEX with an expiry with the time that it comes to.
func (c *Client) tellSetex(args [][]byte, o *hsetexOptions) {
	switch {
	case o.at <= c.W.NowMS:
		for i := 0; i < len(o.pairs); i += 2 {
			c.effect("HDEL", args[1], o.pairs[i])
		}
	case o.unit != expirePXAT:
		rest := slices.Clone(args[1:])
		rest[o.unitAt-1], rest[o.unitAt] = []byte("PXAT"), new(intText).format(o.at)
		c.effect(string(args[0]), rest...)
	}
}

// meets reports whether all fields exist, or none does, as the options ask. Those whose
// time is over go without an event, but for that of the hash if it goes, too.
func (h *hashView) meets(o *hsetexOptions, found bool) bool {
	for i := 0; i < len(o.pairs); i += 2 {
		had := false
		if found {
			var at int64
			if _, at, had = h.look(o.pairs[i]); had && h.over(at) {
				h.expired = h.expire(o.pairs[i]) || h.expired
				had = false
			}
		}
		if had != (o.exist == existYes) {
			h.finish()
			return false
		}
	}
	return true
}

// setTimed sets the fields of HSETEX; what is over already is deleted.
func (h *hashView) setTimed(o *hsetexOptions) {
	h.room(len(o.pairs)/2, o.pairs...)
	if o.unit != expireNone {
		h.giveTimes()
	}
	for i := 0; i < len(o.pairs); i += 2 {
		field, value := o.pairs[i], o.pairs[i+1]
		switch {
		case o.unit != expireNone && o.at <= h.c.W.NowMS:
			h.drop(field)
		case o.keepTTL:
			_, old, _ := h.look(field)
			h.set(field, value, old)
		default:
			h.set(field, value, o.at)
		}
	}
}

// parseHsetex reads what stands behind the key, and returns the error there is,
// "" if there is none.
func (c *Client) parseHsetex(args [][]byte) (o hsetexOptions, ok bool) {
	for i := 2; i < len(args); i++ {
		word, more := args[i], i+1 < len(args)
		unit := expireUnitNamed(word)
		switch {
		case equalName(word, "fields"):
			problem := o.parsePairs(args[i+1:])
			if problem != "" {
				c.Error(problem)
			}
			return o, problem == ""
		case equalName(word, "fnx"), equalName(word, "fxx"):
			if o.exist != existAny {
				c.Error(errOneCondition)
				return o, false
			}
			if o.exist = existYes; equalName(word, "fnx") {
				o.exist = existNot
			}
		case (unit != expireNone || equalName(word, "keepttl")) && (o.keepTTL || o.unit != expireNone):
			c.Error(errOneExpiry)
			return o, false
		case equalName(word, "keepttl"):
			o.keepTTL = true
		case unit != expireNone && more:
			o.unitAt = i
			i++
			if o.at, ok = c.fieldTime(args[0], args[i], unit); !ok {
				return o, false
			}
			o.unit = unit
		default:
			c.Error(errUnknownArgument(word))
			return o, false
		}
	}
	c.Error(errArity("hsetex"))
	return o, false
}

// parsePairs reads the number behind FIELDS, at which Redis looks only if a pair may
// follow it, and the pairs.
func (o *hsetexOptions) parsePairs(rest [][]byte) (problem string) {
	if len(rest) < 3 {
		return errArity("hsetex")
	}
	n, isInt := parseInt(rest[0])
	if !isInt || n <= 0 {
		return errFieldsInvalid
	}
	if o.pairs = rest[1:]; n > int64(len(rest)) || int64(len(o.pairs)) != 2*n {
		return errArity("hsetex")
	}
	return ""
}
