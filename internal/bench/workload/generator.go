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
	Version uint32
	// TTL is in seconds; 0 never expires.
	TTL uint32
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
}

// NewGenerator returns the generator of one thread; stream makes threads differ, seed makes runs repeat.
func NewGenerator(w *Workload, seed, stream uint64) *Generator {
	g := &Generator{workload: w, random: NewRandom(seed, stream)}
	for i := range w.Commands {
		c := &w.Commands[i]
		g.total += c.Weight
		s := shape{upTo: g.total, keys: c.Keys(), hasValue: c.HasValue()}
		for _, word := range c.Words {
			if word.Kind == KeyList {
				s.listed += int(word.Count)
			}
		}
		g.shapes = append(g.shapes, s)
		g.list = make([]uint64, max(len(g.list), s.listed))
	}
	return g
}

// Next draws the next request.
func (g *Generator) Next(r *Request) {
	*r = Request{Command: g.command(), Dice: g.random}
	s := &g.shapes[r.Command]
	if s.listed > 0 {
		r.List = g.list[:s.listed]
		for i := range r.List {
			r.List[i] = g.workload.Access.Draw(g.random)
		}
		r.Key = r.List[0]
	} else if s.keys > 0 {
		r.Key = g.workload.Access.Draw(g.random)
	}
	if s.hasValue {
		r.Size = g.workload.Sizes.Size(r.Key)
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
