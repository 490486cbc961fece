package command

import "github.com/crucible-cache/crucible/internal/rdb"

// rdbLimits are the forms that values get when they are decoded, and what they
// may take: half of the memory there is, whatever a few bytes claim to stand for.
func (p *Params) rdbLimits() rdb.Limits {
	return rdb.Limits{
		HashEntries: p.hashEntries.Load(), HashValue: p.hashValue.Load(),
		SetInts: p.setInts.Load(), SetEntries: p.setEntries.Load(), SetValue: p.setValue.Load(),
		ZSetEntries: p.zsetEntries.Load(), ZSetValue: p.zsetValue.Load(),
		List: p.listFill(), String: p.ProtoMaxBulkLen(), Memory: p.Maxmemory() / 2,
	}
}

// rdbCompression reports whether strings are compressed when they are encoded.
func (p *Params) rdbCompression() bool { return true }
