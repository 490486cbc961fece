package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// box is the machine the tests load profiles for.
var box = Machine{MemoryBytes: 10 << 30, MemoryFrom: "machine", Cores: 4, CoresFrom: "physical cores", CPUs: []int{0, 1, 2, 3, 4, 5, 6, 7}}

// profile writes text to a file and returns its path.
func profile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "p.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDefaultsFitTheMachine(t *testing.T) {
	c, err := load("", nil, box)
	if err != nil {
		t.Fatal(err)
	}
	if c.Workers.Threads != 4 || c.Cache.Maxmemory != 6143<<20 || c.Cache.MaxValueSize != 512<<20 || c.Redis.Databases != 16 {
		t.Errorf("threads %d, maxmemory %s, max_value_size %s, databases %d", c.Workers.Threads, c.Cache.Maxmemory, c.Cache.MaxValueSize, c.Redis.Databases)
	}
	if len(c.Listeners) != 2 || c.Listeners[0].Address != "127.0.0.1:6379" || c.Listeners[1].Address != "[::1]:6379" || !c.Listeners[1].Optional {
		t.Errorf("listeners: %+v", c.Listeners)
	}
	if len(c.Warnings()) != 0 {
		t.Errorf("warnings: %q", c.Warnings())
	}
}

func TestProfileIsRead(t *testing.T) {
	c, err := load(profile(t, `
[workers]
threads = 2
cpu_affinity = [1, "4-5"]
[cache]
maxmemory = 1073741824
max_value_size = "2mb"
policy = "noeviction"
[engine.uring]
sqpoll = true
[shutdown]
drain_timeout = 3
[[listener]]
protocol = "memcache"
address = "[::1]:0"
keepalive = 0
[[listener]]
unix = "/run/x.sock"
unix_mode = 0o770
tls = { cert = "c", key = "k" }
`), nil, box)
	if err != nil {
		t.Fatal(err)
	}
	cpus, _ := c.Workers.CPUAffinity.CPUs()
	if c.Workers.Threads != 2 || !reflect.DeepEqual(cpus, []int{1, 4, 5}) {
		t.Errorf("workers: %+v", c.Workers)
	}
	if c.Cache.Maxmemory != 1<<30 || c.Cache.MaxValueSize != 2<<20 || c.Cache.Policy != "noeviction" || c.Cache.SegmentSize != 1<<20 {
		t.Errorf("cache: %+v", c.Cache)
	}
	if !c.Engine.Uring.SQPoll || c.Engine.Uring.BufferCount != 64 || c.Shutdown.DrainTimeout.Duration != 3*time.Second {
		t.Errorf("engine %+v, shutdown %+v", c.Engine, c.Shutdown)
	}
	first, second := c.Listeners[0], c.Listeners[1]
	if first.Protocol != "memcache" || first.Keepalive.Duration != 0 || first.Backlog != 511 {
		t.Errorf("first listener: %+v", first)
	}
	if second.Protocol != "resp" || second.UnixMode != 0o770 || second.Keepalive != Seconds(300) || !second.TLS.Enabled() || second.TLS.ClientAuth != "off" {
		t.Errorf("second listener: %+v", second)
	}
	if got := c.Origin("listener.1.tls.key").String(); got != c.File()+":20" {
		t.Errorf("listener.1.tls.key comes from %s", got)
	}
}

