package script

import (
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"
)

func (s *State) mathLibrary() *lua.LTable {
	lib := s.library(map[string]lua.LGFunction{
		"max": s.mathMax, "min": s.mathMin, "random": s.mathRandom, "randomseed": s.mathRandomseed,
		"frexp": s.mathFrexp, "ldexp": s.mathLdexp, "modf": s.mathModf,
	})
	for name, f := range map[string]func(float64) float64{
		"abs": math.Abs, "acos": math.Acos, "asin": math.Asin, "atan": math.Atan, "ceil": math.Ceil,
		"cos": math.Cos, "cosh": math.Cosh, "exp": math.Exp, "floor": math.Floor, "log": math.Log,
		"log10": math.Log10, "sin": math.Sin, "sinh": math.Sinh, "sqrt": math.Sqrt, "tan": math.Tan, "tanh": math.Tanh,
		"deg": func(x float64) float64 { return x / (math.Pi / 180) },
		"rad": func(x float64) float64 { return x * (math.Pi / 180) },
	} {
		lib.RawSetString(name, s.L.NewFunction(func(L *lua.LState) int {
			L.Push(lua.LNumber(f(s.checkNumber(L, 1))))
			return 1
		}))
	}
	for name, f := range map[string]func(x, y float64) float64{
		"atan2": math.Atan2, "fmod": math.Mod, "mod": math.Mod, "pow": math.Pow,
	} {
		lib.RawSetString(name, s.L.NewFunction(func(L *lua.LState) int {
			L.Push(lua.LNumber(f(s.checkNumber(L, 1), s.checkNumber(L, 2))))
			return 1
		}))
	}
	lib.RawSetString("huge", lua.LNumber(math.Inf(1)))
	lib.RawSetString("pi", lua.LNumber(math.Pi))
	return lib
}

func (s *State) mathMax(L *lua.LState) int {
	most := s.checkNumber(L, 1)
	for i := 2; i <= L.GetTop(); i++ {
		if f := s.checkNumber(L, i); f > most {
			most = f
		}
	}
	L.Push(lua.LNumber(most))
	return 1
}

func (s *State) mathMin(L *lua.LState) int {
	least := s.checkNumber(L, 1)
	for i := 2; i <= L.GetTop(); i++ {
		if f := s.checkNumber(L, i); f < least {
			least = f
		}
	}
	L.Push(lua.LNumber(least))
	return 1
}

func (s *State) mathFrexp(L *lua.LState) int {
	frac, exp := math.Frexp(s.checkNumber(L, 1))
	L.Push(lua.LNumber(frac))
	L.Push(lua.LNumber(exp))
	return 2
}

func (s *State) mathLdexp(L *lua.LState) int {
	exp := min(max(s.checkInt(L, 2), -1<<20), 1<<20)
	L.Push(lua.LNumber(math.Ldexp(s.checkNumber(L, 1), int(exp))))
	return 1
}

func (s *State) mathModf(L *lua.LState) int {
	f := s.checkNumber(L, 1)
	if math.IsInf(f, 0) {
		L.Push(lua.LNumber(f))
		L.Push(lua.LNumber(0))
		return 2
	}
	whole, frac := math.Modf(f)
	L.Push(lua.LNumber(whole))
	L.Push(lua.LNumber(frac))
	return 2
}

// generator is the linear congruential generator of drand48.
type generator uint64

const (
	generatorFactor = 0x5DEECE66D
	generatorStep   = 0xB
	generatorMask   = 1<<48 - 1
	generatorLow    = 0x330E
	generatorStart  = 0x1234ABCD330E // what it begins with
	generatorMost   = math.MaxInt32
)

func (g *generator) seed(n int32) { *g = generator(uint32(n))<<16 | generatorLow }

// next returns a number below generatorMost+1.
func (g *generator) next() int32 {
	*g = (*g*generatorFactor + generatorStep) & generatorMask
	return int32(*g >> 17)
}

func (s *State) mathRandom(L *lua.LState) int {
	r := float64(s.random.next()%generatorMost) / generatorMost
	switch L.GetTop() {
	case 0:
		L.Push(lua.LNumber(r))
	case 1:
		most := s.checkNumber(L, 1)
		if toInt64(most) < 1 {
			s.badArgument(L, 1, "interval is empty")
		}
		L.Push(lua.LNumber(math.Floor(r*math.Trunc(most)) + 1))
	case 2:
		from, to := float64(s.checkInt(L, 1)), float64(s.checkInt(L, 2))
		if from > to {
			s.badArgument(L, 2, "interval is empty")
		}
		L.Push(lua.LNumber(math.Floor(r*(to-from+1)) + from))
	default:
		L.RaiseError("wrong number of arguments")
	}
	return 1
}

func (s *State) mathRandomseed(L *lua.LState) int {
	s.random.seed(int32(s.checkInt(L, 1)))
	return 0
}

// started is what os.clock counts from.
var started = time.Now()

func (s *State) osLibrary() *lua.LTable {
	return s.library(map[string]lua.LGFunction{"clock": func(L *lua.LState) int {
		L.Push(lua.LNumber(time.Since(started).Seconds()))
		return 1
	}})
}

// coroutineLibrary makes coroutines whose instructions are counted too.
func (s *State) coroutineLibrary() *lua.LTable {
	lib := s.L.NewTable()
	for name, f := range s.coroutineFunctions() {
		lib.RawSetString(name, f)
	}
	return lib
}
