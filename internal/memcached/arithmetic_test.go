package memcached

import "testing"

func TestArithmetic(t *testing.T) {
	const notNumeric = "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n"
	const badDelta = "CLIENT_ERROR invalid numeric delta argument\r\n"
	newTestClient(t).exchange(t, []exchange{
		{"incr n 1\r\n", "NOT_FOUND\r\n"},
		{"decr n 1 noreply\r\n", ""},
		{"set n 3 0 1\r\n9\r\n", "STORED\r\n"},
		{"incr n 1\r\n", "10\r\n"},
		{"decr n 1\r\n", "9\r\n"},
		{"get n\r\n", "VALUE n 3 2\r\n9 \r\nEND\r\n"}, // as long as before
		{"incr n 0\r\n", "9\r\n"},
		{"incr n 90\r\n", "99\r\n"},
		{"get n\r\n", "VALUE n 3 2\r\n99\r\nEND\r\n"},
		{"decr n 100\r\n", "0\r\n"},
		{"get n\r\n", "VALUE n 3 2\r\n0 \r\nEND\r\n"},
		{"incr n 18446744073709551615\r\n", "18446744073709551615\r\n"},
		{"incr n 1\r\n", "0\r\n"},
		{"get n\r\n", "VALUE n 3 20\r\n0                   \r\nEND\r\n"},
		{"decr n 1\r\n", "0\r\n"},
		{"incr n 5 noreply\r\nincr n 1\r\n", "6\r\n"},
		{"incr n x\r\n", badDelta},
		{"incr n -1\r\n", badDelta},
		{"incr n 18446744073709551616\r\n", badDelta},
		{"incr n +1\r\n", "7\r\n"},
		{"incr n\r\n", "ERROR\r\n"},
		{"set x 0 0 1\r\nx\r\nincr x 1\r\n", "STORED\r\n" + notNumeric},
		{"incr x 1 noreply\r\n", ""},
		{"set x 0 0 0\r\n\r\nincr x 1\r\n", "STORED\r\n" + notNumeric},
		{"set x 0 0 2\r\n1x\r\nincr x 1\r\n", "STORED\r\n" + notNumeric},
		{"set x 0 0 2\r\n-1\r\nincr x 1\r\n", "STORED\r\n" + notNumeric},
		{"set x 0 0 2\r\n+1\r\nincr x 1\r\n", "STORED\r\n2\r\n"},
		{"set x 0 0 4\r\n 1 x\r\nincr x 1\r\n", "STORED\r\n2\r\n"},
		{"get x\r\n", "VALUE x 0 4\r\n2   \r\nEND\r\n"},
		{"set x 0 0 20\r\n18446744073709551616\r\nincr x 1\r\n", "STORED\r\n" + notNumeric},
	})
}
