package command

const lastStoreNotes = "Of several options that store the last counts"

// geoTable holds the commands of the group geo.
func geoTable() []*Spec {
	return []*Spec{
		{
			Name: "geoadd", Arity: -5, Flags: Write | DenyOOM,
			Categories: "geo", Since: "3.2.0", Complexity: "O(log(N)) for each place, N being the members of the set",
			Keys:      []KeySpec{{Flags: "RW update", Index: 1}},
			Summary:   "Adds places to a sorted set, or moves those it has.",
			Arguments: "key:key condition<nx=NX xx=XX>@6.2.0? change=CH@6.2.0? data(longitude:double latitude:double member)*",
			History: []Change{
				{"6.2.0", "Options `CH`, `NX`, `XX`."},
			},
			Run: geoaddCommand,
		},
		{
			Name: "geodist", Arity: -4, Flags: ReadOnly,
			Categories: "geo", Since: "3.2.0", Complexity: "O(1)",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Summary:   "Reads the distance between two places of a sorted set.",
			Arguments: "key:key member1 member2 unit<m=M km=KM ft=FT mi=MI>?",
			Run:       geodistCommand,
		},
		{
			Name: "geohash", Arity: -2, Flags: ReadOnly,
			Categories: "geo", Since: "3.2.0", Complexity: "O(N), N being the places asked for",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Summary:   "Reads places of a sorted set as geohashes.",
			Arguments: "key:key member?*",
			Run:       geohashCommand,
		},
		{
			Name: "geopos", Arity: -2, Flags: ReadOnly,
			Categories: "geo", Since: "3.2.0", Complexity: "O(N), N being the places asked for",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Summary:   "Reads the coordinates of places of a sorted set.",
			Arguments: "key:key member?*",
			Run:       geoposCommand,
		},
		{
			Name: "georadius", Arity: -6, Flags: Write | DenyOOM | MovableKeys,
			Categories: "geo", Since: "3.2.0", Complexity: "O(N+M*log(M)), N being the places near the shape and M those found",
			Keys: []KeySpec{
				{Flags: "RO access", Index: 1},
				{Notes: lastStoreNotes, Flags: "OW update incomplete", Keyword: "STORE", Index: 6, Find: lastStore(6, false)},
				{Notes: lastStoreNotes, Flags: "OW update incomplete", Keyword: "STOREDIST", Index: 6, Find: lastStore(6, true)},
			},
			Summary:    "Finds or stores the places within a distance of a point.",
			Arguments:  "key:key longitude:double latitude:double radius:double unit<m=M km=KM ft=FT mi=MI> withcoord=WITHCOORD? withdist=WITHDIST? withhash=WITHHASH? count-block(count:integer=COUNT any=ANY@6.2.0?)? order<asc=ASC desc=DESC>? store<storekey:key#1'key'=STORE storedistkey:key#2'key'=STOREDIST>?",
			Deprecated: Deprecation{"6.2.0", "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument"},
			History: []Change{
				{"6.2.0", "Option `ANY`."},
				{"7.0.0", "Units may be written in capitals."},
			},
			Grows: firstGrows,
			Run:   georadiusCommand,
		},
		{
			Name: "georadius_ro", Arity: -6, Flags: ReadOnly,
			Categories: "geo", Since: "3.2.10", Complexity: "O(N+M*log(M)), N being the places near the shape and M those found",
			Keys:       []KeySpec{{Flags: "RO access", Index: 1}},
			Summary:    "Finds the places within a distance of a point.",
			Arguments:  "key:key longitude:double latitude:double radius:double unit<m=M km=KM ft=FT mi=MI> withcoord=WITHCOORD? withdist=WITHDIST? withhash=WITHHASH? count-block(count:integer=COUNT any=ANY@6.2.0?)? order<asc=ASC desc=DESC>?",
			Deprecated: Deprecation{"6.2.0", "`GEOSEARCH` with the `BYRADIUS` argument"},
			History: []Change{
				{"6.2.0", "Option `ANY`."},
				{"7.0.0", "Units may be written in capitals."},
			},
			Run: georadiusroCommand,
		},
		{
			Name: "georadiusbymember", Arity: -5, Flags: Write | DenyOOM | MovableKeys,
			Categories: "geo", Since: "3.2.0", Complexity: "O(N+M*log(M)), N being the places near the shape and M those found",
			Keys: []KeySpec{
				{Flags: "RO access", Index: 1},
				{Notes: lastStoreNotes, Flags: "OW update incomplete", Keyword: "STORE", Index: 5, Find: lastStore(5, false)},
				{Notes: lastStoreNotes, Flags: "OW update incomplete", Keyword: "STOREDIST", Index: 5, Find: lastStore(5, true)},
			},
			Summary:    "Finds or stores the places within a distance of another one.",
			Arguments:  "key:key member radius:double unit<m=M km=KM ft=FT mi=MI> withcoord=WITHCOORD? withdist=WITHDIST? withhash=WITHHASH? count-block(count:integer=COUNT any=ANY?)? order<asc=ASC desc=DESC>? store<storekey:key#1'key'=STORE storedistkey:key#2'key'=STOREDIST>?",
			Deprecated: Deprecation{"6.2.0", "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments"},
			History: []Change{
				{"6.2.0", "Option `ANY`."},
				{"7.0.0", "Units may be written in capitals."},
			},
			Grows: firstGrows,
			Run:   georadiusbymemberCommand,
		},
		{
			Name: "georadiusbymember_ro", Arity: -5, Flags: ReadOnly,
			Categories: "geo", Since: "3.2.10", Complexity: "O(N+M*log(M)), N being the places near the shape and M those found",
			Keys:       []KeySpec{{Flags: "RO access", Index: 1}},
			Summary:    "Finds the places within a distance of another one.",
			Arguments:  "key:key member radius:double unit<m=M km=KM ft=FT mi=MI> withcoord=WITHCOORD? withdist=WITHDIST? withhash=WITHHASH? count-block(count:integer=COUNT any=ANY?)? order<asc=ASC desc=DESC>?",
			Deprecated: Deprecation{"6.2.0", "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments"},
			History: []Change{
				{"6.2.0", "Option `ANY`."},
				{"7.0.0", "Units may be written in capitals."},
			},
			Run: georadiusbymemberroCommand,
		},
		{
			Name: "geosearch", Arity: -7, Flags: ReadOnly,
			Categories: "geo", Since: "6.2.0", Complexity: "O(N+M*log(M)), N being the places near the shape and M those found",
			Keys:      []KeySpec{{Flags: "RO access", Index: 1}},
			Summary:   "Finds the places in a circle or a box.",
			Arguments: "key:key from<member:string=FROMMEMBER fromlonlat(longitude:double latitude:double)=FROMLONLAT> by<circle(radius:double=BYRADIUS unit<m=M km=KM ft=FT mi=MI>) box(width:double=BYBOX height:double unit<m=M km=KM ft=FT mi=MI>)> order<asc=ASC desc=DESC>? count-block(count:integer=COUNT any=ANY?)? withcoord=WITHCOORD? withdist=WITHDIST? withhash=WITHHASH?",
			History: []Change{
				{"7.0.0", "Units may be written in capitals."},
			},
			Run: geosearchCommand,
		},
		{
			Name: "geosearchstore", Arity: -8, Flags: Write | DenyOOM,
			Categories: "geo", Since: "6.2.0", Complexity: "O(N+M*log(M)), N being the places near the shape and M those found",
			Keys: []KeySpec{
				{Flags: "OW update", Index: 1},
				{Flags: "RO access", Index: 2},
			},
			Summary:   "Stores the places in a circle or a box.",
			Arguments: "destination:key source:key#1 from<member:string=FROMMEMBER fromlonlat(longitude:double latitude:double)=FROMLONLAT> by<circle(radius:double=BYRADIUS unit<m=M km=KM ft=FT mi=MI>) box(width:double=BYBOX height:double unit<m=M km=KM ft=FT mi=MI>)> order<asc=ASC desc=DESC>? count-block(count:integer=COUNT any=ANY?)? storedist=STOREDIST?",
			History: []Change{
				{"7.0.0", "Units may be written in capitals."},
			},
			Grows: firstGrows,
			Run:   geosearchstoreCommand,
		},
	}
}
