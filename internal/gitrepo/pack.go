package gitrepo

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1" //nolint:gosec // git's object ids are sha1
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/idxfile"
)

// A pack is a git packfile in the making: objects one behind the other, none
// stored as a difference to another. go-git's own encoder would do, but hides
// the offsets that the pack's index needs, so that the pack had to be read again.
type pack struct {
	buf  bytes.Buffer // entries, without the header
	z    *zlib.Writer
	ids  map[plumbing.Hash]bool
	list []packed
	err  error
}

type packed struct {
	id     plumbing.Hash
	offset uint64 // in the finished file
	crc    uint32
}

const packHeader = 12 // "PACK", version, number of objects

func newPack() *pack {
	// Stored, not compressed: squeezing sixty small files takes longer than all
	// the rest of a commit. The pack is still half of what git add would put on
	// the disk as one file an object, and git packs anew as the project grows.
	z, err := zlib.NewWriterLevel(nil, zlib.NoCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	return &pack{z: z, ids: map[plumbing.Hash]bool{}}
}

// add adds an object and returns its id. The same object twice is stored once.
func (p *pack) add(t plumbing.ObjectType, data []byte) plumbing.Hash {
	h := sha1.New()
	fmt.Fprintf(h, "%s %d\x00", t, len(data))
	h.Write(data)
	var id plumbing.Hash
	h.Sum(id[:0])
	if p.ids[id] {
		return id
	}
	p.ids[id] = true
	start := p.buf.Len()
	// Type and length: four bits of it in the first byte, then seven a byte.
	size := len(data)
	c := byte(t)<<4 | byte(size&15)
	for size >>= 4; size > 0; size >>= 7 {
		p.buf.WriteByte(c | 0x80)
		c = byte(size & 0x7f)
	}
	p.buf.WriteByte(c)
	p.z.Reset(&p.buf)
	if _, err := p.z.Write(data); err != nil {
		p.err = err
	}
	if err := p.z.Close(); err != nil {
		p.err = err
	}
	p.list = append(p.list, packed{id, uint64(packHeader + start), crc32.ChecksumIEEE(p.buf.Bytes()[start:])})
	return id
}

// write writes the pack and its index below a .git folder.
func (p *pack) write(git string) error {
	if p.err != nil || len(p.list) == 0 {
		return p.err
	}
	file := make([]byte, 0, packHeader+p.buf.Len()+sha1.Size)
	file = append(file, "PACK"...)
	file = binary.BigEndian.AppendUint32(file, 2)
	file = binary.BigEndian.AppendUint32(file, uint32(len(p.list)))
	file = append(file, p.buf.Bytes()...)
	sum := sha1.Sum(file)
	file = append(file, sum[:]...)

	w := &idxfile.Writer{}
	if err := w.OnHeader(uint32(len(p.list))); err != nil {
		return err
	}
	for _, o := range p.list {
		w.Add(o.id, o.offset, o.crc)
	}
	if err := w.OnFooter(sum); err != nil {
		return err
	}
	mem, err := w.Index()
	if err != nil {
		return err
	}
	var idx bytes.Buffer
	if _, err := idxfile.NewEncoder(&idx).Encode(mem); err != nil {
		return err
	}
	// Packs are read-only, as git makes them; their index comes last, because it is what git looks for.
	name := filepath.Join(git, "objects", "pack", fmt.Sprintf("pack-%x", sum))
	if err := os.WriteFile(name+".pack", file, 0o444); err != nil {
		return err
	}
	return os.WriteFile(name+".idx", idx.Bytes(), 0o444)
}
