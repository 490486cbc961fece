package acl

import "strings"

// Command is what rules know of a command or subcommand.
type Command struct {
	Name       string // in full and lower case: "get", "config|get"
	Parent     int    // the number of the container, -1 without one
	Categories []string
}

// Catalogue is the set of commands that rules can name. A command's number is
// its position. It does not change once users are made with it.
type Catalogue struct {
	commands   []Command
	subs       [][]int // by number of the container
	byName     map[string]int
	categories map[string]bitmap // the commands of each
}

// NewCatalogue makes a catalogue of the commands given and of the names of all
// categories, which are there even when no command is in them.
func NewCatalogue(commands []Command, categories []string) *Catalogue {
	c := &Catalogue{
		commands:   commands,
		subs:       make([][]int, len(commands)),
		byName:     make(map[string]int, len(commands)),
		categories: make(map[string]bitmap, len(categories)),
	}
	for _, name := range categories {
		c.categories[name] = newBitmap(len(commands))
	}
	for i, command := range commands {
		c.byName[command.Name] = i
		if command.Parent >= 0 {
			c.subs[command.Parent] = append(c.subs[command.Parent], i)
		}
		for _, name := range command.Categories {
			c.categories[name].set(i, true)
		}
	}
	return c
}

// find returns the number of a command by its name in any case.
func (c *Catalogue) find(name string) (int, bool) {
	n, known := c.byName[strings.ToLower(name)]
	return n, known
}

// bitmap is a set of commands.
type bitmap []uint64

func newBitmap(size int) bitmap { return make(bitmap, (size+63)/64) }

func (b bitmap) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

func (b bitmap) set(i int, on bool) {
	if on {
		b[i/64] |= 1 << (i % 64)
	} else {
		b[i/64] &^= 1 << (i % 64)
	}
}

func (b bitmap) fill(on bool) {
	var word uint64
	if on {
		word = ^word
	}
	for i := range b {
		b[i] = word
	}
}
