package config

// Load reads the profile in file ("" for none), the environment and the flags
// (nil for none), resolves what depends on the machine, and validates.
func Load(file string, flags *Flags) (*Config, error) {
	return load(file, flags, ThisMachine())
}

// Reload reads the sources of c again: the same profile, the environment and
// the flags of the start, which still override what the profile says now.
func (c *Config) Reload() (*Config, error) { return Load(c.file, c.flags) }

func load(file string, flags *Flags, m Machine) (*Config, error) {
	c := Default()
	c.flags = flags
	if err := c.readFile(file); err != nil {
		return nil, err
	}
	if err := c.readEnvironment(); err != nil {
		return nil, err
	}
	if flags != nil {
		if err := flags.apply(c); err != nil {
			return nil, err
		}
	}
	if err := c.resolve(m); err != nil {
		return nil, err
	}
	if err := c.Validate(m); err != nil {
		return nil, err
	}
	return c, nil
}

// readFile reads the profile, or the redis.conf that the flags name instead.
func (c *Config) readFile(profile string) error {
	switch {
	case c.flags != nil && c.flags.RedisConf != "":
		return c.readRedisConf(c.flags.RedisConf)
	case profile != "":
		return c.readProfile(profile)
	}
	return nil
}
