package cases

import (
	"errors"
	"math"
	"testing"

	"allnet/lime"
	"allnet/model"
	"allnet/model/picture"
)

// opened is the session of the default network, which reads cells.
func opened(t *testing.T) *model.Session {
	t.Helper()
	m, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	return m.NewSession()
}

// The field with the most cells is the one that is shown and explained, unless another is asked
// for.
func TestOfSeveralFieldsTheFullestIsShownAndAnotherCanBe(t *testing.T) {
	// Few cells beside many.
	few, many := draw(t, "synthetic-4"), draw(t, "synthetic-3")
	wide := &picture.Picture{Width: few.Width + many.Width, Height: few.Height}
	for y := range few.Height {
		wide.Pix = append(wide.Pix, few.Pix[3*y*few.Width:][:3*few.Width]...)
		wide.Pix = append(wide.Pix, many.Pix[3*y*many.Width:][:3*many.Width]...)
	}
	r := Read(opened(t), "wide", wide, nil, SourceOf(Pixels, "", wide.Pix), &model.Choices{KeepSize: true})
	fields := r.Answer.Record.Standardised.Fields
	if len(fields) != 2 || fields[0].Cells >= fields[1].Cells {
		t.Fatalf("fields %+v", fields)
	}
	if *r.Answer.Field != 1 || r.Answer.Regions.Count != fields[1].Cells || len(r.Shown().Cells.List) != fields[1].Cells {
		t.Errorf("field %d is shown", *r.Answer.Field)
	}
	for _, field := range []int{-1, 2} {
		if !r.Show(0) || *r.Answer.Field != 0 || r.Answer.Regions.Count != fields[0].Cells {
			t.Errorf("field %d", *r.Answer.Field)
		}
		if r.Show(field) || *r.Answer.Field != 1 || r.Answer.Regions.Count != fields[1].Cells {
			t.Errorf("field %d of two is shown, or not the fullest in its place but %d", field, *r.Answer.Field)
		}
	}
}

func draw(t *testing.T, name string) *picture.Picture {
	t.Helper()
	_, p, err := Drawn(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAPictureWithoutCellsIsNotExplainedByThem(t *testing.T) {
	empty := &picture.Picture{Width: model.Side, Height: model.Side, Pix: make([]uint8, 3*model.Side*model.Side)}
	for i := range empty.Pix {
		empty.Pix[i] = uint8(240 + i/3%model.Side%4)
	}
	session := opened(t)
	r := Read(session, "empty", empty, nil, SourceOf(Pixels, "", empty.Pix), &model.Choices{KeepSize: true})
	if r.Answer.Record.Predicted != nil || r.Answer.Regions != nil || r.Answer.Logits == nil {
		t.Fatalf("got %+v", r.Answer)
	}
	byCells, bySuperpixels := lime.CellsPreset(), lime.FaithfulPreset()
	if r.Explicable(&byCells) || !r.Explicable(&bySuperpixels) {
		t.Error("explained by cells, of which there are none, or not by superpixels")
	}
	if _, err := r.Explainer(session.Model()); err == nil {
		t.Error("there is an explainer of cells")
	}
}

func TestWhatCannotBeReadIsAnAnswerWithItsReason(t *testing.T) {
	session := opened(t)
	small := &picture.Picture{Width: 8, Height: 8, Pix: make([]uint8, 3*8*8)}
	for what, r := range map[string]*Reading{
		"no picture":  Read(session, "a", nil, errors.New("It is damaged."), Source{Kind: File}, new(model.Choices)),
		"too small":   Read(session, "a", small, nil, Source{Kind: File}, new(model.Choices)),
		"a wide cell": Read(session, "a", draw(t, "synthetic-1"), nil, Source{Kind: File}, &model.Choices{Diameter: 1}),
	} {
		a := &r.Answer
		if a.Record.Reason == "" || a.Record.Code != model.Unreadable || a.Record.File != "a" || a.Logits != nil || a.Field != nil || a.Weights == "" || (a.Picture == nil) != (what == "no picture") {
			t.Errorf("%s: %+v", what, a)
		}
		if r.Shown() != nil || r.Show(0) {
			t.Errorf("%s: a field is shown", what)
		}
		if _, err := r.Explainer(session.Model()); err == nil {
			t.Errorf("%s: it can be explained", what)
		}
	}
}

// What a laboratory taught the network is in the answer, in what its fields say, and in the
// explanation: the picture with all of its cells has the same probabilities by all three.
func TestACorrectionIsInAnswerFieldsAndExplanation(t *testing.T) {
	session := opened(t)
	taught := &model.Correction{Profile: "0f", Bias: [4]float64{-4, 9, -3, -2}}
	taught.Matrix[1][2] = 0.25
	for _, c := range []*model.Correction{nil, taught} {
		s := session.Corrected(c)
		r := Read(s, "a", draw(t, "synthetic-4"), nil, Source{Kind: Drawing}, new(model.Choices))
		if r.Answer.Correction != c || r.Answer.Record.Predicted == nil || (*r.Answer.Record.Predicted == model.Early) != (c != nil) {
			t.Fatalf("%v: got %+v", c, r.Answer.Record)
		}
		p := *r.Answer.Record.Probabilities
		if f := *r.Answer.Record.Standardised.Fields[0].Probabilities; f != p {
			t.Errorf("the only field has %v, the picture %v", f, p)
		}
		explainer, err := r.Explainer(s.Model())
		if err != nil {
			t.Fatal(err)
		}
		e, _, err := Explain(t.Context(), explainer, settings(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for k, want := range []float64{p.Benign, p.Early, p.Pre, p.Pro} {
			if got := e.Explanation.Probabilities[k]; math.Abs(got-want) > 1e-5 {
				t.Errorf("class %d: explained %g, answered %g", k, got, want)
			}
			if got := e.Readings.Whole.Probabilities[k]; math.Abs(got-want) > 1e-5 {
				t.Errorf("class %d: all cells read as %g, answered %g", k, got, want)
			}
		}
	}
	if session.Model().Correction() != nil {
		t.Error("the session itself was changed")
	}
}
