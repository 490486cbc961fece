package command

import (
	"slices"
	"strconv"
	"strings"
)

// infoSection is one section of INFO.
type infoSection struct {
	name  string
	title string
	when  infoWhen
	write func(*infoWriter)
}

// infoWhen says what a section is shown for.
type infoWhen int

const (
	always infoWhen = iota
	inAll           // only when it is asked for by name or with all
	byName          // only when it is asked for by name
)

// infoSections are in the order in which Redis writes them.
var infoSections = []infoSection{
	{"server", "Server", always, infoServer},
	{"clients", "Clients", always, infoClients},
	{"memory", "Memory", always, infoMemory},
	{"persistence", "Persistence", always, infoPersistence},
	{"threads", "Threads", always, infoThreads},
	{"stats", "Stats", always, infoStats},
	{"replication", "Replication", always, infoReplication},
	{"cpu", "CPU", always, infoCPU},
	{"modules", "Modules", always, infoModules},
	{"commandstats", "Commandstats", inAll, infoCommandstats},
	{"errorstats", "Errorstats", always, infoErrorstats},
	{"latencystats", "Latencystats", inAll, infoLatencystats},
	{"cluster", "Cluster", always, infoCluster},
	{"keyspace", "Keyspace", always, infoKeyspace},
	{"keysizes", "Keysizes", always, infoKeysizes},
	{"debug", "Debug", byName, infoDebug},
}

// infoWriter writes the lines of a report.
type infoWriter struct {
	strings.Builder
	w      *Worker
	totals *totals
}

func (i *infoWriter) text(name, value string) {
	i.WriteString(name)
	i.WriteByte(':')
	i.WriteString(value)
	i.WriteString("\r\n")
}

func (i *infoWriter) num(name string, n int64) { i.text(name, strconv.FormatInt(n, 10)) }

func (i *infoWriter) flag(name string, on bool) {
	if on {
		i.num(name, 1)
	} else {
		i.num(name, 0)
	}
}

func (i *infoWriter) count(name string, n uint64) { i.text(name, strconv.FormatUint(n, 10)) }

func (i *infoWriter) float(name string, f float64, digits int) {
	i.text(name, strconv.FormatFloat(f, 'f', digits, 64))
}

// bytes writes a number of bytes, and once more for people to read.
func (i *infoWriter) bytes(name string, n int64) {
	i.num(name, n)
	i.text(name+"_human", humanBytes(n))
}

// humanBytes writes a number of bytes with a unit and two decimals.
func humanBytes(n int64) string {
	if n < 1<<10 {
		return strconv.FormatInt(n, 10) + "B"
	}
	f, unit := float64(n), byte('B')
	for _, u := range []byte("KMGTP") {
		if f < 1<<10 {
			break
		}
		f, unit = f/(1<<10), u
	}
	return strconv.FormatFloat(f, 'f', 2, 64) + string(unit)
}

// infoCommand looks at every shard for the sizes of the databases, so it takes
// its locks itself.
func infoCommand(c *Client, args [][]byte) {
	i := &infoWriter{w: c.W, totals: c.W.Server.totals()}
	for _, s := range infoSections {
		if !wantsSection(args[1:], s) {
			continue
		}
		if i.Len() > 0 {
			i.WriteString("\r\n")
		}
		i.WriteString("# " + s.title + "\r\n")
		s.write(i)
	}
	c.Reply.Verbatim("txt", i.String())
}

func wantsSection(names [][]byte, s infoSection) bool {
	if len(names) == 0 {
		return s.when == always
	}
	return slices.ContainsFunc(names, func(name []byte) bool {
		switch {
		case equalName(name, s.name):
			return true
		case equalName(name, "all"), equalName(name, "everything"):
			return s.when != byName
		}
		return equalName(name, "default") && s.when == always
	})
}
