package redisconf

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Convert makes a profile of a redis.conf. What the file leaves out and Redis
// does otherwise than a profile that leaves it out is written as Redis does it.
func Convert(file string) (*Profile, error) {
	lines, err := Read(file)
	if err != nil {
		return nil, err
	}
	c := &converter{lines: lines, profile: &Profile{File: file}}
	c.profile.add("# Made of "+inComment(file)+": behind each value stands the directive that it comes from.", nil)
	c.profile.add("# What became no key is listed at the end.", nil)
	for section := range strings.FieldsSeq("workers cache redis persistence shutdown logging") {
		c.table(section)
	}
	if err := c.listeners(); err != nil {
		return nil, err
	}
	c.judge()
	return c.profile, nil
}

type converter struct {
	lines   []Line
	profile *Profile
}

// A form writes the value of a directive in TOML; "" means that the profile is
// the same without the key, which note then explains.
type form func(c *converter, value string) (toml, note string)

// keys are the directives that have a key of their own in a section, in the order
// of the profile. Those without a form here are written by a section itself.
var keys = []struct {
	section, key, directive string
	form                    form
	always                  bool // write the default of Redis as well, which is not that of a profile
}{
	{"workers", "threads", "io-threads", threads, false},
	{"workers", "cpu_affinity", "server-cpulist", cpuList, false},
	{"cache", "maxmemory", "maxmemory", maxmemory, false},
	{"cache", "policy", "maxmemory-policy", text, true},
	{"redis", "databases", "databases", number, false},
	{"redis", "cluster_enabled", "cluster-enabled", truth, false},
	{"redis", "cluster_config_file", "cluster-config-file", text, false},
	{"redis", "requirepass", "requirepass", text, false},
	{"redis", "aclfile", "aclfile", path, false},
	{"redis", "acl_pubsub_default", "acl-pubsub-default", text, false},
	{"redis", "acllog_max_len", "acllog-max-len", number, false},
	{"redis", "protected_mode", "protected-mode", truth, false},
	{"redis", "enable_debug_command", "enable-debug-command", text, false},
	{"redis", "enable_module_command", "enable-module-command", text, false},
	{"redis", "enable_protected_configs", "enable-protected-configs", text, false},
	{"redis", "maxclients", "maxclients", number, false},
	{"redis", "replicaof", "replicaof", text, false},
	{"redis", "maxmemory_clients", "maxmemory-clients", text, false},
	{"redis", "timeout", "timeout", number, false},
	{"redis", "proto_max_bulk_len", "proto-max-bulk-len", size, false},
	{"redis", "client_query_buffer_limit", "client-query-buffer-limit", size, false},
	{"persistence", "dir", "dir", text, false},
	{"persistence", "dbfilename", "dbfilename", text, false},
	{"persistence", "rdbcompression", "rdbcompression", truth, false},
	{"persistence", "rdbchecksum", "rdbchecksum", truth, false},
	{"persistence", "stop_writes_on_bgsave_error", "stop-writes-on-bgsave-error", truth, false},
	{"shutdown", "drain_timeout", "shutdown-timeout", number, false},
	{"logging", "level", "loglevel", level, false},
	{"logging", "file", "logfile", path, false},
}

// elsewhere are the directives that sections and listeners write by themselves.
var elsewhere = strings.Fields("save client-output-buffer-limit bind port unixsocket unixsocketperm " +
	"tcp-backlog tcp-keepalive tls-port tls-cert-file tls-key-file tls-ca-cert-file tls-auth-clients tls-protocols " +
	"tls-ciphers appendonly cluster-port")

// table writes a section, if anything is in it.
func (c *converter) table(section string) {
	for _, k := range keys {
		if k.section != section {
			continue
		}
		l, value := last(c.lines, k.directive), Lookup(k.directive).Default
		if l != nil {
			value = l.Value
		} else if !k.always {
			continue
		}
		toml, why := k.form(c, value)
		if toml == "" {
			c.note(l, Mapped, why)
			continue
		}
		c.profile.table("[" + section + "]")
		c.profile.key(k.key, toml, l)
	}
	switch section {
	case "redis":
		c.redis()
	case "persistence":
		c.save()
	}
}

