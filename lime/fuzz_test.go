package lime

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"testing"
)

// Any picture and options are refused, or divided into superpixels that are the
// same each time.
func FuzzQuickshift(f *testing.F) {
	f.Add([]byte{1, 2, 3, 200, 100, 0, 7, 7, 7, 7, 7, 7}, 2, 4.0, 200.0, 0.2, uint32(42))
	f.Add(bytes.Repeat([]byte{128}, 3*25), 5, 1.0, 3.0, 1.0, uint32(0)) // ties alone
	f.Add([]byte{}, 0, math.NaN(), -1.0, math.Inf(1), uint32(1))
	f.Fuzz(func(t *testing.T, rgb []byte, width int, kernel, dist, ratio float64, seed uint32) {
		if len(rgb) > 3*256 || kernel > 5 { // small, so that many are tried
			return
		}
		height := 1
		if width > 0 {
			height = len(rgb) / 3 / width
		}
		o := QuickshiftOptions{KernelSize: kernel, MaxDist: dist, Ratio: ratio, Seed: seed}
		seg, err := Quickshift(context.Background(), rgb, width, height, o)
		if err != nil {
			return
		}
		if err := seg.Validate(); err != nil {
			t.Fatal(err)
		}
		again, err := Quickshift(context.Background(), rgb, width, height, o)
		if err != nil || !reflect.DeepEqual(seg, again) {
			t.Errorf("divided once more it is another segmentation (%v)", err)
		}
	})
}

// fuzzedEvaluator answers with logits made of a text's bytes: anything that a
// network could say, and what none could.
type fuzzedEvaluator struct {
	classes int
	numbers []byte
}

func (e fuzzedEvaluator) Classes() int { return e.classes }

func (e fuzzedEvaluator) Logits(_ context.Context, m Masks, out []float64) error {
	for i := range m.N {
		sum := uint(0)
		for s, b := range m.Row(i) {
			sum += uint(b) << (s % 16)
		}
		for c := range e.classes {
			if len(e.numbers) < 8 {
				out[i*e.classes+c] = float64(sum % 7)
				continue
			}
			at := (int(sum) + c) % (len(e.numbers) - 7)
			out[i*e.classes+c] = math.Float64frombits(binary.LittleEndian.Uint64(e.numbers[at:]))
		}
	}
	return nil
}

// isOrder tells whether order names each of k superpixels once.
func isOrder(order []int, k int) bool {
	sorted := slices.Clone(order)
	slices.Sort(sorted)
	return slices.Equal(sorted, testOrder(k))
}

func testOrder(k int) []int {
	order := make([]int, k)
	for i := range order {
		order[i] = i
	}
	return order
}

// Any settings, superpixels and answers are refused, or give an explanation of
// finite numbers that is the same each time, that can be sent, and that can be drawn.
func FuzzExplain(f *testing.F) {
	number := binary.LittleEndian.AppendUint64(nil, math.Float64bits(1.5))
	f.Add(0, 0, 20, 5, uint32(42), []byte{0, 1, 2, 1, 0}, uint8(3), number)
	f.Add(1, 1, 30, 1, uint32(0), []byte{0, 1, 2, 3, 4, 5, 6, 7}, uint8(2), number)
	f.Add(1, 0, 20, 1, uint32(1), []byte{0}, uint8(2), []byte("NaNNaNNaNNaN"))
	f.Add(2, 1, 20, 3, uint32(7), []byte{255, 0, 255, 1, 1, 255}, uint8(4), number)
	f.Add(-1, 2, 0, 0, uint32(1), []byte{1}, uint8(0), []byte{})
	f.Fuzz(func(t *testing.T, hide, target, samples, features int, seed uint32, labels []byte, classes uint8, numbers []byte) {
		if samples > 60 || len(labels) > 64 || classes > 8 { // small, so that many are tried
			return
		}
		s := Settings{Hide: Hide(hide), Target: Target(target), Samples: samples, Features: features, Seed: seed, Segmentation: DefaultQuickshift()}
		if s.Hide == HideRemoved {
			s.Regions, s.Segmentation = RegionsCells, QuickshiftOptions{}
		}
		seg := &Segmentation{Width: len(labels), Height: 1}
		for _, l := range labels {
			if l == 255 {
				seg.Labels = append(seg.Labels, NoRegion)
				continue
			}
			seg.Labels = append(seg.Labels, uint16(l))
			seg.Count = max(seg.Count, int(l)+1)
		}
		ev := fuzzedEvaluator{int(classes), numbers}
		e, err := Explain(context.Background(), seg, ev, s, nil)
		if err != nil {
			return
		}
		first, err := json.Marshal(e) // refuses what is not finite
		if err != nil {
			t.Fatal(err)
		}
		again, err := Explain(context.Background(), seg, ev, s, nil)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := json.Marshal(again); err != nil || !bytes.Equal(first, second) {
			t.Errorf("explained once more it is another explanation (%v)", err)
		}
		var back Explanation
		if err := json.Unmarshal(first, &back); err != nil || !reflect.DeepEqual(&back, e) {
			t.Errorf("sent it is another explanation (%v)", err)
		}
		f, err := MeasureFaithfulness(context.Background(), &back, ev, []int{0, len(e.Classes) - 1}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(f); err != nil {
			t.Error(err)
		}
		for _, c := range e.Classes {
			if !isOrder(c.Order, seg.Count) || c.R2 > 1 || !(c.Agreement >= 0 && c.Agreement <= 1) {
				t.Errorf("order %v, R² %v, agreement %v", c.Order, c.R2, c.Agreement)
			}
			for _, w := range c.Warnings {
				if w.Sentence() == string(w.Code) {
					t.Errorf("%s has no sentence", w.Code)
				}
			}
			if _, err := HeatMap(seg, &c); err != nil {
				t.Error(err)
			}
			if _, err := OutlineLayer(seg, &c, s.Features); err != nil {
				t.Error(err)
			}
			if _, err := Regions(seg, &c); err != nil {
				t.Error(err)
			}
		}
	})
}
