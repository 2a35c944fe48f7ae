//go:build js && wasm

// Command bench is the page's program with a clock's view: the same packages,
// built with the same flags and joined to the same kernels, but with functions
// that a script calls and times one by one, and for any ONNX file of ALL-Net.
// The page itself gives only whole answers, of the one network it carries.
//
// It sets the global object "ours"; see functions below. Each function returns
// its value, or an object with the text "error".
package main

import (
	"context"
	"math"
	"syscall/js"
	"time"

	"allnet/lime"
	"allnet/model"
	"allnet/model/cells"
	"allnet/model/explain"
	"allnet/model/picture"
	"allnet/model/synthetic"
	"allnet/wasm/ask"
)

func main() {
	var b bench
	ours := make(map[string]any)
	for name, f := range map[string]func(args []js.Value) (any, error){
		"load": b.load, "picture": b.picture, "forward": b.forward, "quickshift": b.quickshift, "links": b.links,
		"samples": b.samples, "explain": b.explain, "cells": b.cells, "growth": b.growth, "classify": b.classify,
	} {
		ours[name] = js.FuncOf(func(_ js.Value, args []js.Value) any {
			value, err := f(args)
			if err != nil {
				return map[string]any{"error": err.Error()}
			}
			return value
		})
	}
	js.Global().Set("ours", ours)
	select {}
}

// bench holds one network and the picture that it is run on.
type bench struct {
	model        *model.Model
	session      *model.Session
	decoded      *picture.Picture
	input        *model.Input
	segmentation *lime.Segmentation
}

// settings are the article's: black, probability, 1,000 samples.
var settings = lime.ArticlePreset()

// load(file) reads a network from the bytes of an ONNX file. It returns its
// filter counts and the multiply-adds of a forward pass, as the network is
// defined and as the engine does them.
func (b *bench) load(args []js.Value) (any, error) {
	m, err := model.Load(copied(args[0]))
	if err != nil {
		return nil, err
	}
	b.model, b.session = m, m.NewSession()
	var filters []any
	for _, n := range m.Network().Filters() {
		filters = append(filters, n)
	}
	return map[string]any{"filters": filters, "multiplyAdds": m.Network().MultiplyAdds(), "done": done(m)}, nil
}

// done counts the multiply-adds that the engine does: convolution outputs that
// pooling drops (an odd last row or column) are never computed.
func done(m *model.Model) int64 {
	n := m.Network()
	sum, side, in := n.MultiplyAdds(), n.Height(), n.Channels()
	for _, out := range n.Filters() {
		all := side - 2
		side = all / 2
		sum -= int64(all*all-4*side*side) * int64(9*in*out)
		in = out
	}
	return sum
}

// picture(file or name) decodes a picture file, or draws the built-in example of
// that name, for the functions that follow. It returns the pixels that the
// network sees, [224][224][3], and the number of superpixels.
func (b *bench) picture(args []js.Value) (any, error) {
	var err error
	if args[0].Type() == js.TypeString {
		b.decoded, err = synthetic.Draw(args[0].String())
	} else {
		b.decoded, err = picture.Decode(copied(args[0]))
	}
	if err != nil {
		return nil, err
	}
	if b.input, err = model.Preprocess(b.decoded); err != nil {
		return nil, err
	}
	if _, err := b.quickshift(nil); err != nil {
		return nil, err
	}
	pixels := js.Global().Get("Uint8Array").New(len(b.input.RGB))
	js.CopyBytesToJS(pixels, b.input.RGB)
	return map[string]any{"pixels": pixels, "superpixels": b.segmentation.Count}, nil
}

// forward() runs the network once and returns the logits.
func (b *bench) forward([]js.Value) (any, error) {
	return logits(b.session.Classify(b.input))
}

// classify(file) does all that one picture of a batch takes: decoding,
// preprocessing, one forward pass. It returns the logits.
func (b *bench) classify(args []js.Value) (any, error) {
	p, err := picture.Decode(copied(args[0]))
	if err != nil {
		return nil, err
	}
	in, err := model.Preprocess(p)
	if err != nil {
		return nil, err
	}
	return logits(b.session.Classify(in))
}

// quickshift() finds the superpixels and returns their number.
func (b *bench) quickshift([]js.Value) (any, error) {
	seg, err := lime.Quickshift(context.Background(), b.input.RGB, model.Side, model.Side, settings.Segmentation)
	if err != nil {
		return nil, err
	}
	b.segmentation = seg
	return seg.Count, nil
}

// links(from, to) finds the links of some rows, as the page's worker that helps another.
func (b *bench) links(args []js.Value) (any, error) {
	links, err := lime.QuickshiftLinks(context.Background(), b.input.RGB, model.Side, model.Side, settings.Segmentation, args[0].Int(), args[1].Int())
	if err != nil {
		return nil, err
	}
	packed := ask.Links(links)
	array := js.Global().Get("Uint8Array").New(len(packed))
	js.CopyBytesToJS(array, packed)
	return array, nil
}

