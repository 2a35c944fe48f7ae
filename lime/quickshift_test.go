package lime

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"allnet/lime/detmath"
)

func TestQuickshiftFindsScikitImagesLabelsAndParents(t *testing.T) {
	for _, e := range explained {
		t.Run(e.name, func(t *testing.T) {
			rgb, w, h := fixturePicture(t, e.name)
			seg, err := Quickshift(context.Background(), rgb, w, h, e.quick)
			if err != nil {
				t.Fatal(err)
			}
			if seg.Count != e.count || seg.Validate() != nil {
				t.Errorf("%d superpixels, want %d; %v", seg.Count, e.count, seg.Validate())
			}
			if want := fixtureUint16(t, e.name+".labels.u16"); !slices.Equal(seg.Labels, want) {
				t.Error("labels differ")
			}
			f := newFeatureMap(rgb, w, h, e.quick)
			if err := f.computeDensity(context.Background(), 0, h); err != nil {
				t.Fatal(err)
			}
			parent, _, err := f.parents(context.Background(), 0, h)
			if err != nil {
				t.Fatal(err)
			}
			want := fixture(t, e.name+".parent.u32")
			for i, p := range parent {
				if q := binary.LittleEndian.Uint32(want[4*i:]); uint32(p) != q {
					t.Fatalf("pixel %d has parent %d, want %d", i, p, q)
				}
			}
		})
	}
}

func TestQuickshiftOnExactBlackFollowsTheNoise(t *testing.T) {
	rgb, w, h := fixturePicture(t, "blackpad96")
	for seed, count := range map[uint32]int{42: 12, 7: 12, 0: 14} {
		o := DefaultQuickshift()
		o.Seed = seed
		seg, err := Quickshift(context.Background(), rgb, w, h, o)
		if err != nil {
			t.Fatal(err)
		}
		if want := fixtureUint16(t, fmt.Sprintf("blackpad96.seed%d.labels.u16", seed)); seg.Count != count || !slices.Equal(seg.Labels, want) {
			t.Errorf("seed %d: %d superpixels, want %d; or other labels", seed, seg.Count, count)
		}
	}
}

// tiedPicture is the picture that testdata/ties.py describes.
func tiedPicture() (rgb []uint8, side int) {
	side = 48
	rgb = make([]uint8, 3*side*side)
	for y := 12; y < 36; y++ {
		for x := 12; x < 36; x++ {
			tile := y/4*6 + min(x, side-1-x)/4
			copy(rgb[3*(y*side+x):], []uint8{uint8(tile * 37), uint8(tile * 91), uint8(tile * 53)})
		}
	}
	return rgb, side
}

func TestQuickshiftBreaksTiesAsScikitImageDoes(t *testing.T) {
	rgb, side := tiedPicture()
	for _, o := range []QuickshiftOptions{
		{KernelSize: 4, MaxDist: 200, Ratio: 0.2, Seed: 0},
		{KernelSize: 4, MaxDist: 200, Ratio: 0.2, Seed: 42},
		{KernelSize: 1, MaxDist: 6, Ratio: 0.5, Seed: 0},
		{KernelSize: 1, MaxDist: 6, Ratio: 0.5, Seed: 42},
	} {
		seg, err := Quickshift(context.Background(), rgb, side, side, o)
		if err != nil {
			t.Fatal(err)
		}
		want := fixtureUint16(t, fmt.Sprintf("ties48.kernel%v.seed%d.labels.u16", o.KernelSize, o.Seed))
		differ := 0
		for i, l := range seg.Labels {
			if l != want[i] {
				differ++
			}
		}
		if differ > 0 {
			t.Errorf("%+v: %d of %d labels differ", o, differ, len(want))
		}
	}
}

// SPEC section 2: a perfectly flat picture of 224 x 224 gives 70 superpixels.
func TestQuickshiftOfFlatPicture(t *testing.T) {
	rgb := slices.Repeat([]uint8{128}, 3*224*224)
	seg, err := Quickshift(context.Background(), rgb, 224, 224, DefaultQuickshift())
	if err != nil || seg.Count != 70 {
		t.Errorf("%d superpixels, %v; want 70", seg.Count, err)
	}
}