func (c *converter) note(l *Line, fate Fate, why string) {
	c.profile.notes = append(c.profile.notes, note{l, fate, why})
}

func text(_ *converter, value string) (toml, note string)   { return QuoteTOML(value), "" }
func number(_ *converter, value string) (toml, note string) { return value, "" }
func truth(_ *converter, value string) (toml, note string) {
	return strconv.FormatBool(value == "yes"), ""
}

// path is a file, from the directory that Redis would have gone to.
func path(c *converter, value string) (toml, note string) { return QuoteTOML(c.place(value)), "" }

func (c *converter) place(file string) string {
	if dir := last(c.lines, "dir"); dir != nil && file != "" && !filepath.IsAbs(file) {
		return filepath.Join(dir.Value, file)
	}
	return file
}

func size(_ *converter, value string) (toml, note string) {
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil || n > maxInt64 {
		n = maxInt64
	}
	unit := ""
	for _, u := range []string{"kb", "mb", "gb"} {
		if n == 0 || n%1024 != 0 {
			break
		}
		n, unit = n/1024, u
	}
	return QuoteTOML(strconv.FormatUint(n, 10) + unit), ""
}

func maxmemory(c *converter, value string) (toml, note string) {
	if value == "0" {
		return "", "it is set when the server starts: all but an eighth of the machine"
	}
	return size(c, value)
}

func threads(_ *converter, value string) (toml, note string) {
	if value == "1" {
		return "", "there is a loop for each physical core"
	}
	return value, ""
}

func cpuList(_ *converter, value string) (toml, note string) {
	if value == "" {
		return "", "the kernel places the loops"
	}
	list, _ := parseCPUs(value) // checked
	return tomlTexts(list), ""
}

