package wire

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// Items asks the server how many items it holds (of a Redis: in database 0). It blocks, at most askTimeout.
func Items(conn net.Conn, p Protocol) (uint64, error) {
	if err := conn.SetDeadline(time.Now().Add(askTimeout)); err != nil {
		return 0, err
	}
	request, prefix := "DBSIZE\r\n", ":"
	if p == Memcache {
		request, prefix = "stats\r\n", "STAT curr_items "
	}
	if _, err := conn.Write([]byte(request)); err != nil {
		return 0, err
	}
	in := bufio.NewReader(conn)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return 0, fmt.Errorf("no answer to %s: %w", strings.TrimSpace(request), err)
		}
		line = strings.TrimSpace(line)
		if digits, found := strings.CutPrefix(line, prefix); found {
			return strconv.ParseUint(digits, 10, 64)
		}
		if !strings.HasPrefix(line, "STAT ") {
			return 0, fmt.Errorf("the server answers %.60q to %s", line, strings.TrimSpace(request))
		}
	}
}

// Served asks the server how many requests it has carried out (a Memcached: reads and stores). It blocks, at most
// askTimeout.
func Served(conn net.Conn, p Protocol) (total uint64, err error) {
	if err := conn.SetDeadline(time.Now().Add(askTimeout)); err != nil {
		return 0, err
	}
	request, prefixes := "INFO stats\r\n", []string{"total_commands_processed:"}
	if p == Memcache {
		request, prefixes = "stats\r\n", []string{"STAT cmd_get ", "STAT cmd_set "}
	}
	if _, err := conn.Write([]byte(request)); err != nil {
		return 0, err
	}
	in := bufio.NewReader(conn)
	for found := 0; found < len(prefixes); {
		line, err := in.ReadString('\n')
		if err != nil {
			return 0, fmt.Errorf("no answer to %s: %w", strings.TrimSpace(request), err)
		}
		for _, prefix := range prefixes {
			if digits, is := strings.CutPrefix(strings.TrimSpace(line), prefix); is {
				n, err := strconv.ParseUint(digits, 10, 64)
				if err != nil {
					return 0, err
				}
				total, found = total+n, found+1
			}
		}
	}
	return total, nil
}
