package script

import (
	"fmt"
	"math"
	"math/bits"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// bitMagic added to a number leaves its lower 32 bits, rounded, at the end of
// the sum's fraction.
const bitMagic = 1<<52 + 1<<51

// checkBits reads an argument as the bit library does.
func (s *State) checkBits(L *lua.LState, n int) uint32 {
	return uint32(math.Float64bits(s.checkNumber(L, n) + bitMagic))
}

func pushBits(L *lua.LState, b uint32) int {
	L.Push(lua.LNumber(int32(b)))
	return 1
}

func (s *State) bitLibrary() *lua.LTable {
	functions := map[string]lua.LGFunction{"tohex": s.bitTohex}
	for name, f := range map[string]func(uint32) uint32{
		"tobit": func(b uint32) uint32 { return b },
		"bnot":  func(b uint32) uint32 { return ^b },
		"bswap": bits.ReverseBytes32,
	} {
		functions[name] = func(L *lua.LState) int { return pushBits(L, f(s.checkBits(L, 1))) }
	}
	for name, f := range map[string]func(a, b uint32) uint32{
		"band": func(a, b uint32) uint32 { return a & b },
		"bor":  func(a, b uint32) uint32 { return a | b },
		"bxor": func(a, b uint32) uint32 { return a ^ b },
	} {
		functions[name] = func(L *lua.LState) int {
			result := s.checkBits(L, 1)
			for i := 2; i <= L.GetTop(); i++ {
				result = f(result, s.checkBits(L, i))
			}
			return pushBits(L, result)
		}
	}
	for name, f := range map[string]func(a uint32, by int) uint32{
		"lshift":  func(a uint32, by int) uint32 { return a << by },
		"rshift":  func(a uint32, by int) uint32 { return a >> by },
		"arshift": func(a uint32, by int) uint32 { return uint32(int32(a) >> by) },
		"rol":     bits.RotateLeft32,
		"ror":     func(a uint32, by int) uint32 { return bits.RotateLeft32(a, -by) },
	} {
		functions[name] = func(L *lua.LState) int {
			return pushBits(L, f(s.checkBits(L, 1), int(s.checkBits(L, 2)&31)))
		}
	}
	return s.library(functions)
}

func (s *State) bitTohex(L *lua.LState) int {
	b := s.checkBits(L, 1)
	n := int32(8)
	if L.GetTop() >= 2 {
		n = int32(s.checkBits(L, 2))
	}
	upper := n < 0
	if upper {
		n = -n
	}
	if n > 8 || n < 0 {
		n = 8
	}
	text := fmt.Sprintf("%08x", b)[8-n:]
	if upper {
		text = strings.ToUpper(text)
	}
	L.Push(lua.LString(text))
	return 1
}
