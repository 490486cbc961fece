package rdb

// Versions of the format.
const (
	// VersionMax is what Redis 8.0 writes, and the last that is read.
	VersionMax = 12

	// VersionWritten is that of Redis 7.0, which knows all types that are
	// written but those of hashes with fields that expire.
	VersionWritten = 10

	// versionPackedSets is that of Redis 7.2, the first that knows sets that are listpacks.
	versionPackedSets = 11
)

// The types of values. Numbers 6 and 7 are values of modules.
const (
	typeString            = 0
	typeList              = 1
	typeSet               = 2
	typeZSet              = 3
	typeHash              = 4
	typeZSet2             = 5
	typeModule            = 6
	typeModule2           = 7
	typeHashZipmap        = 9
	typeListZiplist       = 10
	typeSetIntset         = 11
	typeZSetZiplist       = 12
	typeHashZiplist       = 13
	typeListQuicklist     = 14
	typeStream            = 15
	typeHashListpack      = 16
	typeZSetListpack      = 17
	typeListQuicklist2    = 18
	typeStream2           = 19
	typeSetListpack       = 20
	typeStream3           = 21
	typeHashTimesOld      = 22 // of release candidates: times are absolute
	typeHashListpackExOld = 23 // without the earliest time in front
	typeHashTimes         = 24
	typeHashListpackEx    = 25
)

// The records of a file that are not keys.
const (
	opSlotInfo    = 244
	opFunction    = 245
	opFunctionOld = 246
	opModuleAux   = 247
	opIdle        = 248
	opFreq        = 249
	opAux         = 250
	opResizeDB    = 251
	opExpireMS    = 252
	opExpire      = 253
	opSelectDB    = 254
	opEnd         = 255
)

// A length begins with two bits that say how it goes on.
const (
	len6Bit    = 0
	len14Bit   = 1
	len32Bit   = 0x80
	len64Bit   = 0x81
	lenEncoded = 3 // no length: a string of another form, by the other six bits

	encInt8  = 0
	encInt16 = 1
	encInt32 = 2
	encLZF   = 3
)

// Containers of a node of a list.
const (
	nodePlain  = 1
	nodePacked = 2
)
