package grammar

import (
	"strconv"
	"strings"
)

// prefixes begin the names of the keys that hold a group's type, most of the time.
var prefixes = map[string]string{
	"list": "l", "hash": "h", "set": "s", "sorted-set": "z", "geo": "g", "stream": "x", "string": "k", "bitmap": "k", "hyperloglog": "p",
	vectorGroup: "v",
}

// initials are those of all keys.
const initials = "lhszgxkpv"

// keysPerType is how many keys there are of each.
const keysPerType = 3

func (d *Drawer) key() string {
	prefix, ok := prefixes[d.group]
	if !ok || d.percent(7) {
		prefix = d.pick(strings.Split(initials, "")...)
	}
	return prefix + strconv.Itoa(d.random.IntN(keysPerType))
}

// Keys are the names of all keys that requests are made of.
func Keys() (names []string) {
	for _, initial := range strings.Split(initials, "") {
		for i := range keysPerType {
			names = append(names, initial+strconv.Itoa(i))
		}
	}
	return names
}

// text is a member, a field or a value.
func (d *Drawer) text() string {
	switch n := d.random.IntN(100); {
	case n < 55:
		return d.pick("a", "b", "c", "d", "e", "f", "g", "h") + d.pick("", "", "1", "2")
	case n < 75:
		return strconv.Itoa(d.random.IntN(30) - 5)
	case n < 80:
		return d.pick("", "007", "-0", "1.5", "3e2", "inf", "nan", "+1", " 1", "9223372036854775807", "-9223372036854775808", "18446744073709551615")
	case n < 88:
		return d.pick("x", "\x00", "\xff\xfe", "\r\n", "longer than what fits beside the rest")
	case n < 92:
		return strings.Repeat(d.pick("v", "w"), 60+d.random.IntN(10))
	case n < 93:
		return strings.Repeat("L", 5000)
	}
	return "m" + strconv.Itoa(d.random.IntN(200))
}

func (d *Drawer) integer() string {
	switch n := d.random.IntN(100); {
	case n < 80:
		return strconv.Itoa(d.random.IntN(14) - 4)
	case n < 90:
		return d.pick("100", "127", "-100", "1000", "32768")
	case n < 97:
		return d.pick("9223372036854775807", "-9223372036854775808", "4294967296", "-1")
	}
	return d.pick("", "x", "1.5", "+1", "01", " 1", "9223372036854775808", "-0")
}

// small is an integer that no memory has to be made for, or that is refused.
func (d *Drawer) small() string {
	return d.pick("0", "1", "2", "7", "8", "9", "63", "100", "-1", "300", "x", "1000", "4294967296")
}

func (d *Drawer) double() string {
	switch n := d.random.IntN(100); {
	case n < 50:
		return strconv.Itoa(d.random.IntN(20) - 5)
	case n < 80:
		return d.pick("1.5", "-2.25", "0.1", "3.0", "1e3", "1e10", "1e-7", "17179869184", "123456789.123456789", "0.30000000000000004", "5e-324")
	case n < 92:
		return d.pick("inf", "-inf", "+inf", "-0", "0", "1e308")
	}
	return d.pick("nan", "x", "", "1.5x", " 1", "0x10", "1e400")
}

func (d *Drawer) bound() string {
	switch n := d.random.IntN(100); {
	case n < 35:
		return d.double()
	case n < 50:
		return "(" + d.double()
	case n < 65:
		return d.pick("-inf", "+inf", "-", "+")
	case n < 90:
		return d.pick("[", "(") + d.text()
	}
	return d.text()
}

