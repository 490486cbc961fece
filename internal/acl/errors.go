package acl

import (
	"errors"
	"strings"
)

// What is wrong with a rule, in the words of Redis 8.0.
var (
	errSyntax           = errors.New("Syntax error")                                                                                                                                                            //nolint:staticcheck // Redis' text
	errUnknown          = errors.New("Unknown command or category name in ACL")                                                                                                                                 //nolint:staticcheck // Redis' text
	errAfterAllKeys     = errors.New("Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns")         //nolint:staticcheck // Redis' text
	errAfterAllChannels = errors.New("Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels") //nolint:staticcheck // Redis' text
	errNoPassword       = errors.New("The password you are trying to remove from the user does not exist")                                                                                                      //nolint:staticcheck // Redis' text
	errBadHash          = errors.New("The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters")                                                                       //nolint:staticcheck // Redis' text
	errFirstArg         = errors.New("Allowing first-arg of a subcommand is not supported")                                                                                                                     //nolint:staticcheck // Redis' text
)

// ErrDefaultUser refuses to delete the user that every connection begins with.
var ErrDefaultUser = errors.New("The 'default' user cannot be removed") //nolint:staticcheck // Redis' text

// RuleError is a rule that is not in order.
type RuleError struct {
	Rule   string
	Reason error
}

func (e *RuleError) Error() string {
	rule, _, _ := strings.Cut(e.Rule, "\x00") // as C prints it
	return "Error in ACL SETUSER modifier '" + rule + "': " + e.Reason.Error()
}

func (e *RuleError) Unwrap() error { return e.Reason }

// UnmatchedError is a selector whose closing parenthesis is missing.
type UnmatchedError struct{ Start string }

func (e *UnmatchedError) Error() string {
	start, _, _ := strings.Cut(e.Start, "\x00") // as C prints it
	return "Unmatched parenthesis in acl selector starting at '" + start + "'."
}
