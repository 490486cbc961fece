// Package vector is the vector set: elements that have a vector each, and a graph
// over them in which those nearest to another vector are found without looking at
// all. The graph is the hierarchical navigable small world of Malkov and Yashunin
// ("Efficient and robust approximate nearest neighbor search using Hierarchical
// Navigable Small World graphs", 2016): a node lies on the layers from 0 up to its
// level, which is drawn at random, and is linked to near nodes on each of them.
//
// Links are always there in both directions. So a node can be taken out of the
// graph for good, by going through its own links, and nodes can be kept densely: the
// last one moves into the place of the one that goes.
//
// Vectors are kept at length one, as floats, as bytes with a common factor or as
// signs ([Quant]). A filter (see [Filter]) is an expression over what elements carry
// besides: the fields of a JSON object.
//
// # Threads
//
// A Set belongs to whoever holds the lock of the shard in which its key lies. A
// Scratch, the memory of searches, belongs to one thread, and so does a Filter.
//
// # Memory
//
// All of a Set lies in blocks of an object.Heap and refers to itself by number, so
// that the garbage collector has nothing to look at; Bytes is counted as blocks come
// and go.
//
// # Limits
//
// 2^32-1 elements, vectors of DimensionsMax components, LinksMax links a node and
// layer (twice that on layer 0), levels up to LevelMax. Adding an element looks at
// about ef times the links of a node; removing one at relinkWidth nodes for each of
// its links; a search at ef times the links, but at every element when it is exact or
// when what it may return is rare.
package vector