// words are the values of arguments whose name says more than their type.
var words = map[string][]string{
	"timeout":                {"0.01", "0.01", "0.001", "-1", "x"},
	"pattern":                {"*", "a*", "?", "[a-c]*", "m1?", "*2", "\\a", "[^a]", "", "l*"},
	"by-pattern":             {"nosort", "k*", "h*->a", "*", "w_*", "#"},
	"get-pattern":            {"#", "k*", "h*->a", "*", "x"},
	"unix-time-seconds":      {"4000000000", "4000000001", "1", "0", "-1", "x", "9223372036854775807"},
	"unix-time-milliseconds": {"4000000000000", "4000000000500", "1", "0", "-1", "x", "9223372036854775807"},
	"seconds":                {"100000", "200000", "100001", "0", "-1", "x", "9223372036854775807"},
	"milliseconds":           {"100000000", "200000000", "0", "-1", "x", "9223372036854775807"},
	"ttl":                    {"0", "100000000", "-1", "x"},
	"db":                     {"0", "1", "1", "99", "x"},
	"destination-db":         {"0", "0", "1", "99", "x"},
	"index":                  {"0", "1", "-1", "2", "5", "x", "100"},
	"cursor":                 {"0", "0", "0", "x"},
	"type":                   {"string", "list", "hash", "set", "zset", "stream", "vectorset", "nothing"},
	"subcommand":             {"encoding", "x"},
	"encoding":               {"u1", "u8", "i16", "u63", "i64", "u64", "i8", "x", "i5"},
	"longitude":              {"13.361389", "15.087269", "-122.4", "0", "180", "181", "x"},
	"latitude":               {"38.115556", "37.502669", "37.77", "0", "85.05112878", "86", "x"},
	"radius":                 {"100", "200", "0", "1e7", "-1", "x"},
	"width":                  {"100", "400", "1e7", "-1", "x"},
	"height":                 {"100", "400", "1e7", "-1", "x"},
	"group":                  {"g1", "g1", "g2"},
	"consumer":               {"c1", "c2"},
	"min-idle-time":          {"0", "0", "1000000000", "-1", "x"},
	"ms":                     {"0", "1000", "x"},
	"numreplicas":            {"0", "0", "-1", "x"},
	"numlocal":               {"0", "0", "2", "x"},
	"value-of-bit":           {"0", "1", "1", "2", "x"},
	"username":               {"u1", "u1", "u2", "nobody"},
	"password":               {"pw", "pw", "x"},
	"rule": {
		"on", "off", "~*", "~l*", "%R~k*", "%W~h*", "%RW~z*", "%~x", "&*", "&ch*", "resetchannels", "allchannels", "nopass", "resetpass", ">pw", "<pw", "<x",
		"#2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b", "!2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b", "#x",
		"+@all", "-@all", "+get", "-set", "+@read", "-@write", "-@dangerous", "+config|get", "-config|set", "+config", "+select|0", "allkeys", "resetkeys",
		"allcommands", "nocommands", "reset", "(+get ~x*)", "(~k* +@read -mget)", "(x)", "(", "clearselectors", "+nosuch", "+@bad", "x", "", "sanitize-payload",
		"skip-sanitize-payload", "+get|x", "%Z~x", "~\\x00",
	},
	"category":             {"read", "write", "@read", "dangerous", "fast", "nosuch", "geo"},
	"bits":                 {"1", "5", "256", "4096", "4097", "0", "-1", "x"},
	"module-name":          {"vectorset", "nosuch"},
	"parameter":            {"hash-max-listpack-entries", "set-max-intset-entries", "list-*", "*-max-listpack-*", "nosuch", "zset-max-ziplist-value", "maxmemory-samples"},
	"section":              {"keyspace"},
	"channel":              {"ch1", "ch2", ""},
	"shardchannel":         {"ch1", "ch2", ""},
	"connection-name":      {"me", "", "a b", "you", "\xff"},
	"libname":              {"lib", "", "a b"},
	"libver":               {"1.2", "", "a b"},
	"client-id":            {"0", "999999999", "-1", "x"},
	"event":                {"command", "expire-cycle", "nosuch"},
	"library-name":         {"lib1", "lib2", "nosuch"},
	"library-name-pattern": {"*", "lib?", "x*"},
	"function":             {"f1", "f2", "nosuch", "F1"},
	"function-code": {
		"#!lua name=lib1\nredis.register_function('f1', function(keys, args) return {#keys, #args, keys[1] or 'none'} end)",
		"#!lua name=lib2\nredis.register_function{function_name='f2', callback=function(keys, args) return redis.call('get', keys[1] or 'k0') end, flags={'no-writes'}, description='reads'}",
		"#!lua name=lib2\nredis.register_function('f1', function() return 1 end)", "#!lua\nreturn 1", "return 1", "#!lua name=lib1 x\n", "#!js name=a\n", "#!lua name=lib1\nreturn x.y",
		"#!lua name=lib1\n",
	},
	"script": {
		"return 1", "return KEYS", "return ARGV", "return {1, 2, {3, 'x'}, false, 'y'}", "return redis.call('incr', KEYS[1])", "return redis.error_reply('MY error')",
		"return redis.status_reply('fine')", "return redis.call('nosuch')", "return redis.pcall('get')", "return {err='x'}", "return 3.99", "return nil", "x = 1", "return {double=1.5}",
		"redis.setresp(3) return {map={a=1}}", "return redis.sha1hex(ARGV[1] or '')", "return cjson.encode(ARGV)", "#!lua flags=no-writes\nreturn redis.call('set', KEYS[1], 1)",
		"#!lua flags=nosuch\nreturn 1", "return", "return (", "return tostring(ARGV[1])", "return redis.call('set', KEYS[1], ARGV[1], 'GET')", "error('x')", "error({err='ERR mine'})",
		"return redis.call('type', KEYS[1])", "return redis.call('type', KEYS[1])['ok']", "return #redis.call('keys', '*')",
	},
	"sha1": {
		"e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "E0E1F9FABFC9D4800C877A703B823AC0578FF8DB", "ffffffffffffffffffffffffffffffffffffffff", "x", "4ca238f611c9d0ae4e9a75a5dbac22aedc1e44b2",
	},
	"frequency":        {"1", "255", "256", "x"},
	"serialized-value": {"", "x", "\x00\x01a\x0b\x00\x00\x00\x00\x00\x00\x00\x00\x00"},
}

