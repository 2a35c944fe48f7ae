package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
)

// PerturbOptions are the settings of Perturb. The zero value is usable.
type PerturbOptions struct {
	// MaxBytes bounds the memory that building the tables takes; a
	// segmentation that needs more is evaluated directly. 0 means 256 MiB;
	// a negative value asks for direct evaluation.
	MaxBytes int64
	// Progress, if not nil, is called now and then while the tables are
	// built, with the work done and in total, multiplications for the most part.
	Progress func(done, total int64)
}

const defaultMaxBytes = 256 << 20

// NeverHidden is the label of a pixel that belongs to no superpixel: every mask
// shows it. (Only a segmentation into 65536 superpixels has one of that label.)
const NeverHidden = math.MaxUint16

// Method tells how a Perturbation evaluates the network. Both methods are
// exact but for the rounding of float32 sums.
type Method string

const (
	// Tables means that every value which any mask can give to any position of
	// any feature map was computed once.
	Tables Method = "tables"
	// Direct means one forward pass for each mask.
	Direct Method = "direct"
)

// PerturbInfo describes how a Perturbation works, for a result's record.
type PerturbInfo struct {
	Method Method `json:"method"`
	Reason string `json:"reason"` // why Direct was chosen; empty for Tables
	// The rest is zero for Direct.
	Bytes     int64   `json:"bytes"`     // memory of the tables
	PeakBytes int64   `json:"peakBytes"` // memory while they were built
	Vectors   int     `json:"vectors"`   // distinct values of all positions of all feature maps
	Lookups   int     `json:"lookups"`   // table rows that are added for one mask
	Meets     int     `json:"meets"`     // most superpixels that one position's receptive field meets
	Passes    float64 `json:"passes"`    // work of building, in what one forward pass of a Session multiplies
}

// Perturbation evaluates the network on versions of one picture in which some
// superpixels are hidden behind a colour. It is immutable and safe for
// concurrent use.
type Perturbation struct {
	net    *Network
	k      int
	info   PerturbInfo
	tables *tables      // for Tables
	direct *maskedInput // for Direct
	// lookups hold *lookups that no call of Logits uses: many calls ask about few masks, and
	// making the buffers takes longer than to answer these.
	lookups sync.Pool
}

// maskedInput is a picture of which superpixels can be hidden.
type maskedInput struct {
	input  []float32 // [H][W][C]
	labels []uint16  // [H][W]; those of k or more are never hidden
	hidden []float32 // [k][C]
}

// Perturb prepares the evaluation of any mask of one picture.
//
//	input  [Height][Width][Channels]
//	labels [Height][Width], the superpixel of each pixel, 0..k-1, or NeverHidden
//	hidden [k][Channels], the colour that replaces each hidden superpixel
//
// A position of a feature map sees only the superpixels that its receptive
// field meets, so it takes few distinct values however many masks are asked
// for. Perturb computes all of them, which costs about four forward passes
// for some 40 superpixels; a mask then costs a few dozen additions of vectors
// and the dense layers. Pixels that are never hidden double nothing; where they
// have a hiding colour, as the ground of a picture from which superpixels are
// removed, all positions that see them alone are computed once. Where positions
// meet so many superpixels that this would take too much memory, Perturb falls
// back to one forward pass for each mask, and Info says so. It returns ctx's error
// if ctx ends first.
func (n *Network) Perturb(ctx context.Context, input []float32, labels []uint16, k int, hidden []float32, opt PerturbOptions) (*Perturbation, error) {
	h, w, c := n.Height(), n.Width(), n.Channels()
	switch {
	case len(input) != h*w*c:
		return nil, fmt.Errorf("engine: perturb: input has %d values, want %d (%dx%dx%d)", len(input), h*w*c, h, w, c)
	case len(labels) != h*w:
		return nil, fmt.Errorf("engine: perturb: %d labels, want %d (%dx%d)", len(labels), h*w, h, w)
	case k < 1 || k > 1<<16:
		return nil, fmt.Errorf("engine: perturb: %d superpixels, want 1 to 65536", k)
	case len(hidden) != k*c:
		return nil, fmt.Errorf("engine: perturb: hiding colours have %d values, want %d (%dx%d)", len(hidden), k*c, k, c)
	}
	for _, label := range labels {
		if int(label) >= k && label != NeverHidden {
			return nil, fmt.Errorf("engine: perturb: a pixel has label %d, want labels below %d or %d", label, k, NeverHidden)
		}
	}
	limit := opt.MaxBytes
	if limit == 0 {
		limit = defaultMaxBytes
	}
	p := &Perturbation{net: n, k: k}
	picture := maskedInput{input, labels, hidden}
	plan, err := n.planTables(picture, limit)
	var tooMuch tooMuchError
	switch {
	case errors.As(err, &tooMuch):
		p.direct = &maskedInput{slices.Clone(input), slices.Clone(labels), slices.Clone(hidden)}
		p.info = PerturbInfo{Method: Direct, Reason: string(tooMuch)}
		return p, nil
	case err != nil:
		return nil, err
	}
	if p.tables, err = plan.build(ctx, opt.Progress); err != nil {
		return nil, fmt.Errorf("engine: perturb: %w", err)
	}
	p.info = plan.info()
	return p, nil
}

