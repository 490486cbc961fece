package script

import (
	"encoding/binary"
	"math"

	lua "github.com/yuin/gopher-lua"
)

const (
	msgpackDepth  = 16   // tables in one another; what is deeper is packed as nil
	msgpackNested = 2000 // arrays and maps in one another that are unpacked
)

func (s *State) cmsgpackLibrary() *lua.LTable {
	lib := s.library(map[string]lua.LGFunction{
		"pack": s.msgpackPack, "unpack": s.msgpackUnpack,
		"unpack_one": s.msgpackUnpackOne, "unpack_limit": s.msgpackUnpackLimit,
	})
	lib.RawSetString("_NAME", lua.LString("cmsgpack"))
	lib.RawSetString("_VERSION", lua.LString("lua-cmsgpack 0.4.0"))
	lib.RawSetString("_COPYRIGHT", lua.LString("Copyright (C) 2012, Salvatore Sanfilippo"))
	lib.RawSetString("_DESCRIPTION", lua.LString("MessagePack C implementation for Lua"))
	return lib
}

func (s *State) msgpackPack(L *lua.LState) int {
	n := L.GetTop()
	if n == 0 {
		s.badArgument(L, 0, "MessagePack pack needs input.")
	}
	var b []byte
	for i := 1; i <= n; i++ {
		b = s.pack(L, b, L.Get(i), 0)
	}
	L.Push(lua.LString(b))
	return 1
}

// pack appends a value.
func (s *State) pack(L *lua.LState, b []byte, v lua.LValue, depth int) []byte {
	switch x := v.(type) {
	case lua.LString:
		s.meter.charge(L, len(x))
		return append(packHead(b, len(x), 0xa0, 32, 0xd9, 0xda, 0xdb), x...)
	case lua.LBool:
		if x {
			return append(b, 0xc3)
		}
		return append(b, 0xc2)
	case lua.LNumber:
		s.meter.charge(L, 8)
		if f := float64(x); f == math.Trunc(f) && f >= -(1<<63) && f < 1<<63 {
			return packInt(b, int64(f))
		}
		return packFloat(b, float64(x))
	case *lua.LTable:
		if depth < msgpackDepth {
			return s.packTable(L, b, s.seen(x), depth)
		}
	}
	return append(b, 0xc0)
}

func (s *State) packTable(L *lua.LState, b []byte, t *lua.LTable, depth int) []byte {
	if n, ok := arrayLength(t); ok {
		b = packHead(b, n, 0x90, 16, 0, 0xdc, 0xdd)
		for i := range n {
			b = s.pack(L, b, t.RawGet(lua.LNumber(i+1)), depth+1)
		}
		return b
	}
	b = packHead(b, count(t), 0x80, 16, 0, 0xde, 0xdf)
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		b = s.pack(L, b, k, depth+1)
		b = s.pack(L, b, v, depth+1)
	}
	return b
}

// arrayLength reports whether the keys of a table are 1 to n.
func arrayLength(t *lua.LTable) (n int, ok bool) {
	most := 0.0
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		f, isNumber := k.(lua.LNumber)
		if !isNumber || f <= 0 || float64(f) != math.Trunc(float64(f)) {
			return 0, false
		}
		most = max(most, float64(f))
		n++
	}
	return n, float64(n) == most
}

// packHead writes the length of what follows: in the byte itself if it is less
// than small, else behind one of three codes, the first of which may be missing.
func packHead(b []byte, n int, fixed byte, small int, code8, code16, code32 byte) []byte {
	switch {
	case n < small:
		return append(b, fixed|byte(n))
	case n <= math.MaxUint8 && code8 != 0:
		return append(b, code8, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, code16), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(b, code32), uint32(n))
}

func packInt(b []byte, n int64) []byte {
	switch {
	case n >= -32 && n <= 127:
		return append(b, byte(n))
	case n >= 0 && n <= math.MaxUint8:
		return append(b, 0xcc, byte(n))
	case n >= 0 && n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, 0xcd), uint16(n))
	case n >= 0 && n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, 0xce), uint32(n))
	case n >= 0:
		return binary.BigEndian.AppendUint64(append(b, 0xcf), uint64(n))
	case n >= math.MinInt8:
		return append(b, 0xd0, byte(n))
	case n >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(b, 0xd1), uint16(n))
	case n >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(b, 0xd2), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, 0xd3), uint64(n))
}

func packFloat(b []byte, f float64) []byte {
	if short := float32(f); float64(short) == f {
		return binary.BigEndian.AppendUint32(append(b, 0xca), math.Float32bits(short))
	}
	return binary.BigEndian.AppendUint64(append(b, 0xcb), math.Float64bits(f))
}

