package command

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// Several loops write three keys in one step, by MSET and by EXEC, and read two
// of them in one step: nobody may see them differ. A third kind of writer
// exchanges the databases, and all of them count under WATCH.
func TestNobodySeesHalfATransaction(t *testing.T) {
	const workers, duration = 4, 400 * time.Millisecond
	s := newTestServer(t, workers, Hooks{})
	clients := make([]*testClient, workers)
	for i := range clients {
		clients[i] = s.client(t, i)
	}
	clients[0].do("MSET", "a", "0", "b", "0", "c", "0", "count", "0")
	stop := time.Now().Add(duration)
	increments := make([]int, workers)
	var wait sync.WaitGroup
	for i, c := range clients {
		wait.Go(func() {
			for n := 0; time.Now().Before(stop); n++ {
				value := fmt.Sprintf("%d-%d", i, n)
				switch i {
				case 0:
					c.do("MSET", "a", value, "b", value, "c", value)
				case 1:
					c.do("MULTI")
					c.do("SET", "a", value)
					c.do("SET", "b", value)
					for range 200 { // give the others time to look
						c.do("GET", "a")
					}
					c.do("SET", "c", value)
					c.do("EXEC")
				case 2:
					c.do("MULTI")
					c.do("SWAPDB", "0", "1")
					c.do("SWAPDB", "1", "0")
					c.do("EXEC")
				}
				checkPair(t, c.do("MGET", "b", "c"))
				increments[i] += incrementWatched(t, c)
			}
		})
	}
	wait.Wait()
	total := 0
	for _, n := range increments {
		total += n
	}
	if got, want := clients[0].do("GET", "count"), bulk(fmt.Sprint(total)); got != want || total == 0 {
		t.Errorf("count is %q after %d increments", got, total)
	}
	for _, c := range clients {
		c.Close()
	}
	if s.Workers()[0].Holding() {
		t.Error("a lock is still held")
	}
}

// checkPair expects the reply of MGET to hold the same value twice.
func checkPair(t *testing.T, reply string) {
	t.Helper()
	lines := strings.Split(reply, "\r\n")
	if len(lines) != 6 || lines[2] != lines[4] {
		t.Errorf("torn: %q", reply)
	}
}

// incrementWatched adds one to count by GET and SET, and returns 1 if nobody
// was in between.
func incrementWatched(t *testing.T, c *testClient) int {
	t.Helper()
	c.do("WATCH", "count")
	var n int
	if _, err := fmt.Sscanf(strings.Split(c.do("GET", "count"), "\r\n")[1], "%d", &n); err != nil {
		t.Errorf("count: %v", err)
		return 0
	}
	c.do("MULTI")
	c.do("SET", "count", fmt.Sprint(n+1))
	if c.do("EXEC") == "*1\r\n+OK\r\n" {
		return 1
	}
	return 0
}

func bulk(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }

// Other threads list, kill and ask for INFO while a client is busy.
func TestOthersMayLook(t *testing.T) {
	s := newTestServer(t, 2, Hooks{})
	busy, curious := s.client(t, 0), s.client(t, 1)
	stop := time.Now().Add(200 * time.Millisecond)
	var wait sync.WaitGroup
	wait.Go(func() {
		for n := 0; time.Now().Before(stop); n++ {
			busy.do("CLIENT", "SETNAME", fmt.Sprint("n", n))
			busy.do("SELECT", fmt.Sprint(n%16))
			busy.do("WATCH", "k")
			busy.do("MULTI")
			busy.do("SET", "k", "v")
			busy.do("EXEC")
			busy.do("NOSUCH")
			busy.do("CLIENT", "NO-TOUCH", "ON")
			busy.do("HELLO", "3")
			busy.do("RESET")
		}
	})
	wait.Go(func() {
		for time.Now().Before(stop) {
			if line := curious.do("CLIENT", "LIST", "ID", fmt.Sprint(busy.ID)); !strings.Contains(line, fmt.Sprintf("id=%d addr=", busy.ID)) {
				t.Errorf("no line of the busy client: %q", line)
			}
			curious.do("INFO", "everything")
			curious.do("CONFIG", "RESETSTAT")
			curious.do("CONFIG", "SET", "requirepass", "")
			curious.do("CLIENT", "KILL", "ID", "99999")
			s.Workers()[1].Tick()
		}
	})
	wait.Wait()
}