// Classes is the number of logits of one mask.
func (p *Perturbation) Classes() int { return p.net.Classes() }

// Superpixels is the number of bits of one mask.
func (p *Perturbation) Superpixels() int { return p.k }

// Info tells how masks are evaluated.
func (p *Perturbation) Info() PerturbInfo { return p.info }

// Features are what global average pooling makes of the picture with everything
// shown, but for the rounding of float32 sums those that Session.Features tells.
func (p *Perturbation) Features() ([]float32, error) {
	if p.tables == nil {
		s := p.net.NewSession()
		err := s.Logits(p.direct.input, make([]float32, p.Classes()))
		return s.Features(), err
	}
	shown, features := make([]uint8, p.k), make([]float32, p.net.Features())
	for i := range shown {
		shown[i] = 1
	}
	p.tables.features(features, shown, make([]int32, len(p.tables.members)), float32(p.net.pooled))
	return features, nil
}

// batch is how many masks go through the dense layers together.
const batch = 128

// Logits evaluates n masks.
//
//	bits [n][k], 1 for a superpixel that is shown, 0 for one that is hidden
//	out  [n][Classes], logits
//
// A mask's logits do not depend on the others'. ctx is checked between
// batches (with Direct, between forward passes) and its error returned. For
// progress, evaluate the masks in several calls.
func (p *Perturbation) Logits(ctx context.Context, n int, bits []uint8, out []float64) error {
	classes := p.Classes()
	switch {
	case n < 0 || len(bits) != n*p.k:
		return fmt.Errorf("engine: %d mask bits for %d masks, want %d each", len(bits), n, p.k)
	case len(out) != n*classes:
		return fmt.Errorf("engine: room for %d logits, want %d for each of %d masks", len(out), classes, n)
	}
	for i, b := range bits {
		if b > 1 {
			return fmt.Errorf("engine: mask %d has %d for superpixel %d, want 0 or 1", i/p.k, b, i%p.k)
		}
	}
	var evaluate func(masks int, bits []uint8, out []float64) error
	step := batch
	if p.tables != nil {
		r, ok := p.lookups.Get().(*lookups)
		if !ok {
			r = p.tables.newLookups(p.net)
		}
		defer p.lookups.Put(r)
		evaluate = func(masks int, bits []uint8, out []float64) error {
			p.tables.logits(p.net, r, masks, bits, out)
			return nil
		}
	} else {
		evaluate, step = p.direct.evaluator(p.net), 1
	}
	for from := 0; from < n; from += step {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("engine: after %d of %d masks: %w", from, n, err)
		}
		to := min(from+step, n)
		if err := evaluate(to-from, bits[from*p.k:to*p.k], out[from*classes:to*classes]); err != nil {
			return err
		}
	}
	return nil
}

// evaluator returns a function that draws masked pictures and runs the network
// on them.
func (m *maskedInput) evaluator(n *Network) func(masks int, bits []uint8, out []float64) error {
	session := n.NewSession()
	masked, logits := make([]float32, len(m.input)), make([]float32, n.Classes())
	k, c := len(m.hidden)/n.Channels(), n.Channels()
	return func(masks int, bits []uint8, out []float64) error {
		for i := range masks {
			m.draw(masked, bits[i*k:][:k], c)
			if err := session.Logits(masked, logits); err != nil {
				return err
			}
			for j, v := range logits {
				out[i*len(logits)+j] = float64(v)
			}
		}
		return nil
	}
}

// draw makes the picture in which only the superpixels with bit 1 are shown.
func (m *maskedInput) draw(masked []float32, bits []uint8, channels int) {
	for i, label := range m.labels {
		from, at := m.input, i
		if int(label) < len(bits) && bits[label] == 0 {
			from, at = m.hidden, int(label)
		}
		copy(masked[i*channels:][:channels], from[at*channels:])
	}
}
