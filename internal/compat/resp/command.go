package resp

import "strconv"

// AppendCommand appends a request, an array of bulk strings, to dst.
func AppendCommand(dst []byte, args ...[]byte) []byte {
	dst = append(dst, '*')
	dst = strconv.AppendInt(dst, int64(len(args)), 10)
	dst = append(dst, '\r', '\n')
	for _, arg := range args {
		dst = append(dst, '$')
		dst = strconv.AppendInt(dst, int64(len(arg)), 10)
		dst = append(dst, '\r', '\n')
		dst = append(dst, arg...)
		dst = append(dst, '\r', '\n')
	}
	return dst
}

// Command is a request made of strings.
func Command(args ...string) []byte {
	parts := make([][]byte, len(args))
	for i, arg := range args {
		parts[i] = []byte(arg)
	}
	return AppendCommand(nil, parts...)
}
