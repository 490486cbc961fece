package config

import "time"

// Default returns the built-in values: right for a machine nobody tuned. There
// is no listener among them; [DefaultListener] is used when no source names
// one. Values that depend on the machine are still 0.
func Default() *Config {
	return &Config{
		Cache: Cache{
			Backend:           "segment",
			Policy:            "s3fifo",
			SmallQueuePercent: 10,
			Hugepages:         "none",
			NUMA:              "none",
			SlabGrowthPercent: 25,
		},
		Engine: Engine{
			Driver: "auto",
			Accept: "auto",
			Uring: Uring{
				BufferCount: 64,
				BufferSize:  16 << 10,
				SQDepth:     1024,
				RecvMode:    "multishot",
			},
		},
		Redis: Redis{
			Databases:               16,
			ClusterConfigFile:       "nodes.conf",
			ACLPubsubDefault:        "resetchannels",
			AcllogMaxLen:            128,
			ProtectedMode:           true,
			EnableDebugCommand:      "no",
			EnableModuleCommand:     "no",
			EnableProtectedConfigs:  "no",
			Maxclients:              10000,
			ProtoMaxBulkLen:         MaxBulkBytes,
			ClientQueryBufferLimit:  1 << 30,
			ClientOutputBufferLimit: OutputLimit{Hard: 1 << 30},
		},
		Memcached: Memcached{
			MaxItemSize:    1 << 20,
			MaxConnections: 1024,
		},
		Persistence: Persistence{
			DBFilename: "dump.rdb", RDBCompression: true, RDBChecksum: true, StopWritesOnBgsaveError: true,
		},
		Shutdown: Shutdown{DrainTimeout: Duration{10 * time.Second}},
		Logging:  Logging{Level: "info", Format: "text"},
		origins:  map[string]Origin{},
	}
}

// DefaultListener returns what a listener is before its own keys are read. The
// backlog and the keepalive are Redis' defaults.
func DefaultListener() Listener {
	return Listener{
		Protocol:  "resp",
		Backlog:   511,
		Keepalive: Seconds(300),
		TLS:       TLS{MinVersion: "1.2"},
	}
}

// loopback returns the listeners of a server that was told none: RESP on
// Redis' port, on this machine only.
func loopback() []Listener {
	v4, v6 := DefaultListener(), DefaultListener()
	v4.Address = "127.0.0.1:6379"
	v6.Address, v6.Optional = "[::1]:6379", true
	return []Listener{v4, v6}
}
