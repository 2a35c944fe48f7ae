package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"allnet/internal/options"
	"allnet/internal/terminal"
	"allnet/lab/crosscheck"
	"allnet/lab/dataset"
	"allnet/model"
)

// agreement is how far the logits, and the probabilities, of two engines may
// differ.
const agreement = 1e-4

// verify computes the logits of the built-in generated pictures, and of FILEs
// where given, with our engine and with onnx-go and gorgonia, and sets PyTorch's
// beside them.
func verify(set *flag.FlagSet) action {
	network := set.String("model", "", "`network` to check: "+strings.Join(options.ShippedNames(), " or ")+", or the name of an ONNX file, for which there are no numbers of PyTorch (default: all shipped ones)")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		var pictures []check
		for _, name := range args {
			in, err := dataset.ReadInput(name)
			if err != nil {
				return fmt.Errorf("%s: %w", terminal.Shown(name), err)
			}
			pictures = append(pictures, check{name: terminal.Shown(name), in: in})
		}
		names := []string{*network}
		if *network == "" {
			names = options.ShippedNames()
		}
		for i, name := range names {
			if i > 0 {
				fmt.Fprintln(stdout)
			}
			if err := verifyOne(ctx, stdout, name, pictures); err != nil {
				return err
			}
		}
		return nil
	}
}

// verifyOne checks one network on the built-in pictures and on those given.
func verifyOne(ctx context.Context, stdout io.Writer, name string, pictures []check) error {
	file, err := options.ReadWeights(name)
	if err != nil {
		return err
	}
	m, err := model.Load(file)
	if err != nil {
		return err
	}
	known := slices.Contains(options.ShippedNames(), name)
	reference := name
	if !known {
		reference = options.ShippedNames()[0] // for its pictures
	}
	comparisons, err := model.Verify(reference, math.MaxInt)
	if err != nil {
		return err
	}
	var checks []check
	for _, c := range comparisons {
		own := check{name: c.Name, in: c.Input}
		if known {
			own.torch = c.Want[:]
		}
		checks = append(checks, own)
	}
	fmt.Fprintf(stdout, "network %s\n", terminal.Shown(name))
	return compare(ctx, stdout, m, file, append(checks, pictures...))
}

// check is one picture on which engines are compared.
type check struct {
	name string
	in   *model.Input
	// torch are PyTorch's logits, where they are known.
	torch []float64
}

// compare writes how far the logits of m are from those that onnx-go and gorgonia
// compute from m's ONNX file, and from PyTorch's, and fails where they, or the
// probabilities that they make, differ by more than agreement.
func compare(ctx context.Context, w io.Writer, m *model.Model, file []byte, checks []check) error {
	fmt.Fprintf(w, "weights %s\n", m.Hash())
	fmt.Fprintf(w, "largest difference of the logits; at most %.0e is allowed, of the probabilities too\n", agreement)
	fmt.Fprintf(w, "%-24s %12s %12s\n", "picture", "PyTorch", "gorgonia")
	session := m.NewSession()
	failed := 0
	var worst difference
	for _, c := range checks {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := session.Classify(c.in)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		logits, err := crosscheck.Logits(file, planes(c.in.Tensor), model.Side, model.Side)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		d := differ(wide(r.Logits[:]), wide(logits))
		torch := "-"
		all := d
		if c.torch != nil {
			t := differ(wide(r.Logits[:]), c.torch)
			torch = fmt.Sprintf("%.1e", t.logits)
			all = d.or(t)
		}
		fmt.Fprintf(w, "%-24s %12s %12.1e\n", c.name, torch, d.logits)
		if !all.allowed() {
			failed++
		}
		worst = worst.or(all)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d pictures differ by more than %.0e: logits by %.1e, probabilities by %.1e", failed, len(checks), agreement, worst.logits, worst.probabilities)
	}
	fmt.Fprintf(w, "all agree: logits to %.1e, probabilities to %.1e\n", worst.logits, worst.probabilities)
	return nil
}

// difference is how far two answers are apart: the largest absolute difference of
// any logit, and of any probability. NaN is no agreement.
type difference struct {
	logits, probabilities float64
}

// differ compares two rows of logits; rows of unequal length are infinitely far
// apart.
func differ(a, b []float64) difference {
	if len(a) != len(b) {
		return difference{math.Inf(1), math.Inf(1)}
	}
	return difference{farthest(a, b), farthest(softmax(a), softmax(b))}
}

func (d difference) or(e difference) difference {
	return difference{max(d.logits, e.logits), max(d.probabilities, e.probabilities)}
}

func (d difference) allowed() bool { return d.logits <= agreement && d.probabilities <= agreement }

func farthest(a, b []float64) float64 {
	worst := 0.0
	for i := range a {
		worst = max(worst, math.Abs(a[i]-b[i]))
	}
	return worst
}

// softmax makes probabilities of logits.
func softmax(logits []float64) []float64 {
	p := make([]float64, len(logits))
	top, sum := math.Inf(-1), 0.0
	for _, z := range logits {
		top = max(top, z)
	}
	for i, z := range logits {
		p[i] = math.Exp(z - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

func wide(values []float32) []float64 {
	w := make([]float64, len(values))
	for i, v := range values {
		w[i] = float64(v)
	}
	return w
}

// planes lays [h][w][3] out as [3][h][w].
func planes(pixels []float32) []float32 {
	x := make([]float32, len(pixels))
	for i, v := range pixels {
		x[i%3*(len(pixels)/3)+i/3] = v
	}
	return x
}