func (s *State) msgpackUnpack(L *lua.LState) int { return s.unpackMany(L, math.MaxInt64, 0, true) }

func (s *State) msgpackUnpackOne(L *lua.LState) int {
	return s.unpackMany(L, 1, s.optInt(L, 2, 0), false)
}

func (s *State) msgpackUnpackLimit(L *lua.LState) int {
	limit, offset := s.checkInt(L, 2), s.optInt(L, 3, 0)
	if limit == 0 && offset == 0 {
		return s.msgpackUnpack(L)
	}
	return s.unpackMany(L, limit, offset, false)
}

// unpackMany pushes at most limit values of those in the string that is the first
// argument, and first, unless all are asked for, where the next one begins.
func (s *State) unpackMany(L *lua.LState, limit, offset int64, all bool) int {
	text := s.checkText(L, 1)
	if offset < 0 || limit < 0 {
		L.RaiseError("Invalid request to unpack with offset of %d and limit of %d.", int32(offset), len(text))
	}
	if offset > int64(len(text)) {
		L.RaiseError("Start offset %d greater than input length %d.", int32(offset), len(text))
	}
	u := &unpacker{s: s, L: L, b: text[offset:]}
	base := L.GetTop()
	n := 0
	for ; len(u.b) > 0 && int64(n) < limit; n++ {
		if n >= unpackMost {
			L.RaiseError("stack overflow (in function mp_unpack_full)")
		}
		L.Push(u.value(0))
	}
	if all {
		return n
	}
	next := len(text) - len(u.b)
	if len(u.b) == 0 {
		next = -1
	}
	L.Insert(lua.LNumber(next), base+1)
	return n + 1
}

// unpacker reads values.
type unpacker struct {
	s *State
	L *lua.LState
	b string
}

func (u *unpacker) take(n int) string {
	if n > len(u.b) {
		u.L.RaiseError("Missing bytes in input.")
	}
	text := u.b[:n]
	u.b = u.b[n:]
	return text
}

// number reads an unsigned integer of n bytes.
func (u *unpacker) number(n int) (v uint64) {
	for _, c := range []byte(u.take(n)) {
		v = v<<8 | uint64(c)
	}
	return v
}

func (u *unpacker) value(depth int) lua.LValue {
	if depth > msgpackNested {
		u.L.RaiseError("stack overflow (in function mp_decode_to_lua_type)")
	}
	u.s.meter.charge(u.L, 16)
	c := u.take(1)[0]
	switch {
	case c <= 0x7f, c >= 0xe0:
		return lua.LNumber(int8(c))
	case c <= 0x8f:
		return u.table(int(c&0xf), depth)
	case c <= 0x9f:
		return u.list(int(c&0xf), depth)
	case c <= 0xbf:
		return u.text(int(c & 0x1f))
	}
	switch c {
	case 0xc0:
		return lua.LNil
	case 0xc2, 0xc3:
		return lua.LBool(c == 0xc3)
	case 0xca:
		return lua.LNumber(math.Float32frombits(uint32(u.number(4))))
	case 0xcb:
		return lua.LNumber(math.Float64frombits(u.number(8)))
	case 0xcc, 0xcd, 0xce, 0xcf:
		return lua.LNumber(u.number(1 << (c - 0xcc)))
	case 0xd0:
		return lua.LNumber(int8(u.number(1)))
	case 0xd1:
		return lua.LNumber(int16(u.number(2)))
	case 0xd2:
		return lua.LNumber(int32(u.number(4)))
	case 0xd3:
		return lua.LNumber(int64(u.number(8)))
	case 0xd9, 0xda, 0xdb:
		return u.text(int(u.number(1 << (c - 0xd9))))
	case 0xdc, 0xdd:
		return u.list(int(u.number(2<<(c-0xdc))), depth)
	case 0xde, 0xdf:
		return u.table(int(u.number(2<<(c-0xde))), depth)
	}
	u.L.RaiseError("Bad data format in input.")
	return nil
}

func (u *unpacker) text(n int) lua.LValue {
	text := u.take(n)
	u.s.meter.charge(u.L, n)
	return lua.LString(text)
}

func (u *unpacker) list(n, depth int) lua.LValue {
	t := u.L.NewTable()
	for i := range n {
		t.RawSetInt(i+1, u.value(depth+1))
	}
	return t
}

func (u *unpacker) table(n, depth int) lua.LValue {
	t := u.L.NewTable()
	for range n {
		key := u.value(depth + 1)
		u.s.setRaw(u.L, t, key, u.value(depth+1))
	}
	return t
}