// Each row is a profile and what its error must say, after the file name.
func TestProfileErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"misspelt key":           {"[cache]\nmaxmemry = 4\n", ":2: unknown key cache.maxmemry; did you mean cache.maxmemory?"},
		"misspelt section":       {"\n[cahce]\npolicy = 'fifo'\n", ":2: unknown key cahce; did you mean cache?"},
		"wrong section":          {"[workers]\nmaxmemory = '1gb'\n", ":2: unknown key workers.maxmemory; did you mean cache.maxmemory?"},
		"misspelt listener key":  {"[[listener]]\naddress = 'a:1'\nprotcol = 'resp'\n", ":3: unknown key listener.protcol; did you mean listener.protocol?"},
		"nothing near":           {"[cache]\nqqqqqqqqqqqqqqqqqqq = 1\n", ":2: unknown key cache.qqqqqqqqqqqqqqqqqqq"},
		"misspelt nested key":    {"[engine.uring]\nsqpol = true\n", ":2: unknown key engine.uring.sqpol; did you mean engine.uring.sqpoll?"},
		"text for a number":      {"[workers]\n\nthreads = 'four'\n", ":3: workers.threads: expected a whole number"},
		"number for text":        {"[cache]\nbackend = 1\n", ":2: cache.backend: expected a string in quotes"},
		"text for a flag":        {"[engine.uring]\nsqpoll = 'yes'\n", ":2: engine.uring.sqpoll: expected true or false"},
		"text for a list":        {"[workers]\ncpu_affinity = '0-3'\n", ":2: workers.cpu_affinity: expected a list of CPU ranges"},
		"bad CPU":                {"[workers]\ncpu_affinity = [\n 0,\n 'x']\n", ":2: workers.cpu_affinity: \"x\" is not a CPU or a range"},
		"bad CPU type":           {"[workers]\ncpu_affinity = [true]\n", ":2: workers.cpu_affinity: \"true\" is not a CPU or a range"},
		"bad mode":               {"[[listener]]\nunix='/x'\nunix_mode = 'rwx'\n", ":3: listener.unix_mode: \"rwx\" is not a file mode"},
		"list for a size":        {"[cache]\nmaxmemory = []\n", ":2: cache.maxmemory: expected a size"},
		"too many threads":       {"[workers]\nthreads = 99999999999999999999\n", ":2:"},
		"bad size":               {"[cache]\nmaxmemory = '1 gb'\n", `:2: cache.maxmemory: "1 gb" is not a size`},
		"bad duration":           {"[shutdown]\ndrain_timeout = 'soon'\n", `:2: shutdown.drain_timeout: "soon" is not a duration`},
		"negative duration":      {"[shutdown]\ndrain_timeout = -5\n", `:2: shutdown.drain_timeout: "-5" is out of range`},
		"float for a size":       {"[cache]\nmaxmemory = 1.5\n", `:2: cache.maxmemory: "1.5" is not a size`},
		"syntax":                 {"[cache]\nmaxmemory = \n", ":2:"},
		"same key twice":         {"[cache]\npolicy = 'fifo'\npolicy = 'fifo'\n", ":3:"},
		"second listener":        {"[[listener]]\naddress = 'a:1'\n[[listener]]\nbacklog = 'x'\n", ":4: listener.backlog: expected a whole number"},
		"key of an inline table": {"[[listener]]\naddress = 'a:1'\ntls = {cert = 'a', key = 5, client_ca = 'x'}\n", ":3: listener.tls.key: expected a string in quotes"},
		"listener as a table":    {"[listener]\naddress = 'a:1'\n", ":2: a listener is an element of an array: write [[listener]]"},
		"listener as an array":   {"listener = [{address = 'a:1'}]\n", ":1: a listener is an element of an array: write [[listener]]"},
	} {
		t.Run(name, func(t *testing.T) {
			file := profile(t, c.text)
			_, err := load(file, nil, box)
			if err == nil {
				t.Fatal("was accepted")
			}
			if !strings.HasPrefix(err.Error(), file+":") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error: %v\nwant:  %s%s", err, file, c.want)
			}
		})
	}
}

func TestEveryUnknownKeyIsReported(t *testing.T) {
	_, err := load(profile(t, "[cache]\npolcy = 'fifo'\nbackand = 'segment'\n"), nil, box)
	if err == nil || !strings.Contains(err.Error(), "cache.policy?") || !strings.Contains(err.Error(), "cache.backend?") {
		t.Errorf("error: %v", err)
	}
}

func TestMissingAndOversizedProfile(t *testing.T) {
	if _, err := load(filepath.Join(t.TempDir(), "absent.toml"), nil, box); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("error: %v", err)
	}
	if _, err := load(profile(t, strings.Repeat("# comment\n", maxProfileBytes/10+1)), nil, box); err == nil || !strings.Contains(err.Error(), "larger than 1mb") {
		t.Errorf("error: %v", err)
	}
}