// value is what stands for an argument.
func (d *Drawer) value(a *argument) string {
	if a.kind == "key" {
		return d.key()
	}
	name := a.name
	switch {
	case d.name == "config|set":
		return d.setting(name)
	case d.name == "module|unload":
		name = "module-name"
	case name == "value" && (d.name == "setbit" || d.name == "bitfield"):
		name = "value-of-bit"
	case (name == "milliseconds" || name == "timeout") && a.kind == "integer" && blocks(d.name):
		return d.pick("1", "2", "-1", "x") // what is waited, and not how long something lasts
	case name == "offset" && d.group == "bitmap" && strings.HasPrefix(d.name, "bitfield"):
		return d.pick("", "", "#") + d.small()
	case name == "offset" && d.group != "sorted-set" && d.group != "generic":
		return d.small()
	case d.group == vectorGroup:
		if v, ok := d.vectorValue(name); ok {
			return v
		}
	case d.group == "stream":
		if v, ok := d.stream(name); ok {
			return v
		}
	case d.group == "sorted-set" && (name == "min" || name == "max" || name == "start" || name == "stop") && a.kind != "integer":
		return d.bound()
	}
	if from, ok := words[name]; ok {
		return d.pick(from...)
	}
	switch a.kind {
	case "integer", "unix-time":
		return d.integer()
	case "double":
		return d.double()
	}
	return d.text()
}

// setting is a name or a value for CONFIG SET, of what changes nothing but how values lie in memory.
func (d *Drawer) setting(name string) string {
	if name == "parameter" {
		return d.pick("hash-max-listpack-entries", "set-max-listpack-entries", "set-max-intset-entries", "zset-max-listpack-entries", "stream-node-max-entries", "nosuch")
	}
	return d.pick("4", "4", "8", "128", "512", "-1", "x", "")
}

// stream is what stands for an argument of a stream command, if its name alone doesn't say.
func (d *Drawer) stream(name string) (string, bool) {
	switch name {
	case "id", "start", "end", "last-id", "lastid", "max-deleted-id":
		if d.name == "xadd" {
			return d.nextID(), true
		}
		return d.streamID(), true
	case "threshold":
		return d.pick("0", "1", "3", "10", "10-5", "x", "-1"), true
	case "field", "value":
		return d.text(), true
	}
	return "", false
}
