package command

// vectorTable holds the commands of vector sets. In the reference server they are
// those of a module that is built in: named in capitals, in no category, without an
// arity of their own, and with no more documentation than that.
func vectorTable() []*Spec {
	specs := []*Spec{
		{Name: "vadd", Flags: Write | DenyOOM, Grows: vaddGrows, Run: vaddCommand},
		{Name: "vcard", Flags: ReadOnly | Fast, Run: vcardCommand},
		{Name: "vdim", Flags: ReadOnly | Fast, Run: vdimCommand},
		{Name: "vemb", Flags: ReadOnly | Fast, Run: vembCommand},
		{Name: "vgetattr", Flags: ReadOnly | Fast, Run: vgetattrCommand},
		{Name: "vinfo", Flags: ReadOnly | Fast, Run: vinfoCommand},
		{Name: "vismember", Flags: ReadOnly, Run: vismemberCommand},
		{Name: "vlinks", Flags: ReadOnly | Fast, Run: vlinksCommand},
		{Name: "vrandmember", Flags: ReadOnly, Run: vrandmemberCommand},
		{Name: "vrem", Flags: Write, Run: vremCommand},
		{Name: "vsetattr", Flags: Write | Fast, Run: vsetattrCommand},
		{Name: "vsim", Flags: ReadOnly, Run: vsimCommand},
	}
	for _, s := range specs {
		s.Arity = -1
		s.Flags |= Module
		s.Keys = []KeySpec{{Flags: "RW access update", Index: 1}}
	}
	return specs
}
