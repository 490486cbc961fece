package report

import (
	"fmt"

	"github.com/crucible-cache/crucible/internal/bench/collection"
)

// weightTable sets the memory of elements side by side, one line for each kind and form, one column for each server.
func weightTable(weights []collection.Weight) [][]string {
	if len(weights) == 0 {
		return nil
	}
	head := []string{"bytes an element"}
	column := map[string]int{}
	var table [][]string
	var first float64
	for _, w := range weights {
		if column[w.Contender] == 0 {
			column[w.Contender] = len(head)
			if head = append(head, w.Contender); len(head) > 2 {
				head = append(head, "ratio")
			}
		}
		at := column[w.Contender]
		if at == 1 {
			table = append(table, []string{fmt.Sprintf("%s, %s", w.Kind, w.Form), fmt.Sprintf("%.1f", w.Bytes)})
			first = w.Bytes
			continue
		}
		last := len(table) - 1
		table[last] = append(table[last], fmt.Sprintf("%.1f", w.Bytes), fmt.Sprintf("%.2f", first/w.Bytes))
	}
	return append([][]string{head}, table...)
}
