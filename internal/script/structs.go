package script

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (s *State) structLibrary() *lua.LTable {
	return s.library(map[string]lua.LGFunction{"pack": s.structPack, "unpack": s.structUnpack, "size": s.structSize})
}

const (
	structIntMost   = 32 // bytes of an integer
	structAlignment = 8  // what "!" asks for without a number
)

// layout reads a format of the struct library.
type layout struct {
	s      *State
	L      *lua.LState
	format string
	order  binary.ByteOrder
	align  int
}

func (s *State) newLayout(L *lua.LState) *layout {
	format := s.checkText(L, 1)
	if i := strings.IndexByte(format, 0); i >= 0 {
		format = format[:i]
	}
	return &layout{s: s, L: L, format: format, order: binary.LittleEndian, align: 1}
}

// next returns the next option with the size of what it stands for and how many
// bytes align it at a position.
func (f *layout) next(at int) (option byte, size, padding int, ok bool) {
	if f.format == "" {
		return 0, 0, 0, false
	}
	option = f.format[0]
	f.format = f.format[1:]
	size = f.size(option)
	if size > 0 && option != 'c' {
		to := min(size, f.align)
		padding = (to - at&(to-1)) & (to - 1)
	}
	return option, size, padding, true
}

func (f *layout) size(option byte) int {
	switch option {
	case 'b', 'B', 'x':
		return 1
	case 'h', 'H':
		return 2
	case 'f':
		return 4
	case 'l', 'L', 'T', 'd':
		return 8
	case 'c':
		return f.number(1)
	case 'i', 'I':
		n := f.number(4)
		if n > structIntMost {
			f.L.RaiseError("integral size %d is larger than limit of %d", n, structIntMost)
		}
		return n
	}
	return 0
}

func (f *layout) number(otherwise int) int {
	if f.format == "" || f.format[0]-'0' > 9 {
		return otherwise
	}
	n := 0
	for f.format != "" && f.format[0]-'0' <= 9 {
		if n = n*10 + int(f.format[0]-'0'); n > math.MaxInt32 {
			f.L.RaiseError("integral size overflow")
		}
		f.format = f.format[1:]
	}
	return n
}

// control obeys an option that stands for no value.
func (f *layout) control(option byte) {
	switch option {
	case ' ':
	case '>':
		f.order = binary.BigEndian
	case '<':
		f.order = binary.LittleEndian
	case '!':
		n := f.number(structAlignment)
		if n <= 0 || n&(n-1) != 0 {
			f.L.RaiseError("alignment %d is not a power of 2", n)
		}
		f.align = n
	default:
		f.s.badArgument(f.L, 1, fmt.Sprintf("invalid format option '%c'", option))
	}
}

func isInteger(option byte) bool { return strings.IndexByte("bBhHlLTiI", option) >= 0 }

func (s *State) structPack(L *lua.LState) int {
	f := s.newLayout(L)
	L.Push(lua.LNil) // what the first argument that is missing is taken for
	var b []byte
	arg := 2
	for {
		option, size, padding, ok := f.next(len(b))
		if !ok {
			break
		}
		s.meter.charge(L, size+padding)
		b = append(b, make([]byte, padding)...)
		switch {
		case isInteger(option):
			b = f.putInteger(b, s.checkNumber(L, arg), size)
			arg++
		case option == 'x':
			b = append(b, 0)
		case option == 'f':
			b = f.put(b, uint64(math.Float32bits(float32(s.checkNumber(L, arg)))), 4)
			arg++
		case option == 'd':
			b = f.put(b, math.Float64bits(s.checkNumber(L, arg)), 8)
			arg++
		case option == 'c' || option == 's':
			text := s.checkText(L, arg)
			arg++
			if size == 0 {
				size = len(text)
			}
			if len(text) < size {
				s.badArgument(L, arg, "string too short")
			}
			s.meter.charge(L, size)
			b = append(b, text[:size]...)
			if option == 's' {
				b = append(b, 0)
			}
		default:
			f.control(option)
		}
	}
	L.Push(lua.LString(b))
	return 1
}