// Each row is a profile that reads well but makes no sense.
func TestSemanticErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"policy of some other backend": {"[cache]\nbackend = 'slab'\npolicy = 's3fifo'\n", `cache.policy (FILE:3): policy "s3fifo" does not exist; available: lra, lrc, random, none`},
		"unknown policy":               {"[cache]\npolicy = 'lru'\n", `policy "lru" does not exist; available: s3fifo, fifo, random`},
		"unknown backend":              {"[cache]\nbackend = 'segmnt'\n", `backend "segmnt" does not exist; available: segment, slab, heap; did you mean segment?`},
		"hugepages":                    {"[cache]\nhugepages = 'explicit'\n", "hugepages \"explicit\" does not exist; available: none, transparent, 2mb, 1gb"},
		"numa":                         {"[cache]\nnuma = 'local'\n", "write none, interleave, or nodes such as 0-1,3"},
		"slab growth":                  {"[cache]\nslab_growth_percent = 1\n", "1 is out of range"},
		"more than the machine":        {"[cache]\nmaxmemory = '11gb'\n", "cache.maxmemory (FILE:2): 11gb does not fit: the limit is 10240mb (the memory of this machine)"},
		"too small":                    {"[cache]\nmaxmemory = '8mb'\n[memcached]\nmax_item_size = '1mb'\n", "8mb is too small: the process, threads = 1 with 64 buffers of 16kb each, and 10 segments of 64kb need 33mb"},
		"segment size":                 {"[cache]\nsegment_size = '3mb'\n", "3mb is not a power of two"},
		"value larger than memory":     {"[cache]\nmaxmemory = '1gb'\nmax_value_size = '2gb'\n", "2gb does not fit in a maxmemory of 1gb"},
		"item larger than a value":     {"[cache]\nmax_value_size = '1mb'\n[memcached]\nmax_item_size = '2mb'\n", "memcached.max_item_size (FILE:4): 2mb is more than cache.max_value_size (1mb)"},
		"CPU outside of the mask":      {"[workers]\ncpu_affinity = ['9']\n", "this process may not run on CPU 9"},
		"CPU range":                    {"[workers]\ncpu_affinity = ['3-1']\n", `"3-1" is not a CPU or a range`},
		"threads":                      {"[workers]\nthreads = -1\n", "-1 is out of range"},
		"ring buffers":                 {"[engine.uring]\nbuffer_count = 48\n", "48 is not a power of two"},
		"databases":                    {"[redis]\ndatabases = 0\n", "redis.databases (FILE:2): 0 is out of range: set it from 1 to 256"},
		"soft above hard":              {"[redis]\nclient_output_buffer_limit = 'normal 1mb 2mb 1'\n", "soft limit 2mb is above the hard limit 1mb"},
		"item size":                    {"[cache]\nmaxmemory = '64mb'\n[memcached]\nmax_item_size = '64mb'\n", "more than half of maxmemory"},
		"driver":                       {"[engine]\ndriver = 'uringg'\n", "did you mean uring?"},
		"log level":                    {"[logging]\nlevel = 'notice'\n", `level "notice" does not exist; available: debug, info, warn, error`},
		"metrics address":              {"[metrics]\naddress = '9379'\n", "missing port in address"},
		"pprof without address":        {"[metrics]\npprof = true\n", "set metrics.address too"},
		"protocol":                     {"[[listener]]\nprotocol = 'redis'\naddress = 'a:1'\n", `protocol "redis" does not exist; available: resp, memcache, ping, auto`},
		"no address":                   {"[[listener]]\nprotocol = 'resp'\n", "listener.0.address: set an address"},
		"address and unix":             {"[[listener]]\naddress = 'a:1'\nunix = '/x'\n", "either an address or a unix path"},
		"port":                         {"[[listener]]\naddress = 'a:65536'\n", "no port number"},
		"IPv6 without brackets":        {"[[listener]]\naddress = '::1:6379'\n", "write HOST:PORT, such as 127.0.0.1:6379 or [::1]:6379"},
		"twice":                        {"[[listener]]\naddress = 'a:1'\n[[listener]]\naddress = 'a:1'\n", "listener 0 already listens on a:1"},
		"mode in decimal":              {"[[listener]]\nunix = '/x'\nunix_mode = 770\n", "is not an octal mode"},
		"mode without unix":            {"[[listener]]\naddress = 'a:1'\nunix_mode = '0700'\n", "need a listener with a unix path"},
		"long unix path":               {"[[listener]]\nunix = '/" + strings.Repeat("x", 200) + "'\n", "choose a shorter one"},
		"cert without key":             {"[[listener]]\naddress = 'a:1'\ntls = {cert = 'c'}\n", "TLS needs both cert and key"},
		"client auth without CA":       {"[[listener]]\naddress = 'a:1'\ntls = {cert = 'c', key = 'k', client_auth = 'required'}\n", "checked against client_ca"},
		"TLS version":                  {"[[listener]]\naddress = 'a:1'\ntls = {cert = 'c', key = 'k', min_version = '1.1'}\n", `min_version "1.1" does not exist`},
	} {
		t.Run(name, func(t *testing.T) {
			file := profile(t, c.text)
			_, err := load(file, nil, box)
			if err == nil {
				t.Fatal("was accepted")
			}
			if want := strings.ReplaceAll(c.want, "FILE", file); !strings.Contains(err.Error(), want) {
				t.Errorf("error: %v\nwant:  %s", err, want)
			}
		})
	}
}

