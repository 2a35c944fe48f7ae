package main

import (
	"context"
	"fmt"
	"io"
	"math"

	"allnet/model"
	"allnet/model/crosscheck"
	"allnet/model/dataset"
)

// agreement is how far logits may differ between engines, relative to the largest
// of them (at least 1).
const agreement = 1e-4

// verify computes the logits of the built-in generated pictures, and of FILEs
// where given, with our engine and with onnx-go and gorgonia, and sets PyTorch's
// beside them.
func verify(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set := flags("verify", stderr)
	if err := parse(set, args, 0, -1); err != nil {
		return err
	}
	m, err := model.Default()
	if err != nil {
		return err
	}
	comparisons, err := model.Compare(math.MaxInt)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "weights %s\n", m.Hash())
	fmt.Fprintf(stdout, "largest relative difference of the logits; at most %.0e is allowed\n", agreement)
	fmt.Fprintf(stdout, "%-24s %12s %12s\n", "picture", "PyTorch", "gorgonia")
	failed := 0
	line := func(name string, in *model.Input, logits [4]float32, torch float64) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		other, err := crosscheck.Logits(model.Weights, planes(in.Tensor), model.Side, model.Side)
		if err != nil {
			return err
		}
		independent := difference(logits, other)
		text := "-"
		if !math.IsNaN(torch) {
			text = fmt.Sprintf("%.1e", torch)
		}
		fmt.Fprintf(stdout, "%-24s %12s %12.1e\n", name, text, independent)
		if torch > agreement || !(independent <= agreement) {
			failed++
		}
		return nil
	}
	for _, c := range comparisons {
		if err := line(c.Name, c.Input, c.Logits, c.Difference()); err != nil {
			return err
		}
	}
	session := m.NewSession()
	for _, name := range set.Args() {
		in, err := dataset.Read(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		r, err := session.Classify(in)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := line(name, in, r.Logits, math.NaN()); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d pictures differ by more than %.0e", failed, agreement)
	}
	fmt.Fprintln(stdout, "all agree")
	return nil
}

// planes lays [h][w][3] out as [3][h][w].
func planes(pixels []float32) []float32 {
	x := make([]float32, len(pixels))
	for i, v := range pixels {
		x[i%3*(len(pixels)/3)+i/3] = v
	}
	return x
}

func difference(a [4]float32, b []float32) float64 {
	if len(b) != len(a) {
		return math.Inf(1)
	}
	scale, worst := 1.0, 0.0
	for i := range a {
		scale = max(scale, math.Abs(float64(a[i])))
		worst = max(worst, math.Abs(float64(a[i])-float64(b[i])))
	}
	return worst / scale
}