func (f *layout) putInteger(b []byte, n float64, size int) []byte {
	if n < 0 {
		return f.put(b, uint64(toInt64(n)), size)
	}
	return f.put(b, toUint64(n), size)
}

// put appends the lower size bytes of a value.
func (f *layout) put(b []byte, v uint64, size int) []byte {
	from := len(b)
	for range size {
		b = append(b, byte(v))
		v >>= 8
	}
	if f.order == binary.ByteOrder(binary.BigEndian) {
		reverse(b[from:])
	}
	return b
}

func reverse(b []byte) {
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
}

// get reads a value of as many bytes as there are.
func (f *layout) get(b []byte) (v uint64) {
	for i := range b {
		at := i
		if f.order == binary.ByteOrder(binary.LittleEndian) {
			at = len(b) - 1 - i
		}
		v = v<<8 | uint64(b[at])
	}
	return v
}

func (s *State) structUnpack(L *lua.LState) int {
	f := s.newLayout(L)
	data := s.checkText(L, 2)
	first := s.optInt(L, 3, 1)
	if first <= 0 {
		s.badArgument(L, 3, "offset must be 1 or greater")
	}
	pos, n := int(min(first-1, 1<<40)), 0
	short := func(size int) {
		if size > len(data) || pos > len(data)-size {
			s.badArgument(L, 2, "data string too short")
		}
	}
	for {
		option, size, padding, ok := f.next(pos)
		if !ok {
			break
		}
		pos += padding
		short(size)
		if n >= unpackMost {
			L.RaiseError("stack overflow (too many results)")
		}
		switch {
		case isInteger(option):
			L.Push(lua.LNumber(f.integer(data[pos:pos+size], option >= 'a')))
			n++
		case option == 'x':
		case option == 'f':
			L.Push(lua.LNumber(math.Float32frombits(uint32(f.get([]byte(data[pos : pos+4]))))))
			n++
		case option == 'd':
			L.Push(lua.LNumber(math.Float64frombits(f.get([]byte(data[pos : pos+8])))))
			n++
		case option == 'c':
			if size == 0 {
				count, isNumber := toNumber(L.Get(-1))
				if n == 0 || !isNumber {
					L.RaiseError("format 'c0' needs a previous size")
				}
				if count < 0 || count > float64(len(data)) {
					s.badArgument(L, 2, "data string too short")
				}
				size = int(count)
				L.Pop(1)
				n--
				short(size)
			}
			L.Push(lua.LString(data[pos : pos+size]))
			n++
		case option == 's':
			end := strings.IndexByte(data[pos:], 0)
			if end < 0 {
				L.RaiseError("unfinished string in data")
			}
			size = end + 1
			L.Push(lua.LString(data[pos : pos+end]))
			n++
		default:
			f.control(option)
		}
		pos += size
	}
	L.Push(lua.LNumber(pos + 1))
	return n + 1
}

// integer reads an integer. Of one longer than 64 bits the lower ones count.
func (f *layout) integer(text string, signed bool) float64 {
	v := f.get([]byte(text))
	if !signed {
		return float64(v)
	}
	if n := len(text); n > 0 && n < 8 {
		shift := 64 - 8*n
		return float64(int64(v<<shift) >> shift)
	}
	return float64(int64(v))
}

func (s *State) structSize(L *lua.LState) int {
	f := s.newLayout(L)
	pos := 0
	for {
		option, size, padding, ok := f.next(pos)
		if !ok {
			break
		}
		pos += padding
		switch {
		case option == 's':
			s.badArgument(L, 1, "option 's' has no fixed size")
		case option == 'c' && size == 0:
			s.badArgument(L, 1, "option 'c0' has no fixed size")
		case !isAlphanumeric(option):
			f.control(option)
		}
		pos += size
	}
	L.Push(lua.LNumber(pos))
	return 1
}

func isAlphanumeric(b byte) bool { return b-'0' <= 9 || b|0x20 >= 'a' && b|0x20 <= 'z' }
