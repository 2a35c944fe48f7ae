package explain_test

import (
	"context"
	"image"
	"reflect"
	"testing"

	"allnet/cases"
	"allnet/lime"
	"allnet/model"
	"allnet/model/explain"
	"allnet/model/picture"
	"allnet/model/synthetic"
)

// enlarged is a drawing as a camera with three times the magnification shows it.
func enlarged(t *testing.T, name string) *picture.Picture {
	t.Helper()
	p, err := synthetic.Draw(name)
	if err != nil {
		t.Fatal(err)
	}
	return p.Resize(3*p.Width, 3*p.Height)
}

func open(t *testing.T) *model.Session {
	t.Helper()
	m, err := model.Named("cells")
	if err != nil {
		t.Fatal(err)
	}
	return m.NewSession()
}

func TestAFrameIsReadAsThePartOfItsMiddleThatAReaderWouldDraw(t *testing.T) {
	session, s := open(t), lime.CellsPreset()
	named := 0
	for _, example := range synthetic.Examples() {
		drawing := example.Name
		p := enlarged(t, drawing)
		measured, err := explain.ReadFrame(session, p, 0, s)
		if err != nil {
			t.Fatal(err)
		}
		if measured.Diameter == 0 {
			t.Errorf("%s: the magnification was not found", drawing)
			continue
		}
		side := min(measured.Part, p.Width)
		middle := model.Part{X: (p.Width - side) / 2, Y: (p.Height - side) / 2, Width: side, Height: side}

		// As by hand, through what the page and the command line do.
		reading := cases.Read(session, "", p, nil, cases.Source{}, &model.Choices{Crop: &middle, Diameter: measured.Diameter})
		if !reflect.DeepEqual(reading.Answer.Record, measured.Record) {
			t.Errorf("%s: by hand %+v, as a frame %+v", drawing, reading.Answer.Record, measured.Record)
		}
		if measured.Class != nil {
			named++
			explainer, err := reading.Explainer(session.Model())
			if err != nil {
				t.Fatal(err)
			}
			explained, seg, err := cases.Explain(context.Background(), explainer, s, nil)
			if err != nil {
				t.Fatal(err)
			}
			if class := explained.Explanation.Classes[*measured.Record.Predicted]; !reflect.DeepEqual(&class, measured.Class) || !reflect.DeepEqual(seg.Labels, measured.Cells) {
				t.Errorf("%s: explained otherwise than by hand", drawing)
			}
		}

		// The next frame, of which the middle alone is sent.
		next, err := explain.ReadFrame(session, p.Clip(image.Rect(middle.X, middle.Y, middle.X+side, middle.Y+side)), measured.Diameter, s)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(next.Record.Probabilities, measured.Record.Probabilities) || !reflect.DeepEqual(next.Class, measured.Class) || !reflect.DeepEqual(next.Cells, measured.Cells) {
			t.Errorf("%s: the middle alone is read otherwise than within the frame: %+v, %+v", drawing, next.Record, measured.Record)
		}
		if want := *measured.Field; next.Field.X != want.X-middle.X || next.Field.Y != want.Y-middle.Y || next.Field.Width != want.Width {
			t.Errorf("%s: the field lies at %+v of the middle, at %+v of the frame", drawing, next.Field, want)
		}
	}
	if named == 0 {
		t.Error("no drawing was given a name, so that no explanation was compared")
	}
}

func TestAFrameThatCannotBeReadSaysSoAndIsNotExplained(t *testing.T) {
	blank := &picture.Picture{Width: 640, Height: 480, Pix: make([]uint8, 3*640*480)}
	for i := range blank.Pix {
		blank.Pix[i] = 240
	}
	f, err := explain.ReadFrame(open(t), blank, 0, lime.CellsPreset())
	if err != nil {
		t.Fatal(err)
	}
	if !f.Record.Abstained || f.Record.Reason == "" || f.Class != nil || f.Cells != nil || f.Diameter != 0 || f.Part != 0 {
		t.Errorf("%+v", f)
	}
}
