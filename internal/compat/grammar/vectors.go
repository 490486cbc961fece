package grammar

import (
	"encoding/binary"
	"math"
	"strconv"
)

// vectorGroup is the group of the commands of vector sets. They come from a module, of whose arguments COMMAND DOCS
// says nothing.
const vectorGroup = "vector-set"

// undocumented are their arguments.
var undocumented = map[string][]argument{
	"vadd": {
		{name: "key", kind: "key"},
		{name: "dim", token: "REDUCE", kind: "integer", optional: true},
		{kind: "vector"},
		element,
		{kind: "pure-token", token: "CAS", optional: true},
		{kind: "oneof", optional: true, parts: []argument{
			{kind: "pure-token", token: "Q8"}, {kind: "pure-token", token: "NOQUANT"}, {kind: "pure-token", token: "BIN"},
		}},
		{name: "build-exploration-factor", token: "EF", kind: "integer", optional: true},
		{name: "attributes", token: "SETATTR", kind: "string", optional: true},
		{name: "numlinks", token: "M", kind: "integer", optional: true},
	},
	"vsim": {
		{name: "key", kind: "key"},
		{kind: "oneof", parts: []argument{{kind: "vector"}, {name: "element", token: "ELE", kind: "string"}}},
		{kind: "pure-token", token: "WITHSCORES", optional: true},
		{name: "count", token: "COUNT", kind: "integer", optional: true},
		{name: "exploration-factor", token: "EF", kind: "integer", optional: true},
		{name: "filter", token: "FILTER", kind: "string", optional: true},
		{name: "filter-ef", token: "FILTER-EF", kind: "integer", optional: true},
		{kind: "pure-token", token: "TRUTH", optional: true},
		{kind: "pure-token", token: "NOTHREAD", optional: true},
	},
	"vcard":       {{name: "key", kind: "key"}},
	"vdim":        {{name: "key", kind: "key"}},
	"vinfo":       {{name: "key", kind: "key"}},
	"vemb":        {{name: "key", kind: "key"}, element, {kind: "pure-token", token: "RAW", optional: true}},
	"vgetattr":    {{name: "key", kind: "key"}, element},
	"vsetattr":    {{name: "key", kind: "key"}, element, {name: "attributes", kind: "string"}},
	"vismember":   {{name: "key", kind: "key"}, element},
	"vlinks":      {{name: "key", kind: "key"}, element, {kind: "pure-token", token: "WITHSCORES", optional: true}},
	"vrandmember": {{name: "key", kind: "key"}, {name: "count", kind: "integer", optional: true}},
	"vrem":        {{name: "key", kind: "key"}, element},
}

var element = argument{name: "element", kind: "string"}

// dimensions is how many components most vectors have.
const dimensions = 5

// vector is a vector as VADD and VSIM take it. Its components are such that hardly two elements are equally far.
func (d *Drawer) vector(args []string) []string {
	n := dimensions
	if d.percent(12) {
		n = d.random.IntN(9)
	}
	if d.percent(25) {
		return append(args, "FP32", d.packed(n))
	}
	said := strconv.Itoa(n)
	if d.percent(4) {
		said = d.pick("0", "-1", "x", "6", "70000")
	}
	args = append(args, "VALUES", said)
	for range n {
		args = append(args, d.component())
	}
	return args
}

func (d *Drawer) component() string {
	if d.percent(3) {
		return d.pick("0", "x", "nan", "inf", "", "1e39", "-0", "0x10")
	}
	return strconv.FormatFloat(d.random.Float64()*4-2, 'g', 6, 64)
}

// packed is a vector of n floats as they lie in memory, sometimes with a part of one more.
func (d *Drawer) packed(n int) string {
	var b []byte
	for range n {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(d.random.NormFloat64())))
	}
	if d.percent(4) {
		b = append(b, 0)
	}
	return string(b)
}

// vectorWords are the values of arguments of vector sets. A search that must look at every element finds the same on
// both servers: factors are larger than the sets are.
var vectorWords = map[string][]string{
	"dim":                      {"3", "3", "5", "2", "8", "0", "-1", "x"},
	"build-exploration-factor": {"200", "100", "0", "-1", "x", "1000001"},
	"exploration-factor":       {"200", "500", "1000", "-1", "x", "1000001"},
	"filter-ef":                {"0", "1000", "-1", "x"},
	"numlinks":                 {"16", "16", "16", "8", "64", "3", "4097", "x"},
	"attributes": {
		"{}", `{"n":1}`, `{"n":2,"s":"a"}`, `{"n":-3.5,"s":"b","l":["a","b"]}`, `{"s":"a","b":true}`, `{"n":null}`, `{"n":1`, "x", "[1]",
		`{"s":"\u0061","o":{"n":1}}`,
	},
	"filter": {
		".n > 1", ".n == 1 or .s == 'a'", ".s in ['a','b']", "'a' in .l", "not .b", ".n * 2 >= 4 and .n < 10", ".n % 2 == 1", ".n ** 2 > 3", ".nosuch",
		"1", "0", "", ".s == \"a\"", ".n >", "(.n", ".n && .s", "!.n", ".n in [1,2]", "1 2", ".n - -1 > 0", ".s != 'a'",
	},
}

// vectorValue is what stands for an argument of a command of vector sets, if its name says.
func (d *Drawer) vectorValue(name string) (string, bool) {
	if name == "attributes" && d.name == "vsetattr" && d.percent(15) {
		return "", true // in VADD that is something else than none to the reference server, until it is restarted
	}
	if from, ok := vectorWords[name]; ok {
		return d.pick(from...), true
	}
	switch name {
	case "element":
		return "e" + strconv.Itoa(d.random.IntN(16)), true
	case "count":
		return d.pick("1", "3", "10", "100", "0", "-1", "-5", "x"), true
	}
	return "", false
}
