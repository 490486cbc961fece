package footprint

import "github.com/crucible-cache/crucible/internal/bench/contender"

// Outcome is what a plan found out.
type Outcome struct {
	Contenders []contender.Contender `json:"contenders"`
	// CommandLines are the contenders', as of the first fill.
	CommandLines []string      `json:"command_lines"`
	Fills        []FillOutcome `json:"fills"`
	Verdicts     []Verdict     `json:"verdicts,omitempty"`
	Notes        []string      `json:"notes,omitempty"`
}

// FillOutcome is one fill with a row per contender, in the plan's order. A contender that failed has no row values.
type FillOutcome struct {
	Fill
	Rows []Row `json:"rows"`
}

// Row is what one contender took. Empty and Filled are its resident set in bytes before and after, PerItem is Filled
// over the number of items: what an operator pays, the process itself included.
type Row struct {
	Contender string  `json:"contender"`
	Empty     uint64  `json:"empty_bytes"`
	Filled    uint64  `json:"filled_bytes"`
	PerItem   float64 `json:"bytes_per_item"`
}

// Verdict is a goal and what was measured.
type Verdict struct {
	Goal
	Measured float64 `json:"measured"`
	Met      bool    `json:"met"`
}

// perItem returns the memory per item of the first contender that is, 0 when there is none with a value.
func (o *Outcome) perItem(fill int, is func(*contender.Contender) bool) float64 {
	for i := range o.Contenders {
		if is(&o.Contenders[i]) {
			return o.Fills[fill].Rows[i].PerItem
		}
	}
	return 0
}

// Over returns how many times the memory per item of a row's contender is that of a family, 0 when one of them is absent.
func (o *Outcome) Over(fill, row int, family contender.Family) float64 {
	theirs := o.perItem(fill, func(c *contender.Contender) bool { return c.Family == family })
	if theirs == 0 {
		return 0
	}
	return o.Fills[fill].Rows[row].PerItem / theirs
}

// judge holds the goals against the first fill. A goal whose servers aren't both here says nothing.
func (o *Outcome) judge(goals []Goal) {
	for _, g := range goals {
		for i := range o.Contenders {
			if o.Contenders[i].Name != g.Contender {
				continue
			}
			if measured := o.Over(0, i, g.Over); measured > 0 {
				o.Verdicts = append(o.Verdicts, Verdict{Goal: g, Measured: measured, Met: measured <= g.AtMost})
			}
		}
	}
}

// Met reports whether no goal was missed.
func (o *Outcome) Met() bool {
	for _, v := range o.Verdicts {
		if !v.Met {
			return false
		}
	}
	return true
}
