package command

import (
	"crypto/sha1" //nolint:gosec // a signature of data, not a secret
	"encoding/binary"
	"encoding/hex"
	"strconv"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/object/vector"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

// digest is a signature of data as DEBUG DIGEST of the reference server
// computes it, so that data can be compared between the two. What has an order
// is mixed in, what has none is added.
type digest [sha1.Size]byte

// add takes data in regardless of the order.
func (d *digest) add(data []byte) {
	sum := sha1.Sum(data) //nolint:gosec // see above
	for i := range d {
		d[i] ^= sum[i]
	}
}

// mix takes data in such that the order matters.
func (d *digest) mix(data []byte) {
	d.add(data)
	*d = sha1.Sum(d[:]) //nolint:gosec // see above
}

func (d *digest) mixNumber(n int) {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(n)) //nolint:gosec // a database or a type
	d.mix(b[:])
}

// digestTypes are the numbers of the types in a digest.
var digestTypes = map[keyspace.Type]int{
	keyspace.TypeString: 0, keyspace.TypeList: 1, keyspace.TypeSet: 2,
	keyspace.TypeZSet: 3, keyspace.TypeHash: 4, keyspace.TypeVectorSet: 5, keyspace.TypeStream: 6,
}

func debugDigest(c *Client, _ [][]byte) {
	var all digest
	selected := c.DB
	for db := range c.W.Server.Keyspace.Databases() {
		c.DB = db
		names := c.databaseKeys(db)
		if len(names) == 0 {
			continue
		}
		all.mixNumber(db)
		for _, name := range names {
			var d digest
			d.mix(name)
			c.digestKey(&d, name)
			all.add(d[:])
		}
	}
	c.DB = selected
	c.Reply.SimpleString(hex.EncodeToString(all[:]))
}

func debugDigestValue(c *Client, args [][]byte) {
	c.Reply.ArrayLen(len(args) - 2)
	for _, name := range args[2:] {
		var d digest
		c.digestKey(&d, name)
		c.Reply.SimpleString(hex.EncodeToString(d[:]))
	}
}

// digestKey takes in what a key of the client's database holds, if it is there.
// All shards are held.
func (c *Client) digestKey(d *digest, name []byte) {
	k := c.W.Worker.Key(name)
	it, found := c.W.Inspect(c.DB, k)
	if !found {
		return
	}
	expires := it.ExpireAt() != 0
	d.mixNumber(digestTypes[it.Type()])
	var buf [32]byte
	switch it.Type() {
	case keyspace.TypeString:
		d.mix(it.Value())
	case keyspace.TypeList:
		l := c.openList(k, it, false)
		for x := l.seek(0); x.valid(); x.next(false) {
			d.mix(x.elem().Text(buf[:0]))
		}
	case keyspace.TypeSet:
		s := c.openSet(k, it, false)
		s.each(func(e object.Elem) bool {
			d.add(e.Text(buf[:0]))
			return true
		})
	case keyspace.TypeZSet:
		digestZSet(d, c.sortedOf(k, it))
	case keyspace.TypeHash:
		c.digestHash(d, k, it)
	case keyspace.TypeStream:
		digestStream(d, c.W.Object(k, it).(*object.Stream))
	case keyspace.TypeVectorSet:
		digestVectors(d, c.W.Object(k, it).(*vector.Set))
	}
	if expires {
		d.add([]byte("!!expire!!"))
	}
}

func digestZSet(d *digest, s object.Sorted) {
	var buf, number [32]byte
	s.Ascend(0, s.Len(), func(member object.Elem, score float64) bool {
		var e digest
		e.mix(member.Text(buf[:0]))
		e.mix(resp.AppendShortest(number[:0], score))
		d.add(e[:])
		return true
	})
}

func (c *Client) digestHash(d *digest, k keyspace.Key, it keyspace.Item) {
	h := c.openHash(k, it)
	var field, value [32]byte
	h.every(func(f, v object.Elem, at int64) bool {
		var e digest
		e.mix(f.Text(field[:0]))
		e.mix(v.Text(value[:0]))
		if at != 0 {
			e.add([]byte("!!hexpire!!"))
		}
		d.add(e[:])
		return true
	})
}

// digestVectors takes in what a vector set has, but not how it is linked: values of
// modules are made of sequences, in each of which the order matters.
func digestVectors(d *digest, s *vector.Set) {
	var all, sequence digest
	sequence.mix([]byte(strconv.Itoa(s.Len())))
	sequence.mix([]byte(strconv.Itoa(s.Shape().Dim)))
	all.add(sequence[:])
	for i := range s.Len() {
		e := s.At(i)
		sequence = digest{}
		raw, _, _ := e.Raw()
		sequence.mix(raw)
		sequence.mix(e.Name())
		if attr := e.Attributes(); len(attr) > 0 {
			sequence.mix(attr)
		}
		all.add(sequence[:])
	}
	d.add(all[:])
}

func digestStream(d *digest, s *object.Stream) {
	var buf [32]byte
	it := s.Range(object.StreamID{}, object.MaxStreamID)
	for it.Next() {
		d.mix([]byte(strconv.FormatUint(it.ID.MS, 10) + "." + strconv.FormatUint(it.ID.Seq, 10)))
		for range it.Fields {
			name, value := it.Pair()
			d.mix(name.Text(buf[:0]))
			d.mix(value.Text(buf[:0]))
		}
	}
}
