package config

// Origin says which source set a value.
type Origin struct {
	text  string
	isSet bool // by a source, not chosen by the server
}

// String describes the source: "default", "redis.toml:12", "environment
// CRUCIBLE_CACHE_POLICY", "flag --policy".
func (o Origin) String() string {
	if o.text == "" {
		return "default"
	}
	return o.text
}

func fromFile(where string) Origin { return Origin{where, true} }

func fromEnvironment(name string) Origin { return Origin{"environment " + name, true} }

func fromFlag(name string) Origin { return Origin{"flag --" + name, true} }

// chosen is the origin of a value that the server picked, with the reason.
func chosen(reason string) Origin { return Origin{"default: " + reason, false} }

// Origin returns where the value of a key came from. Keys are dotted paths;
// listeners are counted from 0: "listener.0.address".
func (c *Config) Origin(key string) Origin { return c.origins[key] }

// IsSet reports whether a source, rather than a default, gave the value.
func (o Origin) IsSet() bool { return o.isSet }

func (c *Config) isSet(key string) bool { return c.Origin(key).IsSet() }

// mark records where a value came from.
func (c *Config) mark(key string, o Origin) { c.origins[key] = o }
