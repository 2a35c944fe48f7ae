package explain_test

import (
	"context"
	"fmt"

	"allnet/lime"
	"allnet/model"
	"allnet/model/cells"
	"allnet/model/explain"
	"allnet/model/synthetic"
)

// opened returns a network that reads whole pictures and a drawn picture as it sees it. The
// drawing has no right answer.
func opened() (*model.Model, *model.Input) {
	m, err := model.Named("robust")
	if err != nil {
		panic(err)
	}
	p, err := synthetic.Draw("synthetic-2")
	if err != nil {
		panic(err)
	}
	in, err := model.Preprocess(p)
	if err != nil {
		panic(err)
	}
	return m, in
}

func ExampleExplain() {
	m, in := opened()
	settings := lime.FaithfulPreset()
	settings.Samples = 200
	r, err := explain.Explain(context.Background(), m, in, settings, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	top := lime.TopLabels(r.Explanation.Probabilities, 1)[0]
	c := r.Explanation.Classes[top]
	fmt.Println(model.Class(top), "by", r.Explanation.Superpixels, "regions")
	fmt.Printf("R² %.2f, readable: %t, strongest regions: %v\n", c.R2, c.Readable, c.Order[:3])
	// Output:
	// Early by 41 regions
	// R² 0.80, readable: true, strongest regions: [21 11 22]
}

// The same picture can be asked about again: what is known is kept, and stages that
// are known report no progress.
func ExampleSession() {
	m, in := opened()
	session := explain.NewSession(m, in)
	settings := lime.FaithfulPreset()
	settings.Samples = 100
	for range 2 {
		var stages []explain.Stage
		_, err := session.Explain(context.Background(), settings, func(stage explain.Stage, done, total int) {
			if done == total {
				stages = append(stages, stage)
			}
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(stages)
		settings.Target = lime.TargetProbability // another question, the same tables
	}
	// Output:
	// [segmentation tables samples]
	// [samples]
}

func ExampleSession_Explain() {
	m, in := opened()
	settings := lime.ArticlePreset()
	settings.Samples = 200
	r, err := explain.NewSession(m, in).Explain(context.Background(), settings, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	top := lime.TopLabels(r.Explanation.Probabilities, 1)[0]
	layer, err := lime.OutlineLayer(r.Segmentation, &r.Explanation.Classes[top], settings.Features)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("outlines to lay over the picture:", layer.Bounds().Size())
	// Output:
	// outlines to lay over the picture: (224,224)
}

// Shapley values are a second opinion on the same regions.
func ExampleSession_Shapley() {
	m, in := opened()
	session := explain.NewSession(m, in)
	settings := lime.FaithfulPreset()
	settings.Samples = 200
	r, err := session.Explain(context.Background(), settings, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := session.Shapley(context.Background(), settings.ShapleySettings(lime.MinPermutations), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	top := lime.TopLabels(r.Explanation.Probabilities, 1)[0]
	fmt.Println("by LIME:   ", r.Explanation.Classes[top].Order[:3])
	fmt.Println("by Shapley:", s.Shapley.Classes[top].Order[:3])
	// Output:
	// by LIME:    [21 11 22]
	// by Shapley: [11 21 22]
}

// openedCells returns a session about the cells of the drawn picture, and how many there are.
func openedCells() (*explain.Session, int) {
	m, in := opened()
	found := cells.Find(in.RGB, model.Side, model.Side, cells.RedCells{})
	alone := &model.Input{RGB: cells.Blanked(in.RGB, found, model.Ground)}
	for _, level := range alone.RGB {
		alone.Tensor = append(alone.Tensor, model.Levels[level])
	}
	answer, err := m.NewSession().Classify(alone)
	if err != nil {
		panic(err)
	}
	session, err := explain.NewCells(m, model.Field{Input: alone, Picture: in.RGB, Cells: found}, answer.Scale)
	if err != nil {
		panic(err)
	}
	return session, len(found.List)
}

// A picture of nothing but its cells can be asked about cell by cell.
func ExampleSession_Readings() {
	session, count := openedCells()
	r, err := session.Readings(context.Background(), explain.DefaultThreshold, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	tally := r.Readings.Tally
	read := tally.Neither
	for _, n := range tally.Classes {
		read += n
	}
	fmt.Println("every cell has a reading:", read == count && tally.Cells == read)
	fmt.Println("evaluated by", r.Evaluation.Method)
	// Output:
	// every cell has a reading: true
	// evaluated by tables
}

// An explanation is put to the test: do its weights order the cells as the network does?
func ExampleSession_Faithfulness() {
	session, _ := openedCells()
	settings := lime.CellsPreset()
	r, err := session.Explain(context.Background(), settings, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := session.Faithfulness(context.Background(), r.Explanation, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Sentences(model.Class(f.Removal.Class), settings.Regions)[0])
	// Output:
	// Hiding the cell with most weight makes Benign the most probable class; in random order it takes 2 (median of 20 orders).
}

// What the network says of the picture with and without its regions.
func ExampleEvaluator() {
	m, in := opened()
	ctx := context.Background()
	seg, err := lime.Quickshift(ctx, in.RGB, model.Side, model.Side, lime.DefaultQuickshift())
	if err != nil {
		fmt.Println(err)
		return
	}
	e, info, err := explain.Evaluator(ctx, m, in, seg, lime.HideMean, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	masks := lime.Masks{N: 2, K: seg.Count, Bits: make([]uint8, 2*seg.Count)}
	for i := range masks.Row(0) {
		masks.Row(0)[i] = 1 // all regions shown; in the second row, none
	}
	logits := make([]float64, masks.N*e.Classes())
	if err := e.Logits(ctx, masks, logits); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("evaluated by", info.Method)
	fmt.Printf("shown:  %.2f\nhidden: %.2f\n", logits[:4], logits[4:])
	// Output:
	// evaluated by tables
	// shown:  [0.77 5.80 -2.80 -5.14]
	// hidden: [-1.90 2.97 1.72 -2.99]
}
