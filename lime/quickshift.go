package lime

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"allnet/lime/detmath"
)

// QuickshiftOptions are the parameters of scikit-image's quickshift.
type QuickshiftOptions struct {
	KernelSize float64 `json:"kernelSize"` // width of the Gaussian, pixels; 1 to 20
	MaxDist    float64 `json:"maxDist"`    // longest link, in the space of scaled Lab and pixels; more than 0, at most 1e6
	Ratio      float64 `json:"ratio"`      // weight of colour against place, 0 to 1
	Seed       uint32  `json:"seed"`       // of the noise that breaks ties (PCG64)
}

// DefaultQuickshift returns lime's own choice, with the seed that scikit-image 0.21 and later always use (SPEC section 1).
func DefaultQuickshift() QuickshiftOptions {
	return QuickshiftOptions{KernelSize: 4, MaxDist: 200, Ratio: 0.2, Seed: 42}
}

// Validate says which option is out of its range.
func (o QuickshiftOptions) Validate() error {
	switch {
	case !(o.KernelSize >= 1 && o.KernelSize <= 20):
		return fmt.Errorf("lime: quickshift kernel size is %v; 1 to 20 is expected", o.KernelSize)
	case !(o.MaxDist > 0 && o.MaxDist <= 1e6):
		return fmt.Errorf("lime: quickshift maximum distance is %v; more than 0 and at most 1000000 is expected", o.MaxDist)
	case !(o.Ratio >= 0 && o.Ratio <= 1):
		return fmt.Errorf("lime: quickshift ratio is %v; 0 to 1 is expected", o.Ratio)
	}
	return nil
}

// Quickshift segments a picture, rgb [height][width][3], as scikit-image's quickshift does with the float64 picture rgb/255 (SPEC
// section 2). It looks at ctx once a row.
func Quickshift(ctx context.Context, rgb []uint8, width, height int, o QuickshiftOptions) (*Segmentation, error) {
	if err := checkPicture(rgb, width, height); err != nil {
		return nil, err
	}
	if err := o.Validate(); err != nil {
		return nil, err
	}
	f := newFeatureMap(rgb, width, height, o)
	if err := f.computeDensity(ctx); err != nil {
		return nil, err
	}
	parent, dist, err := f.parents(ctx)
	if err != nil {
		return nil, err
	}
	return cutTree(parent, dist, width, height, o.MaxDist)
}

// featureMap is the picture in quickshift's space. The planes have a border of reach pixels on every side, so that a window never
// needs clipping: its density is -Inf, so no pixel links to it.
type featureMap struct {
	width, height int
	reach         int // half the window, pixels (SPEC 2.6)
	stride        int // of a plane's row
	scale         float64
	l, a, b       []float64 // scaled Lab
	density       []float64 // starts as the noise
}

func newFeatureMap(rgb []uint8, width, height int, o QuickshiftOptions) *featureMap {
	w := int(math.Ceil(3 * o.KernelSize))
	f := &featureMap{width: width, height: height, reach: w, stride: width + 2*w, scale: -0.5 / (o.KernelSize * o.KernelSize)}
	n := f.stride * (height + 2*w)
	f.l, f.a, f.b, f.density = make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range f.density {
		f.density[i] = math.Inf(-1)
	}
	noise := newPCG64(o.Seed)
	for r := range height {
		for c := range width {
			i := f.at(r, c)
			p := rgb[3*(r*width+c):][:3]
			l, a, b := rgbToLab(p[0], p[1], p[2])
			f.l[i], f.a[i], f.b[i] = float64(o.Ratio*l), float64(o.Ratio*a), float64(o.Ratio*b)
			f.density[i] = float64(1e-5 * noise.normal())
		}
	}
	return f
}

// at returns the place of pixel (r,c) in a plane.
func (f *featureMap) at(r, c int) int { return (r+f.reach)*f.stride + c + f.reach }

