// Package config turns a profile, the environment and the command line into
// one validated [Config].
//
// Sources, each overriding the one before: built-in defaults, the profile (a
// TOML file), the environment (CRUCIBLE_SECTION_KEY), flags. Decoding is
// strict: a key that does not exist is an error that names the line and the
// nearest key that does. Every value remembers where it came from, for
// --print-config and for error texts.
//
// Threads: loading happens on the main goroutine before any loop starts, and
// again on a reload. A Config is never written to once it is handed out; a
// reload makes a new one (see [Config.Clone]).
//
// Memory: Go heap, a few kilobytes, once.
//
// Limits: see limits.go.
package config

// Config is everything the server can be told. Zero values that mean "choose
// for this machine" (threads, maxmemory) are resolved by the time a Config is
// handed out.
//
// The toml tag is the name of the key. The name in the environment is derived
// from the field name and must spell the same words: a test compares them.
type Config struct {
	Workers     Workers     `toml:"workers"`
	Cache       Cache       `toml:"cache"`
	Listeners   []Listener  `toml:"listener" ignored:"true"`
	Engine      Engine      `toml:"engine"`
	Redis       Redis       `toml:"redis"`
	Memcached   Memcached   `toml:"memcached"`
	Metrics     Metrics     `toml:"metrics"`
	Persistence Persistence `toml:"persistence"`
	Shutdown    Shutdown    `toml:"shutdown"`
	Logging     Logging     `toml:"logging"`

	file     string            // the profile, "" without one
	flags    *Flags            // the command line, nil without one
	origins  map[string]Origin // by key path; absent means default
	warnings []string
}

// Workers says how many loops serve and where they run.
type Workers struct {
	// Threads is the number of loops; 0 in a source means one per physical
	// core that this process may use.
	Threads int `toml:"threads"`
	// CPUAffinity pins loop i to the i-th CPU of the list, round robin. Empty:
	// the kernel places the loops.
	CPUAffinity CPUList `toml:"cpu_affinity" split_words:"true"`
}

// Cache says where values live and how much memory they may take.
type Cache struct {
	Backend string `toml:"backend"`
	Policy  string `toml:"policy"`
	// Maxmemory bounds the resident set of the process in bytes; 0 in a source
	// means 60 % of what the cgroup or the machine allows.
	Maxmemory Size `toml:"maxmemory"`
	// SegmentSize is the unit in which memory is filled and given up, in bytes; 0
	// in a source means what SegmentSizeFor says.
	SegmentSize Size `toml:"segment_size" split_words:"true"`
	// MaxValueSize bounds one value in bytes; 0 in a source means Redis' own
	// limit of 512mb, or half of maxmemory where that is less.
	MaxValueSize Size `toml:"max_value_size" split_words:"true"`
	// SmallQueuePercent is the share of the admission queue, for the policies
	// that have one.
	SmallQueuePercent int `toml:"small_queue_percent" split_words:"true"`
	// SlabGrowthPercent is by how much the chunks of one class of the slab backend
	// are larger than those of the class before.
	SlabGrowthPercent int `toml:"slab_growth_percent" split_words:"true"`
	// Hugepages says what backs the memory of items.
	Hugepages string `toml:"hugepages"`
	// NUMA is none, interleave, or the nodes that memory is bound to, such as 0-1.
	NUMA  string `toml:"numa"`
	Mlock bool   `toml:"mlock"`
}

// Listener is one socket that clients connect to.
type Listener struct {
	// Name matches the listener to a socket handed over by systemd
	// (FileDescriptorName=). Without names, sockets are matched in order.
	Name     string `toml:"name"`
	Protocol string `toml:"protocol"`
	// Address is HOST:PORT; an empty host or * means every address, port 0
	// lets the kernel choose. Exactly one of Address and Unix is set.
	Address   string   `toml:"address"`
	Unix      string   `toml:"unix"`
	UnixMode  FileMode `toml:"unix_mode" split_words:"true"`
	UnixGroup string   `toml:"unix_group" split_words:"true"`
	Backlog   int      `toml:"backlog"`
	// Keepalive is the idle time before the first TCP keepalive probe; 0
	// switches keepalive off.
	Keepalive Duration `toml:"keepalive"`
	// Optional lets the server start when the machine has no such address, as
	// a "-" before a bind address does for Redis.
	Optional bool `toml:"optional"`
	TLS      TLS  `toml:"tls"`
}

