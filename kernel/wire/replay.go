package wire

import (
	"crypto/sha256"
	"encoding/binary"
)

// maxDigests bounds how many digests are remembered exactly.
const maxDigests = 65536

// replays remembers the signatures of messages that were accepted. The newest
// maxDigests are kept as they are. One that falls out of that memory is noted in a
// filter, so that a message recorded an hour ago is still refused: two Bloom filters
// take turns, each for filterTurn digests, which bounds the memory at 8 MiB while no
// digest among the last filterTurn is ever forgotten. A fresh message is mistaken
// for an old one about once in 10⁹. Short sessions never allocate the filters.
type replays struct {
	set  map[digest]struct{}
	ring []digest // in order of arrival
	next int      // the oldest entry of a full ring

	young, old *filter
}

type digest [16]byte

func newReplays() *replays { return &replays{set: map[digest]struct{}{}} }

// add notes a signature and reports whether it is new.
func (r *replays) add(signature []byte) bool {
	sum := sha256.Sum256(signature)
	d := digest(sum[:16])
	if _, seen := r.set[d]; seen {
		return false
	}
	if r.young.has(d) || r.old.has(d) {
		return false
	}
	r.set[d] = struct{}{}
	if len(r.ring) < maxDigests {
		r.ring = append(r.ring, d)
		return true
	}
	oldest := r.ring[r.next]
	r.ring[r.next] = d
	r.next = (r.next + 1) % maxDigests
	delete(r.set, oldest)
	if r.young == nil || r.young.count == filterTurn {
		r.young, r.old = &filter{}, r.young
	}
	r.young.add(oldest)
	return true
}

const (
	filterBits   = 1 << 25
	filterHashes = 30
	filterTurn   = filterBits * 7 / (filterHashes * 10) // half of the bits set: fill × hashes / ln 2
)

// filter is a Bloom filter. A nil filter is empty.
type filter struct {
	bits  [filterBits / 64]uint64
	count int
}

func (f *filter) add(d digest) {
	a, b := d.halves()
	for i := uint64(0); i < filterHashes; i++ {
		bit := (a + i*b) % filterBits
		f.bits[bit/64] |= 1 << (bit % 64)
	}
	f.count++
}

func (f *filter) has(d digest) bool {
	if f == nil {
		return false
	}
	a, b := d.halves()
	for i := uint64(0); i < filterHashes; i++ {
		bit := (a + i*b) % filterBits
		if f.bits[bit/64]&(1<<(bit%64)) == 0 {
			return false
		}
	}
	return true
}

// halves are two independent numbers; the second is odd so that the probes differ.
func (d digest) halves() (a, b uint64) {
	return binary.LittleEndian.Uint64(d[:8]), binary.LittleEndian.Uint64(d[8:]) | 1
}
