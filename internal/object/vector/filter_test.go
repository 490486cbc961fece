package vector

import "testing"

// The expectations are what the reference server replied.
func TestFilters(t *testing.T) {
	const attr = `{"n":5,"s":"hello","e":"","t":true,"f":false,"z":null,"arr":[1,2,"x"],"neg":-3.5,
		"nested":[1,[2]],"mix":[1,{"a":1}],"dup":1,"dup":2, "sp" : 8 ,"esc":"a\"b","u":"\u0041","big":12345678901234567890,"bad":tru}`
	for expr, want := range map[string]bool{
		".n": true, ".e": false, ".f": false, ".z": false, "!.z": true, ".z == 0": false, ".z == .z": true, ".z or 1": true,
		".nope": false, "!.nope": false, "1 or .nope": false, ".bad": false, ".mix": false, ".nested": true,
		`.n == "5"`: true, ".s == 0": true, ".s > 1": false, `.s >= "a"`: true, `"10" > "9"`: true, `"5" == "5.0"`: false,
		"2 in .arr": true, `"2" in .arr`: true, "0 in .arr": true, `"ell" in .s`: false, ".n in [1,5]": true, "1 in [1,]": true,
		"not .e": true, ".n-1 == 4": false, ".n - 1 == 4": true, ".n -1 == 4": true, "4 == 5-1": true, "5 --3 == 8": true,
		"2 ** 3 ** 2 == 512": true, "10 - 3 - 2 == 5": true, "7.5 % 4 == 3.5": true, "1 / 0 > 5": true, "0/0": true,
		"1 == 2 > 0": false, "2 > 1 == 0": false, "0 == 5 in [1]": false, "1 or 1 and 0": true, "! 2 ** 0": true, "-2 ** 2 == 4": true,
		"5 3 +": true, "and 1 1": true, "1 and ! ! 0": false, "()1": true, "5 not": false, ".dup == 1": true, ".sp == 8": true,
		`.esc == 'a"b'`: true, `.u == "u0041"`: true, `5 == "0x5"`: true, `"5x" == 5`: false, "1e400 > 5": true, ".big > 1": true,
		".arr == 0": true, "[]": true, ".neg == -3.5": true, ".n>=5and .t": true, ".": false,
	} {
		f, near := CompileFilter([]byte(expr))
		if f == nil {
			t.Errorf("%s: an error near %q", expr, near)
		} else if f.Matches([]byte(attr)) != want {
			t.Errorf("%s: want %v", expr, want)
		}
	}
}

func TestFilterErrorsSayWhere(t *testing.T) {
	for expr, want := range map[string]string{
		"": "", ".n = 5": " 5", ".n <> 5": ".n <> 5", ".n # 5": "# 5", "foo bar": " bar", "foo": "foo", "1 +": "1 +", "(5": "(5",
		"1 in [1 2]": "2]", "1 in [.n]": ".n]", "1 in [1,2": "1 in [1,2", `"abc`: `"abc`, "0x10 == 16": "10 == 16", "not not .n": "not not .n",
		"5e+3": "+3", "1 === 1": " 1", "1 . == 5": ". == 5", "5.5.5": "5.5.5", ".n .n": ".n .n", "1_000": "_000", "* 1 # 2": "# 2",
	} {
		f, near := CompileFilter([]byte(expr))
		if f != nil || string(near) != want {
			t.Errorf("%q: an error near %q, want near %q", expr, near, want)
		}
	}
}

func FuzzFilter(f *testing.F) {
	f.Add([]byte(".n > 5 and .s in ['a', 1] or not (.x ** -2 == 3)"), []byte(`{"n":5,"s":["a",{"b":1}],"x":-1.5e3}`))
	f.Fuzz(func(_ *testing.T, expr, attr []byte) {
		if filter, _ := CompileFilter(expr); filter != nil {
			filter.Matches(attr)
		}
	})
}
