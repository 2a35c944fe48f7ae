package packing

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// model is an ONNX file with the given raw data of initializers, and something before and behind.
func model(tensors ...[]byte) []byte {
	var graph []byte
	for i, raw := range tensors {
		tensor := protowire.AppendTag(nil, 8, protowire.BytesType)
		tensor = protowire.AppendString(tensor, "tensor of some length"[:10+i])
		tensor = protowire.AppendTag(tensor, 9, protowire.BytesType)
		tensor = protowire.AppendBytes(tensor, raw)
		graph = protowire.AppendTag(graph, 5, protowire.BytesType)
		graph = protowire.AppendBytes(graph, tensor)
	}
	file := protowire.AppendTag(nil, 1, protowire.VarintType)
	file = protowire.AppendVarint(file, 8)
	file = protowire.AppendTag(file, 7, protowire.BytesType)
	file = protowire.AppendBytes(file, graph)
	file = protowire.AppendTag(file, 2, protowire.BytesType)
	return protowire.AppendString(file, "somebody")
}

// weights are numbers as a layer has them, of which the lowest bits are zero.
func weights(random *rand.Rand, n, zero int) (raw []byte) {
	for range n {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(0.05*random.NormFloat64()))>>zero<<zero)
	}
	return raw
}

func TestWhatWasPackedIsUnpackedToTheLastBit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	anything := make([]byte, 4*5000)
	for i := range anything {
		anything[i] = byte(random.Uint32())
	}
	var skewed []byte // every count twice the one before: a code word as long as there are symbols
	for symbol := range 24 {
		for range 1 << min(symbol, 14) {
			skewed = binary.LittleEndian.AppendUint32(skewed, uint32(symbol)<<lowerBits)
		}
	}
	for name, file := range map[string][]byte{
		"nothing":          {},
		"no ONNX file":     []byte("four bytes and more"),
		"bfloat16":         model(weights(random, 5000, 16)),
		"half precision":   model(weights(random, 5000, 13), weights(random, 3000, 13)),
		"float32":          model(weights(random, 5000, 0)),
		"too few":          model(weights(random, fewest-1, 16)),
		"just enough":      model(weights(random, fewest, 16)),
		"not in fours":     model(append(weights(random, fewest, 16), 1)),
		"one number":       model(make([]byte, 4*fewest)),
		"its negative":     model(slices.Repeat([]byte{0, 0, 128, 191}, fewest)),
		"anything at all":  model(anything),
		"very uneven":      model(skewed),
		"cut off":          model(weights(random, 5000, 16))[:9000],
		"many of all kind": model(weights(random, 2000, 16), anything[:40], weights(random, 2001, 13), nil, weights(random, 1024, 0)),
	} {
		packed := Pack(file)
		if got, err := Unpack(packed); err != nil || !bytes.Equal(got, file) {
			t.Errorf("%s: %d bytes became %d, error %v", name, len(file), len(got), err)
		}
		if got, err := Unpack(file); err != nil || !bytes.Equal(got, file) || Packed(file) || !Packed(packed) {
			t.Errorf("%s, not packed: %d bytes became %d, error %v", name, len(file), len(got), err)
		}
	}
}

func TestPackingIsWithinThreeHundredthsOfABitOfTheEntropy(t *testing.T) {
	const n, zero = 50_000, 16
	raw := weights(rand.New(rand.NewPCG(3, 4)), n, zero)
	counts := make(map[uint32]float64)
	for i := 0; i < len(raw); i += 4 {
		symbol, _ := symbolOf(binary.LittleEndian.Uint32(raw[i:]))
		counts[symbol]++
	}
	entropy := 1.0 + lowerBits - zero
	for _, count := range counts {
		entropy -= count / n * math.Log2(count/n)
	}
	if got := 8 * float64(len(Pack(model(raw)))-400) / n; got < entropy-0.1 || got > entropy+0.03 {
		t.Errorf("%.3f bits a number, the entropy is %.3f", got, entropy)
	}
}

func TestDamagedWeightsAreAnErrorOrOtherWeights(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	file := model(weights(random, 2000, 16))
	packed := Pack(file)
	for n := range packed {
		if got, err := Unpack(packed[:n]); n >= len(mark) && (err == nil || got != nil) {
			t.Errorf("cut off after %d of %d bytes: no error", n, len(packed))
		}
	}
	for range 5000 {
		damaged := bytes.Clone(packed)
		damaged[len(mark)+random.IntN(len(packed)-len(mark))] ^= byte(1 + random.IntN(255))
		if got, err := Unpack(damaged); err == nil && bytes.Equal(got, file) {
			// The bits that fill the last byte of the stream mean nothing.
			if !bytes.Equal(Pack(got), packed) {
				t.Fatal("a damaged file was unpacked to the right one, which packs to another")
			}
		}
	}
}

func FuzzUnpack(f *testing.F) {
	random := rand.New(rand.NewPCG(7, 8))
	f.Add(Pack(model(weights(random, 1100, 16))))
	f.Add(Pack(nil))
	f.Add(mark)
	f.Fuzz(func(t *testing.T, packed []byte) {
		file, err := Unpack(packed)
		if err != nil && file != nil {
			t.Errorf("%d bytes beside the error %v", len(file), err)
		}
	})
}

func TestShippedWeightsTravelInAQuarterLessThanByGzipAlone(t *testing.T) {
	files, err := filepath.Glob("../../model/*.onnx")
	if err != nil || len(files) == 0 {
		t.Fatalf("no weights, error %v", err)
	}
	sent := func(data []byte) int {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Len()
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		before, after := sent(data), sent(Pack(data))
		t.Logf("%s: %d bytes, by gzip %d, packed and by gzip %d", filepath.Base(name), len(data), before, after)
		if 4*after > 3*before {
			t.Errorf("%s: by gzip alone %d bytes, packed %d", name, before, after)
		}
	}
}

func BenchmarkUnpack(b *testing.B) {
	file, err := os.ReadFile("../../model/cells.onnx")
	if err != nil {
		b.Fatal(err)
	}
	packed := Pack(file)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := Unpack(packed); err != nil {
			b.Fatal(err)
		}
	}
}
