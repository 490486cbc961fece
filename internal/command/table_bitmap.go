package command

// bitmapTable holds the commands of the group bitmap.
func bitmapTable() []*Spec {
	return []*Spec{
		{
			Name: "bitcount", Arity: -2, Flags: ReadOnly,
			Categories: "bitmap", Since: "2.6.0", Complexity: "O(N), N being the bytes looked at",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Summary:   "Counts the bits that are set in the string at a key, or in a range of it.",
			Arguments: "key:key range(start:integer end:integer unit<byte=BYTE bit=BIT>@7.0.0?)?",
			History:   []Change{{"7.0.0", "Options `BYTE`, `BIT`."}},
			Run:       bitcountCommand,
		},
		{
			Name: "bitfield", Arity: -2, Flags: Write | DenyOOM,
			Categories: "bitmap", Since: "3.2.0", Complexity: "O(1) for each operation",
			Keys:      []KeySpec{{Notes: "RW unless all operations are `GET`", Flags: "RW access update variable_flags", Index: 1}},
			Summary:   "Reads, sets and adds to integers of any width that lie among the bits of the string at a key.",
			Arguments: "key:key operation<get-block(encoding offset:integer)=GET write(overflow-block<wrap=WRAP sat=SAT fail=FAIL>=OVERFLOW? write-operation<set-block(encoding offset:integer value:integer)=SET incrby-block(encoding offset:integer increment:integer)=INCRBY>)>?*",
			KeyFlags:  bitfieldKeyFlags,
			Grows:     bitfieldGrows,
			Run:       bitfieldCommand,
		},
		{
			Name: "bitfield_ro", Arity: -2, Flags: ReadOnly | Fast,
			Categories: "bitmap", Since: "6.0.0", Complexity: "O(1) for each operation",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Summary:   "Reads integers of any width that lie among the bits of the string at a key.",
			Arguments: "key:key get-block(encoding offset:integer)=GET?**",
			Run:       bitfieldRoCommand,
		},
		{
			Name: "bitop", Arity: -4, Flags: Write | DenyOOM,
			Categories: "bitmap", Since: "2.6.0", Complexity: "O(N), N being the bytes of all strings",
			Keys:      []KeySpec{{Flags: "OW update", Index: 2}, {Flags: "RO access", Index: 3, Last: -1}},
			Summary:   "Combines the bits of strings and stores the result at a key.",
			Arguments: "operation<and=AND or=OR xor=XOR not=NOT> destkey:key key:key#1*",
			Grows:     bitopGrows,
			Run:       bitopCommand,
		},
		{
			Name: "bitpos", Arity: -3, Flags: ReadOnly,
			Categories: "bitmap", Since: "2.8.7", Complexity: "O(N), N being the bytes looked at",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Summary:   "Finds the first bit that is set, or not set, in the string at a key, or in a range of it.",
			Arguments: "key:key bit:integer range(start:integer end-unit-block(end:integer unit<byte=BYTE bit=BIT>@7.0.0?)?)?",
			History:   []Change{{"7.0.0", "Options `BYTE`, `BIT`."}},
			Run:       bitposCommand,
		},
		{
			Name: "getbit", Arity: 3, Flags: ReadOnly | Fast,
			Categories: "bitmap", Since: "2.2.0", Complexity: "O(1)",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Summary:   "Reads a bit of the string at a key.",
			Arguments: "key:key offset:integer",
			Run:       getbitCommand,
		},
		{
			Name: "setbit", Arity: 4, Flags: Write | DenyOOM,
			Categories: "bitmap", Since: "2.2.0", Complexity: "O(1) unless the string has to grow",
			Keys:      []KeySpec{{Flags: "RW access update", Index: 1}},
			Summary:   "Sets or clears a bit of the string at a key, and answers with what it was.",
			Arguments: "key:key offset:integer value:integer",
			Grows:     setbitGrows,
			Run:       setbitCommand,
		},
	}
}