// TLS is set when Cert is. The files are read again on a reload.
type TLS struct {
	Cert string `toml:"cert"`
	Key  string `toml:"key"`
	// ClientCA is a bundle of the authorities that sign client certificates.
	ClientCA string `toml:"client_ca" split_words:"true"`
	// ClientAuth is "required", "optional" or "off"; "" in a source means
	// required with a ClientCA and off without one.
	ClientAuth string `toml:"client_auth" split_words:"true"`
	MinVersion string `toml:"min_version" split_words:"true"`
	// MaxVersion is "1.2", "1.3" or, for the latest, "".
	MaxVersion string `toml:"max_version" split_words:"true"`
	// Ciphers are those of TLS 1.2 in OpenSSL's notation, the best of Go if empty.
	Ciphers string `toml:"ciphers"`
}

// Enabled reports whether the listener speaks TLS.
func (t TLS) Enabled() bool { return t.Cert != "" }

// Engine chooses how sockets are driven.
type Engine struct {
	Driver string `toml:"driver"`
	Accept string `toml:"accept"`
	Uring  Uring  `toml:"uring"`
}

// Uring tunes the io_uring driver; each loop has a ring and buffers of its own.
type Uring struct {
	SQPoll bool `toml:"sqpoll"`
	// BufferCount and BufferSize (bytes) make the provided-buffer ring of a
	// loop. The ring is walked in turn, so it should fit the L2 cache.
	BufferCount int  `toml:"buffer_count" split_words:"true"`
	BufferSize  Size `toml:"buffer_size" split_words:"true"`
	SQDepth     int  `toml:"sq_depth" split_words:"true"`
	// RecvMode is "multishot" or "oneshot".
	RecvMode string `toml:"recv_mode" split_words:"true"`
}

// Redis holds the directives of redis.conf that clients of the RESP protocol
// notice. The keys have Redis' names with underscores.
type Redis struct {
	Databases int `toml:"databases"`
	// ClusterEnabled makes the server a cluster of one, which has one database. What it is as a node is
	// kept in ClusterConfigFile, in persistence.dir unless it is a full path; empty keeps it nowhere.
	ClusterEnabled    bool   `toml:"cluster_enabled" split_words:"true"`
	ClusterConfigFile string `toml:"cluster_config_file" split_words:"true"`
	Requirepass       string `toml:"requirepass"`
	// Users are declared as in redis.conf, without the word user: a name and its
	// rules. ACLFile holds them instead. ACLPubsubDefault is "resetchannels" or
	// "allchannels", AcllogMaxLen the entries of ACL LOG.
	Users            []string `toml:"users"`
	ACLFile          string   `toml:"aclfile"`
	ACLPubsubDefault string   `toml:"acl_pubsub_default" split_words:"true"`
	AcllogMaxLen     int      `toml:"acllog_max_len" split_words:"true"`

	// ProtectedMode turns away clients of other machines while the default user
	// has no password. The three after it are "no", "local" or "yes".
	ProtectedMode          bool   `toml:"protected_mode" split_words:"true"`
	EnableDebugCommand     string `toml:"enable_debug_command" split_words:"true"`
	EnableModuleCommand    string `toml:"enable_module_command" split_words:"true"`
	EnableProtectedConfigs string `toml:"enable_protected_configs" split_words:"true"`
	// RenameCommand has pairs, "NAME NEW"; a name alone is taken away.
	RenameCommand []string `toml:"rename_command" split_words:"true"`

	Maxclients int `toml:"maxclients"`
	// Replicaof is the master that the server follows from the start, "HOST PORT", "" for none.
	Replicaof string `toml:"replicaof"`
	// MaxmemoryClients is a size, or a share of maxmemory such as 5%; 0 is no bound.
	MaxmemoryClients Share `toml:"maxmemory_clients" split_words:"true"`
	// Timeout closes a client that was idle this long; 0 never does.
	Timeout                 Duration    `toml:"timeout"`
	ProtoMaxBulkLen         Size        `toml:"proto_max_bulk_len" split_words:"true"`
	ClientQueryBufferLimit  Size        `toml:"client_query_buffer_limit" split_words:"true"`
	ClientOutputBufferLimit OutputLimit `toml:"client_output_buffer_limit" split_words:"true"`
	// Parameters are further ones, a name and a value each as in redis.conf,
	// that CONFIG SET could set as well.
	Parameters []Parameter `toml:"parameters"`
}