// kernelRow sets dst[c] to exp(-dist/2s²) between pixel (r,c0+c) and its neighbour at (dy,dx); dist is summed in the order of SPEC 2.7.
func (f *featureMap) kernelRow(dst []float64, r, c0, dy, dx int) {
	p, q, n := f.at(r, c0), f.at(r+dy, c0+dx), len(dst)
	l0, a0, b0 := f.l[p:][:n], f.a[p:][:n], f.b[p:][:n]
	l1, a1, b1 := f.l[q:][:n], f.a[q:][:n], f.b[q:][:n]
	dy2, dx2 := float64(dy*dy), float64(dx*dx)
	for i := range dst {
		l, a, b := l0[i]-l1[i], a0[i]-a1[i], b0[i]-b1[i]
		d := float64(l*l) + float64(a*a) + float64(b*b) + dy2 + dx2
		dst[i] = float64(d * f.scale)
	}
	detmath.ExpAll(dst)
}

// ringLimit bounds the memory of densitySymmetric, in float64s.
const ringLimit = 8 << 20

// computeDensity adds the kernel sums to the noise (SPEC 2.8).
func (f *featureMap) computeDensity(ctx context.Context) error {
	w := f.reach
	if (w+1)*(w+w*(2*w+1))*f.stride > ringLimit {
		return f.densityPlain(ctx)
	}
	return f.densitySymmetric(ctx)
}

// densityPlain is the definition: every pixel sums its window in row-major order.
func (f *featureMap) densityPlain(ctx context.Context) error {
	row := make([]float64, f.width)
	for r := range f.height {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("lime: quickshift stopped: %w", err)
		}
		density := f.density[f.at(r, 0):][:f.width]
		for dy := max(-f.reach, -r); dy <= min(f.reach, f.height-1-r); dy++ {
			for dx := -f.reach; dx <= f.reach; dx++ {
				from, to := max(0, -dx), min(f.width, f.width-dx)
				if from >= to {
					continue
				}
				e := row[:to-from]
				f.kernelRow(e, r, from, dy, dx)
				for i, v := range e {
					density[from+i] += v
				}
			}
		}
	}
	return nil
}

// densitySymmetric does the same additions in the same order with half the exponentials: the distance is exactly symmetric, so what a
// row computed for the rows below it is kept until they have used it. A ring holds reach+1 rows; outside the picture its values are 0,
// which changes no sum.
func (f *featureMap) densitySymmetric(ctx context.Context) error {
	w, span := f.reach, 2*f.reach+1
	slots := w + w*span // (0,1)..(0,w), then (1,-w)..(w,w)
	ring := make([]float64, (w+1)*slots*f.stride)
	// pair returns the values between row r and row r+dy, column c+dx; element w+c belongs to column c.
	pair := func(r, dy, dx int) []float64 {
		slot := dx - 1
		if dy > 0 {
			slot = w + (dy-1)*span + dx + w
		}
		return ring[(r%(w+1)*slots+slot)*f.stride:][:f.stride]
	}
	terms := make([][]float64, 0, span*span)
	for r := range f.height {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("lime: quickshift stopped: %w", err)
		}
		for dy := 0; dy <= min(w, f.height-1-r); dy++ {
			first := -w
			if dy == 0 {
				first = 1
			}
			for dx := first; dx <= w; dx++ {
				if from, to := max(0, -dx), min(f.width, f.width-dx); from < to {
					f.kernelRow(pair(r, dy, dx)[w+from:w+to], r, from, dy, dx)
				}
			}
		}
		// The window of every pixel of the row, in row-major order; term t of pixel c is terms[t][c].
		terms = terms[:0]
		for dy := max(-w, -r); dy <= min(w, f.height-1-r); dy++ {
			for dx := -w; dx <= w; dx++ {
				switch {
				case dy < 0 || dy == 0 && dx < 0:
					terms = append(terms, pair(r+dy, -dy, -dx)[w+dx:][:f.width])
				case dy == 0 && dx == 0:
					terms = append(terms, nil)
				default:
					terms = append(terms, pair(r, dy, dx)[w:][:f.width])
				}
			}
		}
		density := f.density[f.at(r, 0):][:f.width]
		self := slices.IndexFunc(terms, func(t []float64) bool { return t == nil })
		addInOrder(density, terms[:self])
		for c := range density {
			density[c]++ // exp(0)
		}
		addInOrder(density, terms[self+1:])
	}
	return nil
}

