package vector

import "math"

// Filter is an expression over the attributes of an element, compiled: a list of
// steps for a stack, in the order in which they are carried out. What the language
// is, and what it makes of nonsense, is the reference server's: values are numbers,
// strings, tuples and null; all operands are computed, and an element that lacks one
// of the fields named does not match.
type Filter struct {
	steps []step
	stack []value // as deep as it will be
}

// step pushes a value or replaces the topmost ones by what an operator makes of them.
type step struct {
	kind  stepKind
	op    operator
	value value
	field string
}

type stepKind uint8

const (
	pushValue stepKind = iota
	pushField
	operate
)

// value is a number, a string, a tuple or null.
type value struct {
	kind  valueKind
	num   float64
	str   []byte
	tuple []value
}

type valueKind uint8

const (
	isNumber valueKind = iota
	isString
	isTuple
	isNull
)

// Matches reports whether the attributes of an element satisfy the filter. Without
// any they don't.
func (f *Filter) Matches(attr []byte) bool {
	if len(attr) == 0 {
		return false
	}
	stack := f.stack[:0]
	for i := range f.steps {
		switch s := &f.steps[i]; s.kind {
		case pushValue:
			stack = append(stack, s.value)
		case pushField:
			v, ok := fieldOf(attr, s.field)
			if !ok {
				return false
			}
			stack = append(stack, v)
		case operate:
			top := len(stack) - 1
			if s.op.unary() {
				stack[top] = truth(!stack[top].truthy())
				continue
			}
			stack[top-1] = s.op.apply(&stack[top-1], &stack[top])
			stack = stack[:top]
		}
	}
	return stack[0].truthy()
}

func number(n float64) value { return value{num: n} }

func truth(b bool) value {
	if b {
		return number(1)
	}
	return number(0)
}

// truthy is whether a value counts as true.
func (v *value) truthy() bool {
	switch v.kind {
	case isNumber:
		return v.num != 0
	case isString:
		return len(v.str) > 0
	}
	return v.kind == isTuple
}

// float is the number that a value stands for, 0 if it is none.
func (v *value) float() float64 {
	switch v.kind {
	case isNumber:
		return v.num
	case isString:
		n, _ := parseFloat(v.str)
		return n
	}
	return 0
}

func (v *value) equals(w *value) bool {
	switch {
	case v.kind == isString && w.kind == isString:
		return string(v.str) == string(w.str)
	case v.kind == isNull || w.kind == isNull:
		return v.kind == w.kind
	}
	return v.float() == w.float()
}

// in reports whether a value is one of a tuple's.
func (v *value) in(w *value) bool {
	if w.kind != isTuple {
		return false
	}
	for i := range w.tuple {
		if v.equals(&w.tuple[i]) {
			return true
		}
	}
	return false
}

// apply carries out an operator on two values.
func (op operator) apply(v, w *value) value {
	switch op {
	case opAnd:
		return truth(v.truthy() && w.truthy())
	case opOr:
		return truth(v.truthy() || w.truthy())
	case opEqual:
		return truth(v.equals(w))
	case opUnequal:
		return truth(!v.equals(w))
	case opIn:
		return truth(v.in(w))
	}
	a, b := v.float(), w.float()
	switch op {
	case opLess:
		return truth(a < b)
	case opLessEqual:
		return truth(a <= b)
	case opGreater:
		return truth(a > b)
	case opGreaterEqual:
		return truth(a >= b)
	case opPlus:
		return number(a + b)
	case opMinus:
		return number(a - b)
	case opTimes:
		return number(a * b)
	case opOver:
		return number(a / b)
	case opModulo:
		return number(math.Mod(a, b))
	}
	return number(math.Pow(a, b))
}
