package workload

// Request is one drawn request. The Generator that filled it owns List until its next call.
type Request struct {
	// Command is the index into Workload.Commands.
	Command int
	// Key is the request's key, List the keys of a KeyList. Without one of its own, Key is List's first.
	Key  uint64
	List []uint64
	// Size is that of the payload in bytes, 0 when there is none; Version is what the payload will say.
	Size    int
	Version uint64
	// TTL is in seconds; 0 never expires.
	TTL uint32
	// Token is the one for a CAS word.
	Token uint64
	// Dice is the random source for Number words: drawn while encoding, since only the encoder knows how many there are.
	Dice *Random
}

// Generator draws the requests of one thread. It is not safe for concurrent use.
type Generator struct {
	workload *Workload
	random   *Random
	list     []uint64
	shapes   []shape
	total    float64
}

// shape is what Next must know of a command, worked out once.
type shape struct {
	upTo     float64 // cumulative weight
	keys     int
	listed   int
	hasValue bool
	hasTTL   bool
}

// NewGenerator returns the generator of one thread; stream makes threads differ, seed makes runs repeat.
func NewGenerator(w *Workload, seed, stream uint64) *Generator {
	g := &Generator{workload: w, random: NewRandom(seed, stream)}
	for i := range w.Commands {
		c := &w.Commands[i]
		g.total += c.Weight
		s := shape{upTo: g.total, keys: c.Keys(), hasValue: c.HasValue()}
		for _, word := range c.Words {
			switch word.Kind {
			case KeyList:
				s.listed += int(word.Count)
			case TTL:
				s.hasTTL = true
			}
		}
		g.shapes = append(g.shapes, s)
		g.list = make([]uint64, max(len(g.list), s.listed))
	}
	return g
}

// Next draws the next request.
func (g *Generator) Next(r *Request) {
	command := g.command()
	s := &g.shapes[command]
	key := uint64(0)
	list := g.list[:s.listed]
	for i := range list {
		list[i] = g.workload.Access.Draw(g.random)
	}
	switch {
	case s.listed > 0:
		key = list[0]
	case s.keys > 0:
		key = g.workload.Access.Draw(g.random)
	}
	g.Fill(r, command, key)
	r.List = list
}

// Keys draws the keys of as many requests as keys is long, for a workload whose only command names one key and draws nothing
// else. They are those that Next would draw.
func (g *Generator) Keys(keys []uint64) {
	if u, uniform := g.workload.Access.(UniformAccess); uniform {
		for i := range keys {
			keys[i] = u.Draw(g.random)
		}
		return
	}
	for i := range keys {
		keys[i] = g.workload.Access.Draw(g.random)
	}
}

// Fill makes the request of one command on one given key.
func (g *Generator) Fill(r *Request, command int, key uint64) {
	// One by one: every field of the last request but List, which the caller sets.
	r.Command, r.Key, r.Dice = command, key, g.random
	r.List, r.Size, r.Version, r.TTL, r.Token = nil, 0, 0, 0, 0
	s := &g.shapes[command]
	if s.hasValue {
		r.Size = g.workload.Sizes.Size(key)
	}
	if s.hasTTL {
		r.TTL = g.workload.TTLs.Draw(g.random)
	}
}

func (g *Generator) command() int {
	if len(g.shapes) == 1 {
		return 0
	}
	at := g.random.Unit() * g.total
	for i := range g.shapes {
		if at < g.shapes[i].upTo {
			return i
		}
	}
	return len(g.shapes) - 1
}

// Source is where a load thread gets its requests from. It belongs to that thread.
type Source interface {
	// Next fills in the next request, or reports that there is none left.
	Next(r *Request) bool
}

// Endless is a Generator as a Source.
func (g *Generator) Endless() Source { return endless{g} }

type endless struct{ *Generator }

func (e endless) Next(r *Request) bool {
	e.Generator.Next(r)
	return true
}

// Sweep is the Source of a prefill: it names every key of [From, To) once, in order, for a workload's only command.
type Sweep struct {
	From, To uint64
	Sizes    SizeDistribution
}

// Next implements Source.
func (s *Sweep) Next(r *Request) bool {
	if s.From >= s.To {
		return false
	}
	*r = Request{Key: s.From, Size: s.Sizes.Size(s.From)}
	s.From++
	return true
}
