package launch

// RedisDebug lets clients of the Redis that a command starts do what is for tests and owners.
func RedisDebug(command Command) Command {
	command.Title += ", with DEBUG"
	command.Args = append(command.Args[:len(command.Args):len(command.Args)],
		"--enable-debug-command", "local", "--enable-module-command", "local", "--enable-protected-configs", "local")
	return command
}

// CrucibleDebug lets clients of the server of ours that a command starts do the same.
func CrucibleDebug(command Command) Command {
	command.Title += ", with DEBUG"
	command.Env = append(command.Env[:len(command.Env):len(command.Env)],
		"CRUCIBLE_REDIS_ENABLE_DEBUG_COMMAND=local", "CRUCIBLE_REDIS_ENABLE_MODULE_COMMAND=local",
		"CRUCIBLE_REDIS_ENABLE_PROTECTED_CONFIGS=local")
	return command
}
