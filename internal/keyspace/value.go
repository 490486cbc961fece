package keyspace

import "github.com/crucible-cache/crucible/internal/rdb"

// Forms of values are to package rdb what encodings are here.
var (
	formOf     = [EncodingObject + 1]rdb.Form{EncodingIntset: rdb.Intset, EncodingPackTTL: rdb.PackTTL, EncodingObject: rdb.Large}
	encodingOf = [...]Encoding{rdb.Plain: EncodingPack, rdb.Intset: EncodingIntset, rdb.PackTTL: EncodingPackTTL, rdb.Large: EncodingObject}
)

// Value returns what an item holds, for it to be encoded. k's shard is locked
// and it is k's item; the value is valid as long as that.
func (w *Worker) Value(k Key, it Item) rdb.Value {
	v := rdb.Value{Type: it.Type()}
	switch {
	case it.Type() == TypeString:
		v.Bytes = it.Value()
	case it.Encoding() == EncodingObject:
		v.Form, v.Object = rdb.Large, w.Object(k, it)
	default:
		v.Form, v.Bytes = formOf[it.Encoding()], it.Value()
	}
	return v
}

// Put stores a value that was decoded under k, whatever was there. Of the
// options type and encoding are the value's. k's shard is locked.
func (w *Worker) Put(db int, k Key, v rdb.Value, o Options) {
	o.Type, o.Encoding = v.Type, encodingOf[v.Form]
	if v.Form == rdb.Large {
		w.SetObject(db, k, v.Object, o)
		return
	}
	w.Set(db, k, v.Bytes, o)
}
