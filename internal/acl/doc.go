// Package acl has the users, what they may do, and the log of what they were
// refused: Redis' access control lists, without I/O and without commands of its
// own. It knows commands as numbers with names and categories (a [Catalogue]),
// which package command makes of its table.
//
// A [User] is what rules made of a user at one moment and never changes. An
// [Account] is the user that connections belong to; changing it puts another
// User in its place, which holds for the next request of every connection. A
// user who may do everything is known by one flag, [Account.Unlimited]; for all
// others a check looks at a bitmap of commands, then at patterns.
//
// Threads: any goroutine may call everything that is exported, but for a
// Catalogue while it is being made. Changes take the mutex of [Users]; checks
// take none.
//
// Memory: Go heap, about a kilobyte for each user and each selector.
//
// Limits: users, rules and patterns are as many as the administrator gives; the
// log has at most the entries that [Log.SetLimit] allows. A check takes time in
// proportion to the patterns of the user.
package acl