// addInOrder adds the terms to sum, element by element, first term first.
func addInOrder(sum []float64, terms [][]float64) {
	n := len(sum)
	for ; len(terms) >= 4; terms = terms[4:] {
		t0, t1, t2, t3 := terms[0][:n], terms[1][:n], terms[2][:n], terms[3][:n]
		for i := range sum {
			sum[i] = sum[i] + t0[i] + t1[i] + t2[i] + t3[i]
		}
	}
	for _, t := range terms {
		t = t[:n]
		for i := range sum {
			sum[i] += t[i]
		}
	}
}

// parents links each pixel, by index y*width+x, to the nearest pixel of greater density in its window (SPEC 2.9); dist is the squared
// length of the link. A pixel without one is its own parent, at infinite distance.
//
// A distance is never below its spatial part dy²+dx², rounding included, so the offsets are tried from the centre outwards until that
// part alone exceeds the best distance found.
func (f *featureMap) parents(ctx context.Context) (parent []int32, dist []float64, err error) {
	type offset struct {
		dy2, dx2, spatial float64
		plane, pixel      int
	}
	var offsets []offset
	for dy := -f.reach; dy <= f.reach; dy++ {
		for dx := -f.reach; dx <= f.reach; dx++ {
			offsets = append(offsets, offset{float64(dy * dy), float64(dx * dx), float64(dy*dy + dx*dx), dy*f.stride + dx, dy*f.width + dx})
		}
	}
	slices.SortStableFunc(offsets, func(x, y offset) int { return cmp.Compare(x.spatial, y.spatial) })
	parent, dist = make([]int32, f.width*f.height), make([]float64, f.width*f.height)
	for r := range f.height {
		if err := ctx.Err(); err != nil {
			return nil, nil, fmt.Errorf("lime: quickshift stopped: %w", err)
		}
		for c := range f.width {
			p, i := f.at(r, c), r*f.width+c
			density, l0, a0, b0 := f.density[p], f.l[p], f.a[p], f.b[p]
			best, bestDist := 0, math.Inf(1) // offset in pixels
			for k := range offsets {
				o := &offsets[k]
				if o.spatial > bestDist {
					break
				}
				q := p + o.plane
				if f.density[q] <= density {
					continue
				}
				l, a, b := l0-f.l[q], a0-f.a[q], b0-f.b[q]
				d := float64(l*l) + float64(a*a) + float64(b*b) + o.dy2 + o.dx2
				// Of equal distances the first in row-major order wins.
				if d < bestDist || d == bestDist && o.pixel < best {
					best, bestDist = o.pixel, d
				}
			}
			parent[i], dist[i] = int32(i+best), bestDist
		}
	}
	return parent, dist, nil
}

// cutTree drops links longer than maxDist and numbers the trees by their roots (SPEC 2.10, 2.11).
func cutTree(parent []int32, dist []float64, width, height int, maxDist float64) (*Segmentation, error) {
	root := make([]int32, len(parent))
	label := make([]uint16, len(parent))
	count := 0
	for i := range parent {
		root[i] = parent[i]
		if math.Sqrt(dist[i]) > maxDist {
			root[i] = int32(i)
		}
		if root[i] == int32(i) {
			if count == maxCount {
				return nil, fmt.Errorf("lime: quickshift found more than %d superpixels; use a larger kernel size or maximum distance", maxCount)
			}
			label[i] = uint16(count)
			count++
		}
	}
	for i := range root {
		top := int32(i)
		for root[top] != top {
			top = root[top]
		}
		for j := int32(i); j != top; { // shorten the path for those who follow
			j, root[j] = root[j], top
		}
		label[i] = label[top]
	}
	return &Segmentation{Width: width, Height: height, Count: count, Labels: label}, nil
}
