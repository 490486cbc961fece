package command

// Commands returns a new table of all commands. Statistics are kept by position
// in it, so that each server has one of its own.
func Commands() *Table {
	return newTable(transactionTable())
}
