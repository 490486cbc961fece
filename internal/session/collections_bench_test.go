package session

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// processTime is the CPU time that the process took so far.
func processTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// collectionRequests are what `crucible-benchmark types` measures, without sockets: K stands for one
// of the collections, N for one of its elements, T for one that exists every other time.
var collectionRequests = []struct{ name, fill, request string }{
	{"LPUSH", "RPUSH K V", "LPUSH K V"},
	{"LPOP+LPUSH", "RPUSH K V", "LPOP K|LPUSH K V"},
	{"LRANGE", "RPUSH K V", "LRANGE K 0 99"},
	{"HSET", "HSET K fI V", "HSET K fN V"},
	{"HGET", "HSET K fI V", "HGET K fN"},
	{"SADD", "SADD K mI", "SADD K mT"},
	{"SISMEMBER", "SADD K mI", "SISMEMBER K mN"},
	{"SINTER", "SADD K mI", "SINTER K K"},
	{"ZADD", "ZADD K I mI", "ZADD K N mN"},
	{"ZRANGE", "ZADD K I mI", "ZRANGE K 20 29"},
	{"ZRANK", "ZADD K I mI", "ZRANK K mN"},
	{"ZRANGEBYSCORE", "ZADD K I mI", "ZRANGEBYSCORE K N +inf LIMIT 0 10"},
	{"ZPOPMIN+ZADD", "ZADD K I mI", "ZPOPMIN K|ZADD K N mN"},
	{"XADD", "XADD K * f V", "XADD K * f V"},
	{"GET", "SET K V", "GET K"},
}

// BenchmarkCollections takes pipelines of 16 requests for many small collections, or one that is large; the CPU time
// of one request is reported.
func BenchmarkCollections(b *testing.B) {
	for _, c := range collectionRequests {
		for _, form := range []struct {
			name                  string
			collections, elements int
		}{{"small", 1000, 50}, {"large", 1, 20000}} {
			if c.name == "SINTER" && form.elements > 1000 {
				form.elements = 1000
			}
			b.Run(c.name+"/"+form.name, func(b *testing.B) {
				s := rigSettings()
				s.Maxmemory = 1 << 30
				r := newRig(b, s)
				r.Awake(time.Unix(1_700_000_000, 0))
				client := r.connect(b, RESP)
				random := rand.New(rand.NewPCG(1, 2))
				words := func(text string, collection, element int) string {
					var request []string
					for _, w := range strings.Fields(text) {
						switch {
						case w == "K":
							w = "k:" + strconv.Itoa(collection)
						case w == "V":
							w = fmt.Sprintf("%032d", element)[:31] + "v"
						case w == "I":
							w = strconv.Itoa(element)
						case w == "N":
							w = strconv.Itoa(random.IntN(form.elements))
						case strings.HasSuffix(w, "I"):
							w = w[:len(w)-1] + strconv.Itoa(element)
						case strings.HasSuffix(w, "mN"), strings.HasSuffix(w, "fN"):
							w = w[:len(w)-1] + strconv.Itoa(random.IntN(form.elements))
						case w == "mT":
							w = "m" + strconv.Itoa(random.IntN(2*form.elements))
						}
						request = append(request, w)
					}
					return array(request...)
				}
				for k := range form.collections {
					for i := range form.elements {
						client.turn([]byte(words(c.fill, k, i)))
					}
				}
				const depth = 16
				alternatives := strings.Split(c.request, "|")
				batches := make([][]byte, 1024)
				for i := range batches {
					for range depth {
						text := alternatives[random.IntN(len(alternatives))]
						batches[i] = append(batches[i], words(text, random.IntN(form.collections), i)...)
					}
				}
				began := processTime()
				b.ResetTimer()
				for i := range b.N {
					client.turn(batches[i%len(batches)])
				}
				b.ReportMetric(float64(processTime()-began)/float64(b.N)/depth, "cpu-ns/request")
			})
		}
	}
}
