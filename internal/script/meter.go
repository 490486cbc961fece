package script

import (
	"errors"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// meter counts the instructions of a script. gopher-lua asks the context of a
// state for its Done channel before each instruction; that is where it counts,
// and every stride instructions it looks at the clock and at memory.
type meter struct {
	state *State
	left  int
	ended chan struct{} // closed once the script is to end
	why   error
	once  error // raised at one instruction, and then forgotten

	begun   time.Time
	heap    uint64 // bytes when the script began
	charged int    // bytes since the heap was last looked at
	looks   int

	debugged int   // instructions that the debugger looked at
	cycle    int64 // of the collector when the heap was last looked at

	deadline time.Time // of the registration of functions
}

const (
	stride = 5000 // instructions: some tenths of a millisecond

	// The heap is looked at when a script has made chargeMost bytes of strings
	// since it was last looked at, or every so many strides.
	chargeMost  = 4 << 20
	heapStrides = 8
)

// errMemory ends a script that made too much.
var errMemory = errors.New("not enough memory")

// errOverflow is what a script is told that calls too deep.
var errOverflow = errors.New("stack overflow")

var (
	never  = make(chan struct{})
	closed = func() chan struct{} {
		c := make(chan struct{})
		close(c)
		return c
	}()
)

func (m *meter) begin() {
	m.left, m.looks, m.charged, m.heap, m.why = stride, 0, 0, 0, nil
	if m.state.debugger != nil {
		m.left = 1
	}
	m.ended = never
	m.begun = time.Time{}
	m.cycle = cycles.Load()
}

// Deadline implements context.Context.
func (m *meter) Deadline() (time.Time, bool) { return time.Time{}, false }

// Value implements context.Context.
func (m *meter) Value(any) any { return nil }

// Err implements context.Context.
func (m *meter) Err() error {
	if m.once != nil {
		once := m.once
		m.once = nil
		return once
	}
	return m.why
}

// Done implements context.Context and counts an instruction.
func (m *meter) Done() <-chan struct{} {
	if m.left--; m.left > 0 && m.cycle == cycles.Load() {
		return nil
	}
	return m.look()
}

// cycles counts the garbage collections. One is the sign that the heap has grown
// a lot: a single instruction may make a table of a hundred megabytes, so a
// script is looked at after each.
var (
	cycles   atomic.Int64
	sentries sync.Once
)

// sentry is collected in each cycle, and then there is another.
type sentry struct{ _ *sentry }

func stationSentry() {
	runtime.SetFinalizer(&sentry{}, func(*sentry) {
		cycles.Add(1)
		stationSentry()
	})
}

func (m *meter) look() <-chan struct{} {
	m.left = stride
	if m.state.debugger != nil && !m.lookDebugged() {
		return nil
	}
	if m.why != nil {
		m.left = 0 // whatever catches the error, the next instruction ends it again
		return m.ended
	}
	collected := m.cycle != cycles.Load()
	if m.looks++; (collected || m.looks%heapStrides == 0) && m.overdrawn(0) {
		m.end(errMemory)
		return m.ended
	}
	m.cycle = cycles.Load() // also that of overdrawn's own collection
	if m.state.outer+depth(m.state.L.G.CurrentThread) > callsMax {
		m.once = errOverflow
		return closed
	}
	if !m.deadline.IsZero() && time.Now().After(m.deadline) {
		m.end(errLoadTimeout)
		return m.ended
	}
	if m.state.host != nil {
		if err := m.state.host.Pause(); err != nil {
			m.end(err)
			return m.ended
		}
	}
	return nil
}

// lookDebugged has the debugger look at an instruction, and reports whether the meter should, too.
func (m *meter) lookDebugged() bool {
	if m.why == nil && !m.state.debugger.resting {
		if err := m.state.debugger.instruction(); err != nil {
			m.end(err)
		}
	}
	if m.state.debugger.resting {
		return true
	}
	m.left = 1
	m.debugged++
	return m.why != nil || m.debugged%stride == 0
}

// end has the script ended before its next instruction.
func (m *meter) end(why error) {
	m.why, m.left = why, 0
	m.ended = closed
}

// charge notes that a script is about to make n bytes, and ends it if that is
// more than it may.
func (m *meter) charge(L *lua.LState, n int) {
	if m.charged += n; m.charged < chargeMost {
		return
	}
	if m.overdrawn(n) {
		m.end(errMemory)
		L.RaiseError("%s", errMemory.Error())
	}
}

// overdrawn reports whether the heap has grown by more than is allowed, or would
// with n bytes more.
func (m *meter) overdrawn(n int) bool {
	allowed := uint64(m.state.limits.Memory)
	m.charged = 0
	if uint64(n) > allowed {
		return true
	}
	used := heapBytes()
	if m.heap == 0 {
		m.heap = used
	}
	if used+uint64(n) <= m.heap+allowed {
		return false
	}
	runtime.GC()
	used = heapBytes()
	m.heap = min(m.heap, used)
	return used+uint64(n) > m.heap+allowed
}

// chargeIndex notes that a field is about to be set: a table is an array up to
// its highest index, holes included.
func (m *meter) chargeIndex(L *lua.LState, key lua.LValue) {
	const slotBytes, least = 16, 1 << 14
	if n, ok := key.(lua.LNumber); ok && n >= least && n < lua.LNumber(lua.MaxArrayIndex) {
		m.charge(L, slotBytes*int(n))
	}
}

func heapBytes() uint64 {
	sample := [1]metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample[:])
	return sample[0].Value.Uint64()
}
