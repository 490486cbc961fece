package procstat

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ListenerOf returns the process that listens on a TCP port of this machine, as far as this user may look: 0 when there is
// none, or it is somebody else's.
func ListenerOf(port int) (pid int, err error) {
	inodes := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		if err := listenInodes(table, port, inodes); err != nil && !os.IsNotExist(err) {
			return 0, err
		}
	}
	if len(inodes) == 0 {
		return 0, nil
	}
	descriptors, err := filepath.Glob("/proc/[0-9]*/fd/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, path := range descriptors {
		target, err := os.Readlink(path)
		if err != nil { // ended meanwhile, or not ours to see
			continue
		}
		if inodes[strings.TrimSuffix(strings.TrimPrefix(target, "socket:["), "]")] {
			return strconv.Atoi(strings.Split(path, "/")[2])
		}
	}
	return 0, nil
}

// listenInodes adds the socket inodes of a table of the kernel's that listen on the port.
func listenInodes(table string, port int, inodes map[string]bool) error {
	f, err := os.Open(table)
	if err != nil {
		return err
	}
	defer f.Close()
	const listening = "0A"
	suffix := fmt.Sprintf(":%04X", port)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
		if w := strings.Fields(lines.Text()); len(w) > 9 && strings.HasSuffix(w[1], suffix) && w[3] == listening {
			inodes[w[9]] = true
		}
	}
	return nil
}