func tomlTexts(list []string) string {
	quoted := make([]string, len(list))
	for i, each := range list {
		quoted[i] = QuoteTOML(each)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// level is a log level by the name of a profile.
func level(_ *converter, value string) (toml, note string) {
	return QuoteTOML(map[string]string{
		"debug": "debug", "verbose": "debug", "notice": "info", "warning": "warn", "nothing": "error",
	}[value]), ""
}

// redis writes what of its section has several lines: users, new names of
// commands, limits, and the parameters that have no key.
func (c *converter) redis() {
	c.list("users", "user")
	c.list("rename_command", "rename-command")
	c.outputLimits()
	var kept []*Line
	for i := range c.lines {
		l := &c.lines[i]
		if l.Of != nil && (c.isParameter(l) || c.setAtStart(l)) && last(c.lines, l.Of.Name) == l {
			kept = append(kept, l)
		}
	}
	others := c.otherLimits()
	if len(kept) == 0 && others == nil {
		return
	}
	c.profile.table("[redis]")
	c.profile.add("parameters = [", nil)
	if others != nil {
		c.profile.add("  "+QuoteTOML(others.Name+" "+others.Value)+","+comment(others), others)
	}
	for _, l := range kept {
		about := comment(l)
		if l.Of.Fate == NotNeeded {
			about = fmt.Sprintf("  # shown, and %s: %s", NotNeeded, l.Of.Why)
		}
		value := l.Value
		if strings.HasSuffix(l.Name, "-file") && c.setAtStart(l) {
			value = c.place(value)
		}
		c.profile.add("  "+QuoteTOML(l.Name+" "+Quote(value))+","+about, l)
	}
	c.profile.add("]", nil)
}

// setAtStart reports whether a line goes into redis.parameters though its directive has another
// place: what a key of the profile cannot say.
func (c *converter) setAtStart(l *Line) bool {
	return l.Of.Name == "maxmemory" && l.Value == "0" || c.forLater(l.Of)
}

// isParameter reports whether a line goes into redis.parameters: what has an effect
// and no key, and what has none but can be asked for.
func (c *converter) isParameter(l *Line) bool {
	d := l.Of
	switch {
	case d.Immutable || hasKey(d.Name) || slices.Contains(elsewhere, d.Name):
		return false
	case d.Fate == Mapped:
		return true
	}
	return d.Fate == NotNeeded && l.Value != d.Default && d.Kind != Text
}

func hasKey(name string) bool {
	for _, k := range keys {
		if k.directive == name {
			return true
		}
	}
	return false
}

// list writes all lines of a name as a list of their arguments.
func (c *converter) list(key, name string) {
	started := false
	for i := range c.lines {
		l := &c.lines[i]
		if l.Name != name {
			continue
		}
		if !started {
			c.profile.table("[redis]")
			c.profile.add(key+" = [", nil)
			started = true
		}
		c.profile.add("  "+QuoteTOML(strings.TrimSpace(strings.Join(l.Args, " ")))+","+comment(l), l)
	}
	if started {
		c.profile.add("]", nil)
	}
}

// limits are the last client-output-buffer-limit of each class, and the line of each.
func (c *converter) limits() (limits map[string]OutputLimit, from map[string]*Line) {
	limits, from = map[string]OutputLimit{}, map[string]*Line{}
	for i := range c.lines {
		l := &c.lines[i]
		if l.Of == nil || l.Of.Name != "client-output-buffer-limit" {
			continue
		}
		list, _ := ParseOutputLimits(l.Value) // checked
		for _, limit := range list {
			limits[limit.Class], from[limit.Class] = limit, l
		}
	}
	return limits, from
}

// outputLimits writes the limit of plain clients.
func (c *converter) outputLimits() {
	limits, from := c.limits()
	if limit, given := limits["normal"]; given {
		c.profile.table("[redis]")
		c.profile.key("client_output_buffer_limit",
			QuoteTOML(fmt.Sprintf("normal %d %d %d", limit.Hard, limit.Soft, limit.SoftSeconds)), from["normal"])
	}
}

// otherLimits are those of the other classes as one parameter, nil if there are none.
func (c *converter) otherLimits() *Line {
	limits, from := c.limits()
	var words []string
	var l *Line
	for _, class := range []string{"slave", "pubsub"} {
		if limit, given := limits[class]; given {
			words = append(words, fmt.Sprintf("%s %d %d %d", class, limit.Hard, limit.Soft, limit.SoftSeconds))
			l = from[class]
		}
	}
	if l == nil {
		return nil
	}
	all := *l
	all.Value = strings.Join(words, " ")
	return &all
}

// save writes the save points: those of all lines since the last that took all away.
func (c *converter) save() {
	var from *Line
	var words []string
	for i := range c.lines {
		l := &c.lines[i]
		if l.Of == nil || l.Of.Name != "save" {
			continue
		}
		if from = l; l.Value == "" {
			words = nil
			continue
		}
		words = append(words, l.Value)
	}
	value := strings.Join(words, " ")
	if from == nil {
		value = Lookup("save").Default
	}
	c.profile.table("[persistence]")
	c.profile.key("save", QuoteTOML(value), from)
}

// judge says of each line that became no key why.
func (c *converter) judge() {
	for i := range c.lines {
		l := &c.lines[i]
		switch {
		case l.Name == "loadmodule":
			c.note(l, Unsupported, "modules cannot be loaded")
		case l.Name == "list-max-ziplist-entries" || l.Name == "list-max-ziplist-value":
			c.note(l, NotNeeded, "it has no effect in Redis either")
		case l.Of == nil || c.isParameter(l):
		case last(c.lines, l.Of.Name) != l && l.Name != "save" && l.Name != "client-output-buffer-limit":
			c.note(l, NotNeeded, "a later line says otherwise")
		default:
			c.judgeDirective(l)
		}
	}
}

func (c *converter) judgeDirective(l *Line) {
	switch d := l.Of; {
	case d.Fate == NotNeeded:
		c.note(l, NotNeeded, d.Why)
	case d.Fate == Unsupported && l.Value == d.Default:
		c.note(l, NotNeeded, "it is the default: "+d.Why)
	case d.Fate == Unsupported:
		c.note(l, Unsupported, d.Why)
	case d.Name == "appendonly" && l.Value == "yes":
		c.note(l, Unsupported, "there is no append-only file; save makes snapshots")
	case d.Name == "appendonly":
		c.note(l, Mapped, "it is off")
	case d.Name == "cluster-port":
		c.note(l, NotNeeded, "there is no bus of a cluster")
	}
}

// errSilent is what Redis says of a server that has no socket.
var errSilent = errors.New("Configured to not listen anywhere, exiting.") //nolint:revive,staticcheck // Redis' text