// randomPicture has blocks of equal colour, so that ties occur.
func randomPicture(seed uint64, width, height int) []uint8 {
	r := rand.New(rand.NewPCG(seed, 1))
	rgb := make([]uint8, 3*width*height)
	for y := range height {
		for x := range width {
			i := 3 * (y*width + x)
			if x%3 > 0 {
				copy(rgb[i:i+3], rgb[i-3:i])
				continue
			}
			for k := range 3 {
				rgb[i+k] = uint8(r.UintN(256))
			}
		}
	}
	return rgb
}

func TestFastQuickshiftEqualsItsDefinition(t *testing.T) {
	for i, size := range [][2]int{{1, 1}, {1, 40}, {40, 1}, {5, 9}, {31, 27}} {
		for _, kernel := range []float64{1, 1.5, 4} {
			w, h := size[0], size[1]
			rgb := randomPicture(uint64(i), w, h)
			o := QuickshiftOptions{KernelSize: kernel, MaxDist: 200, Ratio: 0.7, Seed: 3}
			ctx := context.Background()
			fast, plain := newFeatureMap(rgb, w, h, o), newFeatureMap(rgb, w, h, o)
			if err := fast.computeDensity(ctx, 0, h); err != nil {
				t.Fatal(err)
			}
			plain.densityByDefinition()
			if !slices.Equal(fast.density, plain.density) { // the border's, too, which are -Inf
				t.Errorf("%d x %d, kernel %v: densities differ", w, h, kernel)
			}
			got, gotDist, _ := fast.parents(ctx, 0, h)
			want, wantDist := parentsByDefinition(fast)
			if !slices.Equal(got, want) || !slices.Equal(gotDist, wantDist) {
				t.Errorf("%d x %d, kernel %v: parents differ", w, h, kernel)
			}
		}
	}
}

// densityByDefinition is SPEC 2.8 word by word: every pixel sums its window in row-major order.
func (f *featureMap) densityByDefinition() {
	for r := range f.height {
		for c := range f.width {
			for y := max(0, r-f.reach); y <= min(f.height-1, r+f.reach); y++ {
				for x := max(0, c-f.reach); x <= min(f.width-1, c+f.reach); x++ {
					p, q := f.at(r, c), f.at(y, x)
					l, a, b := f.l[p]-f.l[q], f.a[p]-f.a[q], f.b[p]-f.b[q]
					d := float64(l*l) + float64(a*a) + float64(b*b)
					d += float64((y - r) * (y - r))
					d += float64((x - c) * (x - c))
					f.density[p] += detmath.Exp(float64(d * f.scale))
				}
			}
		}
	}
}

// parentsByDefinition is SPEC 2.9 word by word.
func parentsByDefinition(f *featureMap) (parent []int32, dist []float64) {
	for r := range f.height {
		for c := range f.width {
			p, best, bestDist := f.at(r, c), r*f.width+c, math.Inf(1)
			for y := max(0, r-f.reach); y <= min(f.height-1, r+f.reach); y++ {
				for x := max(0, c-f.reach); x <= min(f.width-1, c+f.reach); x++ {
					q := f.at(y, x)
					if f.density[q] <= f.density[p] {
						continue
					}
					l, a, b := f.l[p]-f.l[q], f.a[p]-f.a[q], f.b[p]-f.b[q]
					d := float64(l*l) + float64(a*a) + float64(b*b)
					d += float64((y - r) * (y - r))
					d += float64((x - c) * (x - c))
					if d < bestDist {
						best, bestDist = y*f.width+x, d
					}
				}
			}
			parent, dist = append(parent, int32(best)), append(dist, bestDist)
		}
	}
	return parent, dist
}