// DatabaseCount is how many databases there are: in a cluster one.
func (r *Redis) DatabaseCount() int {
	if r.ClusterEnabled {
		return 1
	}
	return r.Databases
}

// Memcached holds the options of memcached that its clients notice.
type Memcached struct {
	// MaxItemSize is memcached's -I.
	MaxItemSize Size `toml:"max_item_size" split_words:"true"`
	// MaxConnections is memcached's -c.
	MaxConnections int `toml:"max_connections" split_words:"true"`
	// IdleTimeout is memcached's -o idle_timeout; 0 never closes.
	IdleTimeout Duration `toml:"idle_timeout" split_words:"true"`
}

// Metrics is the admin HTTP server.
type Metrics struct {
	// Address is HOST:PORT; empty means there is no admin server.
	Address string `toml:"address"`
	// Pprof serves the Go profiler under /debug/pprof.
	Pprof bool `toml:"pprof"`
}

// Persistence says when all databases are written to disk, and where they are
// loaded from at the start.
type Persistence struct {
	// Dir is the directory of the file; empty in a source means the current one.
	Dir        string `toml:"dir"`
	DBFilename string `toml:"dbfilename" split_words:"false"`
	// Save is as of Redis: pairs of seconds and changes, "3600 1 300 100"; empty
	// never saves by itself.
	Save           string `toml:"save"`
	RDBCompression bool   `toml:"rdbcompression"`
	RDBChecksum    bool   `toml:"rdbchecksum"`
	// StopWritesOnBgsaveError refuses writes after a save has failed.
	StopWritesOnBgsaveError bool `toml:"stop_writes_on_bgsave_error" split_words:"true"`
}

// Shutdown says how the server stops.
type Shutdown struct {
	// DrainTimeout is how long clients may finish what they have sent after
	// SIGTERM before their connections are closed.
	DrainTimeout Duration `toml:"drain_timeout" split_words:"true"`
}

// Logging says what is logged, how, and where to.
type Logging struct {
	Level  string `toml:"level"`
	Format string `toml:"format"`
	// File is appended to and opened again on SIGHUP; empty means stderr.
	File string `toml:"file"`
}

// File returns the path of the profile, "" when there is none.
func (c *Config) File() string { return c.file }

// RedisConf returns the path of the redis.conf that was read in place of a
// profile, "" when there is none.
func (c *Config) RedisConf() string {
	if c.flags == nil {
		return ""
	}
	return c.flags.RedisConf
}

// Warnings lists what is odd but allowed, one sentence each, for the log.
func (c *Config) Warnings() []string { return c.warnings }

// Clone returns a deep copy, to be changed and then given to [Config.Validate].
func (c *Config) Clone() *Config {
	n := *c
	n.Workers.CPUAffinity = append(CPUList(nil), c.Workers.CPUAffinity...)
	n.Listeners = append([]Listener(nil), c.Listeners...)
	n.Redis.RenameCommand = append([]string(nil), c.Redis.RenameCommand...)
	n.Redis.Parameters = append([]Parameter(nil), c.Redis.Parameters...)
	n.Redis.Users = append([]string(nil), c.Redis.Users...)
	n.warnings = append([]string(nil), c.warnings...)
	n.origins = make(map[string]Origin, len(c.origins))
	for k, v := range c.origins {
		n.origins[k] = v
	}
	return &n
}
