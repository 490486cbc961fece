package command

// The errors of sorted sets.
const (
	errScoreRange    = "ERR min or max is not a float"
	errLexRange      = "ERR min or max not valid string range item"
	errZaddNXXX      = "ERR XX and NX options at the same time are not compatible"
	errZaddGTLT      = "ERR GT, LT, and/or NX options at the same time are not compatible"
	errZaddIncr      = "ERR INCR option supports a single increment-element pair"
	errScoreNaN      = "ERR resulting score is not a number (NaN)"
	errRangeLimit    = "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"
	errRangeLexScore = "ERR syntax error, WITHSCORES not supported in combination with BYLEX"
	errWeight        = "ERR weight value is not a float"
)

func errInputKeys(fullname string) string {
	return "ERR at least 1 input key is needed for '" + fullname + "' command"
}
