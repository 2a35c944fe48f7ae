package compare

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"allnet/model"
)

// quarters are points of the plane, of which the class is the quarter; a third
// coordinate tells nothing.
func quarters(n int, seed uint64) (samples [][]float32, labels []model.Class) {
	random := rand.New(rand.NewPCG(seed, 0))
	for range n {
		x, y := random.Float32()-0.5, random.Float32()-0.5
		class := model.Class(0)
		if x > 0 {
			class++
		}
		if y > 0 {
			class += 2
		}
		samples, labels = append(samples, []float32{x, y, random.Float32()}), append(labels, class)
	}
	return samples, labels
}

func grow(t *testing.T, samples [][]float32, labels []model.Class, seed uint64) forest {
	t.Helper()
	f, err := growForest(context.Background(), samples, labels, seed)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestForestLearnsWhatSamplesShow(t *testing.T) {
	samples, labels := quarters(400, 1)
	f := grow(t, samples, labels, 1)
	unseen, want := quarters(400, 2)
	right := 0
	for i, s := range unseen {
		if f.predict(s) == want[i] {
			right++
		}
	}
	if right < 380 {
		t.Errorf("%d of 400 unseen points right, want at least 380", right)
	}
}

// Labels that have nothing to do with the samples cannot be learned: a forest that
// is right on more than chance allows has seen what it is judged on.
func TestForestLearnsNothingFromNoise(t *testing.T) {
	samples, labels := quarters(400, 3)
	random := rand.New(rand.NewPCG(4, 0))
	random.Shuffle(len(labels), func(i, j int) { labels[i], labels[j] = labels[j], labels[i] })
	f := grow(t, samples, labels, 1)
	unseen, want := quarters(400, 5)
	right := 0
	for i, s := range unseen {
		if f.predict(s) == want[i] {
			right++
		}
	}
	if right < 60 || right > 140 { // 100 and more than four standard deviations
		t.Errorf("%d of 400 right, want about 100", right)
	}
}

// The first split of two classes that one feature parts lies half-way.
func TestForestSplitsHalfWay(t *testing.T) {
	samples, labels := [][]float32{{1}, {2}, {4}, {8}}, []model.Class{0, 0, 3, 3}
	tree := rank(samples, labels).grow(rand.New(rand.NewPCG(1, 1)))
	if len(tree) != 3 || tree[tree[0].left].shares[0] != 1 || tree[tree[0].right].shares[3] != 1 {
		t.Fatalf("tree %+v, want one split", tree)
	}
	between := [][2]float32{{1, 4}, {1, 8}, {2, 4}, {2, 8}} // as the bootstrap draws
	if !slices.ContainsFunc(between, func(b [2]float32) bool { return tree[0].threshold == (b[0]+b[1])/2 }) {
		t.Errorf("threshold %v, want one half-way between the classes", tree[0].threshold)
	}
}

func TestForestIsTheSameForTheSameSeed(t *testing.T) {
	samples, labels := quarters(60, 6)
	a, b, other := grow(t, samples, labels, 7), grow(t, samples, labels, 7), grow(t, samples, labels, 8)
	same := func(f, g forest) bool { return slices.EqualFunc(f, g, slices.Equal[[]branch]) }
	if !same(a, b) || same(a, other) {
		t.Error("a forest does not follow its seed, and nothing but its seed")
	}
}

func TestForestTakesSamplesThatAreAlike(t *testing.T) {
	f := grow(t, [][]float32{{1, 1}, {1, 1}, {1, 1}}, []model.Class{2, 2, 1}, 1)
	if got := f.predict([]float32{1, 1}); got != 2 {
		t.Errorf("got %v, want the commoner class", got)
	}
}

// A picture of 30 % bright pixels (200, 100 and 240 by turns of two, 80) and a
// dark rest.
func TestFeatures(t *testing.T) {
	rgb := make([]uint8, model.Side*model.Side*3)
	bright := model.Side * model.Side * 3 / 10
	for i := range model.Side * model.Side {
		p := rgb[3*i:][:3]
		p[0], p[1], p[2] = 10, 20, 30
		if i < bright {
			p[0], p[1], p[2] = 200, 100, 240
			if i%2 == 1 {
				p[2] = 80
			}
		}
	}
	near := func(got, want float32) bool { return math.Abs(float64(got-want)) < 0.05 }
	b := background(rgb)
	for i, want := range []float32{200, 0, 100, 0, 160, 80} {
		if !near(b[i], want) {
			t.Errorf("background %v, want 200±0, 100±0, 160±80", b)
			break
		}
	}
	h := histogram(rgb)
	rest := float32(model.Side*model.Side - bright)
	for at, want := range map[int]float32{200 / 16: float32(bright), 0: rest, 16 + 100/16: float32(bright), 16 + 20/16: rest, 32 + 240/16: float32((bright + 1) / 2), 32 + 30/16: rest} {
		if h[at] != want {
			t.Errorf("histogram: %v in bin %d, want %v", h[at], at, want)
		}
	}
	if len(h) != 48 || len(b) != 6 {
		t.Errorf("%d and %d numbers, want 48 and 6", len(h), len(b))
	}
	copy(rgb[len(rgb)-3:], []uint8{1, 2, 3})
	rgb[((model.Side-24)*model.Side+model.Side-40)*3] = 99
	c := corner(rgb)
	if len(c) != 40*24*3 || c[0] != 99 || !slices.Equal(c[len(c)-3:], []float32{1, 2, 3}) {
		t.Errorf("corner: %d numbers from %v to %v; want 2880 from 99 to 3", len(c), c[0], c[len(c)-3:])
	}
}
