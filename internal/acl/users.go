package acl

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// DefaultUser is the name of the user that connections begin with. It is always
// there.
const DefaultUser = "default"

// Users are all users by name.
type Users struct {
	Log Log

	catalogue   *Catalogue
	allChannels atomic.Bool // new users may use every channel
	fallback    *Account    // of DefaultUser

	mu       sync.Mutex
	accounts map[string]*Account
}

// Account is a user as its connections know it: the same as long as the user is
// not deleted, whatever rules make of it.
type Account struct {
	// Name never changes.
	Name string
	// Unlimited tells that every request is allowed. It is false once the
	// account is gone.
	Unlimited atomic.Bool

	user atomic.Pointer[User]
	gone atomic.Bool
}

// User returns the user as it is now.
func (a *Account) User() *User { return a.user.Load() }

// Gone reports whether the user was deleted: its connections are to end.
func (a *Account) Gone() bool { return a.gone.Load() }

func (a *Account) become(u *User) {
	if !u.unlimited() {
		a.Unlimited.Store(false)
	}
	a.user.Store(u)
	a.Unlimited.Store(u.unlimited())
}

func newAccount(name string, u *User) *Account {
	a := &Account{Name: name}
	a.become(u)
	return a
}

// NewUsers makes the default user, who may do everything without a password.
func NewUsers(c *Catalogue) *Users {
	us := &Users{catalogue: c}
	us.fallback = newAccount(DefaultUser, us.newDefault())
	us.accounts = map[string]*Account{DefaultUser: us.fallback}
	return us
}

// newDefault is what the default user is when nothing says otherwise.
func (us *Users) newDefault() *User {
	u := newUser(us.catalogue, true)
	u.enabled, u.noPassword = true, true
	u.selectors[0].allKeys = true
	u.selectors[0].setAll(true)
	return u
}

// Default returns the account of the default user.
func (us *Users) Default() *Account { return us.fallback }

// SetAllChannels says whether users made from now on, and their selectors, may
// use every channel, as acl-pubsub-default does.
func (us *Users) SetAllChannels(on bool) { us.allChannels.Store(on) }

// Get returns the account of a user, nil if there is none.
func (us *Users) Get(name []byte) *Account {
	us.mu.Lock()
	defer us.mu.Unlock()
	return us.accounts[string(name)]
}

// All returns all accounts, ordered by name.
func (us *Users) All() []*Account {
	us.mu.Lock()
	defer us.mu.Unlock()
	all := slices.Collect(maps.Values(us.accounts))
	slices.SortFunc(all, func(a, b *Account) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// SetPassword makes password the only one of the default user; "" lets any in.
// undo makes the user what it was before.
func (us *Users) SetPassword(password string) (undo func()) {
	us.mu.Lock()
	defer us.mu.Unlock()
	old := us.fallback.User()
	u := old.clone()
	u.noPassword, u.passwords = password == "", nil
	if password != "" {
		_ = u.applyPassword('>', password) // cannot fail
	}
	us.fallback.become(u)
	return func() {
		us.mu.Lock()
		us.fallback.become(old)
		us.mu.Unlock()
	}
}

// ValidName reports whether a user can be called that.
func ValidName(name string) bool { return !hasSpaces(name) }

// Set changes a user by rules, or makes it. On an error nothing is changed.
func (us *Users) Set(name string, rules []string) error {
	merged, err := mergeSelectors(rules)
	if err != nil {
		return err
	}
	us.mu.Lock()
	defer us.mu.Unlock()
	allChannels := us.allChannels.Load()
	a := us.accounts[name]
	u := newUser(us.catalogue, allChannels)
	if a != nil {
		u = a.User().clone()
	}
	for _, rule := range merged {
		if err := u.apply(rule, allChannels); err != nil {
			return &RuleError{rule, err}
		}
	}
	if a == nil {
		us.accounts[name] = newAccount(name, u)
		return nil
	}
	a.become(u)
	return nil
}

// Delete removes a user and returns its account, nil if there was none.
func (us *Users) Delete(name string) (*Account, error) {
	if name == DefaultUser {
		return nil, ErrDefaultUser
	}
	us.mu.Lock()
	defer us.mu.Unlock()
	a := us.accounts[name]
	if a != nil {
		us.remove(a)
	}
	return a, nil
}

// remove takes an account away. Whoever still has it may do nothing.
func (us *Users) remove(a *Account) {
	delete(us.accounts, a.Name)
	a.become(newUser(us.catalogue, false))
	a.gone.Store(true)
}

// Lines returns all users as lines of an ACL file, ordered by name.
func (us *Users) Lines() []string {
	all := us.All()
	lines := make([]string, len(all))
	for i, a := range all {
		lines[i] = "user " + a.Name + " " + a.User().String()
	}
	return lines
}

// replace makes users all that there are. Accounts whose users stay, stay. It
// returns those that are gone.
func (us *Users) replace(users map[string]*User) (gone []*Account) {
	if users[DefaultUser] == nil {
		users[DefaultUser] = us.newDefault()
	}
	us.mu.Lock()
	defer us.mu.Unlock()
	for name, a := range us.accounts {
		if users[name] == nil {
			us.remove(a)
			gone = append(gone, a)
		}
	}
	for name, u := range users {
		if a := us.accounts[name]; a != nil {
			a.become(u)
		} else {
			us.accounts[name] = newAccount(name, u)
		}
	}
	return gone
}

// unknownName reports whether what is wrong is a name that the catalogue lacks.
func unknownName(err error) bool { return errors.Is(err, errUnknown) }
