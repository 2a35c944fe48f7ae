package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// logitsDigest is a hash of the bits of many logits, of forward passes and of
// masks. Weights and pictures are fractions of integers, since functions like
// sine need not give the same bits on all platforms.
func logitsDigest(t *testing.T) string {
	r := rand.New(rand.NewPCG(41, 1))
	fractions := func(v []float32, scale int) {
		for i := range v {
			v[i] = float32(r.IntN(2001)-1000) / float32(1000*scale)
		}
	}
	hash := sha256.New()
	for _, filters := range [][]int{{8}, {32, 64, 128}, {64, 128, 256}, {8, 24, 16}} {
		h, w := 46+r.IntN(12), 46+r.IntN(12)
		spec := randomSpec(1, h, w, 3, filters, []int{50, 64, 4})
		for i, l := range spec.Convs {
			fractions(l.Weight, 2+2*i)
			fractions(l.Bias, 10)
		}
		for _, l := range spec.Dense {
			fractions(l.Weight, 5)
			fractions(l.Bias, 10)
		}
		n := mustNew(t, spec)
		for range 2 {
			input, logits := make([]float32, h*w*3), make([]float32, 4)
			for i := range input {
				input[i] = float32(r.IntN(256)) / 255
			}
			if err := n.NewSession().Logits(input, logits); err != nil {
				t.Fatal(err)
			}
			labels, k := tiles(h, w, 13, 17)
			p, err := n.Perturb(context.Background(), input, labels, k, make([]float32, 3*k), PerturbOptions{})
			if err != nil || p.Info().Method != Tables {
				t.Fatal(err, p.Info())
			}
			const masks = 40
			bits, out := make([]uint8, masks*k), make([]float64, masks*4)
			for i := range bits {
				bits[i] = uint8(r.IntN(2))
			}
			if err := p.Logits(context.Background(), masks, bits, out); err != nil {
				t.Fatal(err)
			}
			for _, v := range append(float64s(logits), out...) {
				binary.Write(hash, binary.LittleEndian, math.Float64bits(v))
			}
		}
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// digestVariable is the environment variable by which one platform tells
// another its digest.
const digestVariable = "ALLNET_LOGITS_DIGEST"

// The same inputs give the same bits on every platform: run by
// TestSIMDInNode, and anywhere else by setting the variable.
func TestLogitsDigest(t *testing.T) {
	got, want := logitsDigest(t), os.Getenv(digestVariable)
	if want == "" {
		t.Logf("%s=%s; nothing to compare it with", digestVariable, got)
		return
	}
	if got != want {
		t.Errorf("digest of logits %s, want that of the other platform, %s", got, want)
	}
}