func TestUnknownMemoryAsksForMaxmemory(t *testing.T) {
	blind := Machine{Cores: 1}
	if _, err := load("", nil, blind); err == nil || !strings.Contains(err.Error(), "cache.maxmemory") {
		t.Errorf("error: %v", err)
	}
	if _, err := load(profile(t, "[cache]\nmaxmemory = '1gb'\n"), nil, blind); err != nil {
		t.Error(err)
	}
}

func TestWarnings(t *testing.T) {
	c, err := load(profile(t, "[workers]\nthreads = 3\ncpu_affinity = ['0-1']\n[cache]\npolicy = 'fifo'\nsmall_queue_percent = 20\n"), nil, box)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(c.Warnings(), "\n")
	if !strings.Contains(all, "loops will share them") || !strings.Contains(all, "no effect with policy fifo") {
		t.Errorf("warnings: %s", all)
	}
}

// A small cache on a large machine gets fewer loops than there are cores; who
// asks for more than fit is refused.
func TestSmallCacheGetsFewerThreads(t *testing.T) {
	large := Machine{MemoryBytes: 512 << 30, MemoryFrom: "machine", Cores: 128, CoresFrom: "physical cores"}
	const small = "[cache]\nmaxmemory = '128mb'\n"
	c, err := load(profile(t, small), nil, large)
	if err != nil || c.Workers.Threads != 24 || !strings.Contains(c.Origin("workers.threads").String(), "room") {
		t.Errorf("threads %d (%s), %v", c.Workers.Threads, c.Origin("workers.threads"), err)
	}
	if _, err := load(profile(t, small+"[workers]\nthreads = 128\n"), nil, large); err == nil || !strings.Contains(err.Error(), "need 292mb") {
		t.Errorf("error: %v", err)
	}
	if c, err = load("", nil, large); err != nil || c.Workers.Threads != 128 {
		t.Errorf("threads %d, %v", c.Workers.Threads, err)
	}
}

func TestAffinityDecidesThreads(t *testing.T) {
	c, err := load(profile(t, "[workers]\ncpu_affinity = ['0-5']\n"), nil, box)
	if err != nil || c.Workers.Threads != 6 {
		t.Errorf("threads %d, %v", c.Workers.Threads, err)
	}
}

// A reload sees the profile as it is now, under the flags of the start.
func TestReload(t *testing.T) {
	file := profile(t, "[cache]\nmaxmemory = '100mb'\n[logging]\nlevel = 'warn'\n")
	threads := 1
	c, err := Load(file, &Flags{Threads: &threads, Listen: []string{"127.0.0.1:0"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("[workers]\nthreads = 2\n[cache]\nmaxmemory = '100mb'\n[logging]\nlevel = 'debug'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	next, err := c.Reload()
	if err != nil {
		t.Fatal(err)
	}
	if got := Changed(c, next); !reflect.DeepEqual(got, []string{"logging.level"}) {
		t.Errorf("changed: %q", got)
	}
}

func TestCloneIsDeep(t *testing.T) {
	c, err := load(profile(t, "[workers]\ncpu_affinity = ['0-1']\n"), nil, box)
	if err != nil {
		t.Fatal(err)
	}
	n := c.Clone()
	n.Workers.CPUAffinity[0], n.Listeners[0].Address = CPURange{7, 7}, "changed"
	n.mark("cache.policy", fromFlag("policy"))
	if c.Workers.CPUAffinity[0] != (CPURange{0, 1}) || c.Listeners[0].Address == "changed" || c.isSet("cache.policy") {
		t.Error("a change to the clone shows in the original")
	}
}
