package lime

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
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
	links, err := quickshiftLinks(ctx, rgb, width, height, o, 0, height)
	if err != nil {
		return nil, err
	}
	return QuickshiftTrees(links, width, height)
}

// QuickshiftLinks does the work of Quickshift for the rows from (included) to to (excluded): it links each of their pixels to another of the
// picture, [to-from][width] of y*width+x. A pixel that ends a tree is linked to itself. What several callers find of the parts of a picture
// is, one after the other, what one finds of the whole; each also takes the densities of the rows around its part.
func QuickshiftLinks(ctx context.Context, rgb []uint8, width, height int, o QuickshiftOptions, from, to int) ([]int32, error) {
	if err := checkPicture(rgb, width, height); err != nil {
		return nil, err
	}
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if from < 0 || from >= to || to > height {
		return nil, fmt.Errorf("lime: rows %d to %d are asked for; the picture has %d", from, to, height)
	}
	return quickshiftLinks(ctx, rgb, width, height, o, from, to)
}

func quickshiftLinks(ctx context.Context, rgb []uint8, width, height int, o QuickshiftOptions, from, to int) ([]int32, error) {
	f := newFeatureMap(rgb, width, height, o)
	if err := f.computeDensity(ctx, max(0, from-f.reach), min(height, to+f.reach)); err != nil {
		return nil, err
	}
	parent, dist, err := f.parents(ctx, from, to)
	if err != nil {
		return nil, err
	}
	for i, d := range dist { // SPEC 2.10
		if math.Sqrt(d) > o.MaxDist {
			parent[i] = int32(from*width + i)
		}
	}
	return parent, nil
}

// featureMap is the picture in quickshift's space. The planes have a border of reach pixels on every side, so that a window never
// needs clipping: its density is -Inf, so no pixel links to it, and its colour is so far from any other that its terms of a density are 0.
type featureMap struct {
	width, height int
	reach         int // half the window, pixels (SPEC 2.6)
	stride        int // of a plane's row
	scale         float64
	l, a, b       []float64 // scaled Lab
	density       []float64 // starts as the noise
}

// borderL is the scaled L of the border: its squared distance from any colour makes an exponent that is far below all that detmath.Exp
// does not call 0.
const borderL = 1e9

func newFeatureMap(rgb []uint8, width, height int, o QuickshiftOptions) *featureMap {
	w := int(math.Ceil(3 * o.KernelSize))
	f := &featureMap{width: width, height: height, reach: w, stride: width + 2*w, scale: -0.5 / (o.KernelSize * o.KernelSize)}
	n := f.stride * (height + 2*w)
	f.l, f.a, f.b, f.density = make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range f.density {
		f.density[i] = math.Inf(-1)
		f.l[i] = borderL
	}
	noise := newPCG64(o.Seed)
	var known [1 << 12]labColour // colours that were met, by their last bits: many come again soon
	for r := range height {
		for c := range width {
			i := f.at(r, c)
			p := rgb[3*(r*width+c):][:3]
			of := 1<<24 | uint32(p[0])<<16 | uint32(p[1])<<8 | uint32(p[2])
			k := &known[(of^of>>8*5^of>>16*11)%uint32(len(known))]
			if k.of != of {
				l, a, b := rgbToLab(p[0], p[1], p[2])
				*k = labColour{of, float64(o.Ratio * l), float64(o.Ratio * a), float64(o.Ratio * b)}
			}
			f.l[i], f.a[i], f.b[i] = k.l, k.a, k.b
			f.density[i] = float64(1e-5 * noise.normal())
		}
	}
	return f
}

// labColour is the scaled Lab of a colour, which is 1<<24 | red<<16 | green<<8 | blue.
type labColour struct {
	of      uint32
	l, a, b float64
}

// at returns the place of pixel (r,c) in a plane.
func (f *featureMap) at(r, c int) int { return (r+f.reach)*f.stride + c + f.reach }

// parents links each pixel of some rows, by index y*width+x, to the nearest pixel of greater density in its window (SPEC 2.9); dist is the
// squared length of the link. A pixel without one is its own parent, at infinite distance.
//
// A distance is never below its spatial part dy²+dx², rounding included, so the offsets are tried from the centre outwards until that
// part alone exceeds the best distance found.
func (f *featureMap) parents(ctx context.Context, from, to int) (parent []int32, dist []float64, err error) {
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
	parent, dist = make([]int32, 0, (to-from)*f.width), make([]float64, 0, (to-from)*f.width)
	densities, ls, as, bs := f.density, f.l, f.a, f.b
	ls, as, bs = ls[:len(densities)], as[:len(densities)], bs[:len(densities)]
	for r := from; r < to; r++ {
		if err := ctx.Err(); err != nil {
			return nil, nil, fmt.Errorf("lime: quickshift stopped: %w", err)
		}
		for c := range f.width {
			p, i := f.at(r, c), r*f.width+c
			density, l0, a0, b0 := densities[p], ls[p], as[p], bs[p]
			best, bestDist := 0, math.Inf(1) // offset in pixels
			for k := range offsets {
				o := &offsets[k]
				if o.spatial > bestDist {
					break
				}
				q := p + o.plane
				if densities[q] <= density {
					continue
				}
				l, a, b := l0-ls[q], a0-as[q], b0-bs[q]
				d := float64(l*l) + float64(a*a) + float64(b*b) + o.dy2 + o.dx2
				// Of equal distances the first in row-major order wins.
				if d < bestDist || d == bestDist && o.pixel < best {
					best, bestDist = o.pixel, d
				}
			}
			parent, dist = append(parent, int32(i+best)), append(dist, bestDist)
		}
	}
	return parent, dist, nil
}

// QuickshiftTrees makes superpixels of the links of a whole picture (see QuickshiftLinks): pixels whose links lead to the same one are one,
// and they are numbered in the order of these (SPEC 2.11).
func QuickshiftTrees(links []int32, width, height int) (*Segmentation, error) {
	if len(links) == 0 || len(links) != width*height {
		return nil, fmt.Errorf("lime: there are %d links; one for each of %d x %d pixels is expected", len(links), width, height)
	}
	root := slices.Clone(links)
	label := make([]uint16, len(links))
	count := 0
	for i, to := range links {
		if to < 0 || int(to) >= len(links) {
			return nil, fmt.Errorf("lime: pixel %d is linked to %d, which the picture does not have", i, to)
		}
		if to == int32(i) {
			if count == maxCount {
				return nil, fmt.Errorf("lime: quickshift found more than %d superpixels; use a larger kernel size or maximum distance", maxCount)
			}
			label[i] = uint16(count)
			count++
		}
	}
	for i := range root {
		top := int32(i)
		for steps := 0; root[top] != top; steps++ {
			if steps == len(root) {
				return nil, fmt.Errorf("lime: the links of pixel %d run in a circle", i)
			}
			top = root[top]
		}
		for j := int32(i); j != top; { // shorten the path for those who follow
			j, root[j] = root[j], top
		}
		label[i] = label[top]
	}
	return &Segmentation{Width: width, Height: height, Count: count, Labels: label}, nil
}
