package lua51

// kind tells tokens apart: a byte for what is one character, else one of these.
type kind int

const (
	tAnd kind = 257 + iota
	tBreak
	tDo
	tElse
	tElseif
	tEnd
	tFalse
	tFor
	tFunction
	tIf
	tIn
	tLocal
	tNil
	tNot
	tOr
	tRepeat
	tReturn
	tThen
	tTrue
	tUntil
	tWhile
	tConcat
	tDots
	tEq
	tGE
	tLE
	tNE
	tNumber
	tName
	tString
	tEOF
)

// spellings are how messages call the kinds, from tAnd on.
var spellings = [...]string{
	"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if",
	"in", "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
	"..", "...", "==", ">=", "<=", "~=", "<number>", "<name>", "<string>", "<eof>",
}

var reserved = func() map[string]kind {
	words := map[string]kind{}
	for k := tAnd; k <= tWhile; k++ {
		words[spellings[k-tAnd]] = k
	}
	return words
}()

// token is one word of the source.
type token struct {
	kind kind
	text string  // of a name, or what a string holds
	num  float64 // of a number
	raw  string  // as it stands in the source, for messages; of names, strings and numbers
}