func TestPartsOfAPictureAreLinkedAsTheWhole(t *testing.T) {
	ctx := context.Background()
	for i, size := range [][2]int{{7, 1}, {9, 30}, {31, 67}} {
		for _, kernel := range []float64{1, 4} {
			w, h := size[0], size[1]
			rgb := randomPicture(uint64(i), w, h)
			o := QuickshiftOptions{KernelSize: kernel, MaxDist: 6, Ratio: 0.3, Seed: 3} // short enough to cut links
			whole, err := QuickshiftLinks(ctx, rgb, w, h, o, 0, h)
			if err != nil {
				t.Fatal(err)
			}
			for parts := range min(h, 5) {
				var joined []int32
				for k := range parts + 1 {
					links, err := QuickshiftLinks(ctx, rgb, w, h, o, k*h/(parts+1), (k+1)*h/(parts+1))
					if err != nil {
						t.Fatal(err)
					}
					joined = append(joined, links...)
				}
				if !slices.Equal(joined, whole) {
					t.Errorf("%d x %d, kernel %v: %d parts are linked otherwise than the whole", w, h, kernel, parts+1)
				}
			}
			seg, err := Quickshift(ctx, rgb, w, h, o)
			if err != nil {
				t.Fatal(err)
			}
			if joined, err := QuickshiftTrees(whole, w, h); err != nil || joined.Count != seg.Count || !slices.Equal(joined.Labels, seg.Labels) {
				t.Errorf("%d x %d, kernel %v: other superpixels, %v", w, h, kernel, err)
			}
		}
	}
}

func TestLinksThatAreNoneAreRefused(t *testing.T) {
	for _, c := range []struct {
		links []int32
		want  string
	}{
		{[]int32{0, 0, 0}, "3 links"},
		{[]int32{0, 1, 2, 4}, "linked to 4"},
		{[]int32{0, -1, 2, 3}, "linked to -1"},
		{[]int32{0, 2, 3, 1}, "in a circle"},
	} {
		if _, err := QuickshiftTrees(c.links, 2, 2); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want it to say %q", c.links, err, c.want)
		}
	}
	for _, rows := range [][2]int{{-1, 2}, {0, 3}, {1, 1}, {2, 1}} {
		if _, err := QuickshiftLinks(context.Background(), make([]uint8, 12), 2, 2, DefaultQuickshift(), rows[0], rows[1]); err == nil || !strings.Contains(err.Error(), "rows") {
			t.Errorf("rows %v: error %v", rows, err)
		}
	}
}

func TestQuickshiftRefusesWhatItCannotDo(t *testing.T) {
	ok := DefaultQuickshift()
	for _, c := range []struct {
		n, w, h int
		change  func(*QuickshiftOptions)
		want    string
	}{
		{12, 0, 2, nil, "0 x 2"},
		{12, 1 << 30, 1 << 30, nil, "pixels in all"},
		{11, 2, 2, nil, "needs 12 RGB bytes, got 11"},
		{12, 2, 2, func(o *QuickshiftOptions) { o.KernelSize = math.NaN() }, "kernel size is NaN"},
		{12, 2, 2, func(o *QuickshiftOptions) { o.MaxDist = math.Inf(1) }, "maximum distance is +Inf"},
		{12, 2, 2, func(o *QuickshiftOptions) { o.Ratio = -1 }, "ratio is -1"},
	} {
		o := ok
		if c.change != nil {
			c.change(&o)
		}
		if _, err := Quickshift(context.Background(), make([]uint8, c.n), c.w, c.h, o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want it to say %q", err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Quickshift(ctx, make([]uint8, 12), 2, 2, ok); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func BenchmarkQuickshift(b *testing.B) {
	rgb, w, h := fixturePicture(b, "smear224")
	for b.Loop() {
		if _, err := Quickshift(context.Background(), rgb, w, h, DefaultQuickshift()); err != nil {
			b.Fatal(err)
		}
	}
}

// Within one window only the pixel of greatest density has no denser neighbour. Kernel size 20 takes the path for large windows.
func TestPictureSmallerThanTheWindowIsOneSuperpixel(t *testing.T) {
	for kernel, side := range map[float64]int{4: 12, 20: 30} {
		seg, err := Quickshift(context.Background(), randomPicture(8, side, side), side, side, QuickshiftOptions{KernelSize: kernel, MaxDist: 1e6, Ratio: 0.2})
		if err != nil || seg.Count != 1 {
			t.Errorf("kernel size %v: %d superpixels, %v", kernel, seg.Count, err)
		}
	}
}