// samples(n) evaluates the network on the n perturbed pictures of LIME, with
// everything that has to be prepared first, and returns how: "tables" or "direct".
func (b *bench) samples(args []js.Value) (any, error) {
	ctx := context.Background()
	evaluator, info, err := explain.Evaluator(ctx, b.model, b.input, b.segmentation, settings.Hide, nil)
	if err != nil {
		return nil, err
	}
	masks := lime.Perturb(settings.Seed, args[0].Int(), b.segmentation.Count)
	return string(info.Method), evaluator.Logits(ctx, masks, make([]float64, masks.N*evaluator.Classes()))
}

// explain(links) makes the whole explanation from the decoded pixels to all that the
// page draws of the most probable class, with the links of all rows where they are given.
// It returns its parts as [name, milliseconds].
func (b *bench) explain(args []js.Value) (any, error) {
	var parts []any
	last := time.Now()
	part := func(name string, end time.Time) {
		parts = append(parts, []any{name, float64(end.Sub(last).Microseconds()) / 1000})
		last = end
	}
	in, err := model.Preprocess(b.decoded)
	if err != nil {
		return nil, err
	}
	part("preprocessing", time.Now())
	session := explain.NewSession(b.model, in)
	if len(args) > 0 {
		links, err := ask.ReadLinks(copied(args[0]), model.Side)
		if err != nil {
			return nil, err
		}
		if err := session.Link(settings.Segmentation, links); err != nil {
			return nil, err
		}
		part("quickshift", time.Now())
	}
	var tables time.Time
	r, err := session.Explain(context.Background(), settings, func(stage explain.Stage, done, total int) {
		switch {
		case stage == explain.Segmentation && done == total:
			part("quickshift", time.Now())
		case stage == explain.Tables:
			tables = time.Now()
		case stage == explain.Samples && done == total:
			part("tables", tables)
			part("samples", time.Now())
		}
	})
	if err != nil {
		return nil, err
	}
	part("ridge", time.Now())
	if err := draw(in.RGB, r); err != nil {
		return nil, err
	}
	part("drawing", time.Now())
	return parts, nil
}

// cells() makes the whole explanation of a network that reads cells from the decoded
// pixels, standardising and what each cell reads as included. It returns its parts as
// [name, milliseconds].
func (b *bench) cells([]js.Value) (any, error) {
	var parts []any
	last := time.Now()
	part := func(name string) {
		now := time.Now()
		parts = append(parts, []any{name, float64(now.Sub(last).Microseconds()) / 1000})
		last = now
	}
	m := b.model.ReadingCells()
	specimen, err := m.Prepare(b.decoded, model.Options{})
	if err != nil {
		return nil, err
	}
	part("standardising")
	answer, err := m.NewSession().Read(specimen)
	if err != nil {
		return nil, err
	}
	part("answer")
	field := specimen.Fields[0]
	session, err := explain.NewCells(m, field, answer.Scale)
	if err != nil {
		return nil, err
	}
	r, err := session.Explain(context.Background(), lime.CellsPreset(), nil)
	if err != nil {
		return nil, err
	}
	part("weights")
	if _, err := session.Readings(context.Background(), explain.DefaultThreshold, nil); err != nil {
		return nil, err
	}
	part("readings")
	if err := draw(field.Picture, r); err != nil {
		return nil, err
	}
	part("drawing")
	return parts, nil
}

// growth(n) explains a field of n cells, squares in rows, by these.
func (b *bench) growth(args []js.Value) (any, error) {
	n := args[0].Int()
	c := &cells.Cells{Width: model.Side, Height: model.Side, Labels: make([]uint16, model.Side*model.Side), Nucleus: make([]bool, model.Side*model.Side), List: make([]cells.Cell, n)}
	columns := int(math.Ceil(math.Sqrt(float64(n))))
	pitch := model.Side / columns
	side := min(20, pitch-2)
	for i := range n {
		for y := range side {
			for x := range side {
				c.Labels[(i/columns*pitch+y)*model.Side+i%columns*pitch+x] = uint16(i + 1)
			}
		}
	}
	seen, err := model.Preprocess(&picture.Picture{Width: model.Side, Height: model.Side, Pix: cells.Blanked(b.input.RGB, c, model.Ground)})
	if err != nil {
		return nil, err
	}
	session, err := explain.NewCells(b.model.ReadingCells(), model.Field{Input: seen, Picture: b.input.RGB, Cells: c}, 1)
	if err != nil {
		return nil, err
	}
	r, err := session.Explain(context.Background(), lime.CellsPreset(), nil)
	if err != nil {
		return nil, err
	}
	return string(r.Evaluation.Method), nil
}

// draw makes what the page shows of the most probable class.
func draw(rgb []uint8, r *explain.Result) error {
	class := lime.TopLabels(r.Explanation.Probabilities, 1)[0]
	seg, c := r.Segmentation, &r.Explanation.Classes[class]
	if _, err := lime.OutlineLayer(seg, c, settings.Features); err != nil {
		return err
	}
	if _, err := lime.RegionsAlone(rgb, seg, c, settings.Features); err != nil {
		return err
	}
	if _, err := lime.HeatMap(seg, c); err != nil {
		return err
	}
	_, err := lime.Regions(seg, c)
	return err
}

func logits(r *model.Result, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	out := make([]any, len(r.Logits))
	for i, z := range r.Logits {
		out[i] = float64(z)
	}
	return out, nil
}

func copied(array js.Value) []byte {
	data := make([]byte, array.Length())
	js.CopyBytesToGo(data, array)
	return data
}
