package command

// Commands returns a new table of all commands. Statistics are kept by position
// in it, so that each server has one of its own.
func Commands() *Table {
	return newTable(
		group{"bitmap", bitmapTable()},
		group{"cluster", clusterTable()},
		group{"connection", connectionTable()},
		group{"generic", genericTable()},
		group{"server", persistenceTable()},
		group{"geo", geoTable()},
		group{"hash", hashTable()},
		group{"hyperloglog", hyperloglogTable()},
		group{"list", listTable()},
		group{"module", vectorTable()},
		group{"pubsub", pubsubTable()},
		group{"scripting", scriptingTable()},
		group{"server", serverTable()},
		group{"server", observationTable()},
		group{"server", standaloneTable()},
		group{"set", setTable()},
		group{"sorted-set", sortedSetTable()},
		group{"stream", streamTable()},
		group{"string", stringTable()},
		group{"transactions", transactionTable()},
	)
}

// group is a family of commands under the name that COMMAND DOCS has for it.
type group struct {
	name  string
	specs []*Spec
}
