package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync"

	"allnet/model"
)

// Entry is what is kept of one picture, whatever its paths are.
type Entry struct {
	SHA256   string              `json:"sha256"`
	Record   model.Record        `json:"record"` // of no file
	Measures map[Measure]float64 `json:"measures,omitempty"`
	// Evidence names how the evidence was made that was written; empty for none. Unexplained is why there is none although it
	// was asked for.
	Evidence    string `json:"evidence,omitempty"`
	Unexplained string `json:"unexplained,omitempty"`
	// passing says that the next run is to try again.
	passing bool
}

// The store is what lets a run go on: files of entries, which stand under their names only when they are whole. What a unit
// of work has computed is in files that begin with its name (see unitOf).

// storeNames are the names of the store's files, without their folder and in order, as they were when this process first asked.
type storeNames struct {
	sync.Once
	names []string
	err   error
}

var stores sync.Map // of output: *storeNames

func (c *Config) storeNames(ctx context.Context) ([]string, error) {
	kept, _ := stores.LoadOrStore(c.Output, new(storeNames))
	s := kept.(*storeNames)
	s.Do(func() {
		var files []string
		files, s.err = filesIn(ctx, c.in(storeFolder))
		for _, name := range files {
			s.names = append(s.names, strings.Clone(path.Base(name)))
		}
		slices.Sort(s.names)
	})
	return s.names, s.err
}

// unitOf names the unit of work that a picture belongs to. Pictures of one container are a unit, since it is read from its
// beginning. Others are divided by the first bits of their SHA-256, so that nothing depends on where they lie: a unit's name
// is "p" and these bits, and with twice as many units each unit's pictures are those of two.
func unitOf(sum, container string, bits int) string {
	if container != "" {
		return containerUnit(container)
	}
	var digits strings.Builder
	for i := range bits {
		digit := strings.IndexByte("0123456789abcdef", sum[i/4])
		fmt.Fprint(&digits, digit>>(3-i%4)&1)
	}
	return "p" + digits.String()
}

func containerUnit(name string) string {
	sum := sha256.Sum256([]byte(name))
	return "c" + hex.EncodeToString(sum[:12])
}

// bitsFor is into how many units, as a power of two, so many pictures are divided, of which each is to hold about size.
func bitsFor(pictures, size int) (bits int) {
	for pictures>>bits > size && bits < 40 {
		bits++
	}
	return bits
}

// related are those of the store's files, whose names are in order, that may hold entries of a unit: the unit's own, and those of units that
// it is a part of or that are a part of it.
func related(names []string, unit string) (files []string) {
	from := func(start string) {
		i, _ := slices.BinarySearch(names, start)
		for ; i < len(names) && strings.HasPrefix(names[i], start); i++ {
			files = append(files, names[i])
		}
	}
	if unit[0] != 'p' {
		from(unit + "-")
		return files
	}
	for i := 1; i < len(unit); i++ {
		from(unit[:i] + "-")
	}
	from(unit)
	return files
}

// load reads what the store holds of a unit's pictures. A file that cannot be read is passed over: its pictures are then
// computed again.
func (c *Config) load(ctx context.Context, unit string) (map[string]*Entry, error) {
	names, err := c.storeNames(ctx)
	if err != nil {
		return nil, err
	}
	entries := make(map[string]*Entry)
	for _, name := range related(names, unit) {
		data, err := readFile(ctx, c.in(storeFolder, name))
		if err != nil {
			continue
		}
		list, err := unpack(data)
		if err != nil {
			continue
		}
		for _, e := range list {
			if old := entries[e.SHA256]; old == nil || old.Evidence == "" {
				entries[e.SHA256] = e
			}
		}
	}
	return entries, nil
}

// save writes entries of a unit; the file is named after what it holds.
func (c *Config) save(ctx context.Context, unit string, entries []*Entry) error {
	if len(entries) == 0 {
		return nil
	}
	data, err := pack(entries)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	return writeFile(ctx, c.in(storeFolder, unit+"-"+hex.EncodeToString(sum[:8])+".jsonl.gz"), data)
}

func pack(entries []*Entry) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	encoder := json.NewEncoder(z)
	for _, e := range entries {
		if err := encoder.Encode(e); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}

func unpack(data []byte) (entries []*Entry, err error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(z)
	for {
		e := new(Entry)
		if err := decoder.Decode(e); err == io.EOF {
			return entries, nil
		} else if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
}
