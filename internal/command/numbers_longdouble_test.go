package command

import (
	"strings"
	"testing"
	"time"
)

// TestAddLongDouble has the sums of the reference server on x86.
func TestAddLongDouble(t *testing.T) {
	for _, tt := range [][3]string{
		{"0.1", "0.2", "0.3"},
		{"3.0", "0", "3"},
		{"-0.0", "0", "0"},
		{"-1e-30", "0", "0"},
		{"10.5", "0.1", "10.6"},
		{"0", "1e20", "100000000000000000000"},
		{"1e20", "5.0e3", "100000000000000005000"},
		{"0x1.3fb3c60f929a0p+28", "-1.314232770935997e-19", "335232096.97329139709472656"},
		{"561e-36", "-29.009", "-29.009"},
		{"396562.3829705517855", "5.996329394070613e-16", "396562.38297055178549044"},
		{"-629e10", "-5098.9595084793", "-6290000005098.95950841903686523"},
		{"82655644.990210965275764", "47542542183379519487703832104", "47542542183379519487449497600"},
		{"10776.890859", "632e-3", "10777.52285899999999952"},
		{"7.629842674937928e+18", "-8.48224036717516583", "7629842674937927991.5"},
		{"0x1.9d8d712ae3620p+26", "2.938686954690313e+16", "29386869655313438.669921875"},
		{"8.846789129150688e-15", "-1275409124556960947128099760", "-1275409124556960947188531200"},
		{"-33.160", "741e-12", "-33.159999999259"},
		{"7878196949908562.0", "71e-585", "7878196949908562"},
		{"-28.090", "735", "706.90999999999999998"},
		{"-2805222.94", "-0x1.833999a3b4274p+27", "-205822644.05574137211078778"},
	} {
		a, ok := parseLongDouble([]byte(tt[0]))
		b, bOK := parseLongDouble([]byte(tt[1]))
		if !ok || !bOK {
			t.Errorf("%s + %s was not read", tt[0], tt[1])
			continue
		}
		sum, ok := addLongDouble(a, b)
		if got := string(appendLongDouble([]byte("x"), sum)); !ok || got != "x"+tt[2] {
			t.Errorf("%s + %s = %s, want %s", tt[0], tt[1], got, tt[2])
		}
	}
}

func TestParseLongDouble(t *testing.T) {
	for _, s := range []string{
		"0", "-0", "1", "+1", ".5", "5.", "1e5", "1E+5", "1e-5", "0x10", "0X.8p1", "0x1p-3", "inf", "-INF", "Infinity",
		"1e4932", "1e-4950", "0e99999999999999999999", strings.Repeat("9", 4000), "0." + strings.Repeat("1", 5000),
	} {
		if _, ok := parseLongDouble([]byte(s)); !ok {
			t.Errorf("%.40q was not read", s)
		}
	}
	for _, s := range []string{
		"", " 1", "1 ", ".", "-", "+", "--1", "e5", "1e", "1e+", "1.2.3", "1_0", "0b1", "0x", "0x.", "0xg", "0x1p", "0x1p+",
		"nan", "-nan", "infi", "1a", "1e5x", "1\x00", "1e5000", "-1e5000", "1e4933", "1e-4960", "1e99999999999999999999",
		"1e-99999999999999999999", "0x1p99999", "0x1p-99999", strings.Repeat("9", 5000), strings.Repeat("0", 5120),
	} {
		if x, ok := parseLongDouble([]byte(s)); ok {
			t.Errorf("%.40q was read as %v", s, x)
		}
	}
}

func TestAddLongDoubleOverflow(t *testing.T) {
	large, _ := parseLongDouble([]byte("1.18973149535723176502e4932")) // the largest there is
	inf, _ := parseLongDouble([]byte("inf"))
	minusInf, _ := parseLongDouble([]byte("-inf"))
	one, _ := parseLongDouble([]byte("1"))
	if _, ok := addLongDouble(large, one); !ok {
		t.Error("the largest value can't be added to")
	}
	if _, ok := addLongDouble(large, large); ok {
		t.Error("twice the largest value is finite")
	}
	if _, ok := addLongDouble(inf, minusInf); ok {
		t.Error("inf - inf is a number")
	}
	if _, ok := addLongDouble(one, inf); ok {
		t.Error("inf is finite")
	}
}

// TestParseLongDoubleBounded makes sure that no text of the longest length
// allowed takes long to read.
func TestParseLongDoubleBounded(t *testing.T) {
	begin := time.Now()
	for _, s := range []string{
		"1e999999999", "1e-999999999", strings.Repeat("7", 4900), "0." + strings.Repeat("0", 4900) + "7",
		strings.Repeat("7", 2500) + "e-2500", "0x" + strings.Repeat("f", 5000) + "p-20000",
	} {
		parseLongDouble([]byte(s))
	}
	if took := time.Since(begin); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}
