package config

import (
	"reflect"
	"testing"
)

func TestParameter(t *testing.T) {
	c, err := load(profile(t, "[redis]\nparameters = ['SLOWLOG-MAX-LEN 10', 'oom-score-adj-values \"1 2 3\"', 'list-max-listpack-size -1']\n"), nil, box)
	if err != nil {
		t.Fatal(err)
	}
	want := []Parameter{{"slowlog-max-len", "10"}, {"oom-score-adj-values", "1 2 3"}, {"list-max-listpack-size", "-1"}}
	if !reflect.DeepEqual(c.Redis.Parameters, want) {
		t.Errorf("%v", c.Redis.Parameters)
	}
	if got := want[1].String(); got != `oom-score-adj-values "1 2 3"` {
		t.Errorf("written as %s", got)
	}
	for text, problem := range map[string]string{
		"nosuch 1":          `there is no parameter "nosuch"`,
		"databases 5":       "parameter databases cannot be set here",
		"slowlog-max-len x": "parameter slowlog-max-len: argument couldn't be parsed into an integer",
		"":                  `"": write a parameter as in redis.conf, such as "slowlog-max-len 1000"`,
	} {
		var p Parameter
		if err := p.UnmarshalText([]byte(text)); err == nil || err.Error() != problem {
			t.Errorf("%q: %v", text, err)
		}
	}
}
