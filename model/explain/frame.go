package explain

import (
	"context"
	"image"
	"math"

	"allnet/lime"
	"allnet/model"
	"allnet/model/picture"
	"allnet/model/standard"
)

// Frame is what is said of a frame of a microscope's camera: of its middle, as large as one field.
type Frame struct {
	// Record is the answer to the middle of the frame; to all of it where its magnification is
	// not known.
	Record model.Record `json:"record"`
	// Diameter is that of a red cell in pixels of the frame, measured or told, and Part the side of what holds one
	// field there; 0: not known.
	Diameter float64 `json:"diameter"`
	Part     int     `json:"part"`
	// Field is what was read, in pixels of the frame; nil where nothing could be.
	Field *model.Part `json:"field"`
	// Cells says of each pixel of the field, [Side][Side], to which cell it belongs, lime.NoRegion to none; nil
	// where no cell was found.
	Cells []uint16 `json:"-"`
	// Class explains the class that was named by the cells; nil where none was.
	Class *lime.ClassExplanation `json:"class"`
}

// ReadFrame reads the middle of a frame and explains the answer by settings, which must be of cells. diameter is that of a
// red cell in pixels of the frame; 0: it is measured in this frame, which takes several times as long. An explanation is not put to the test: before
// anybody has read what came of that, the next frame is there. The error is of the settings or of the network;
// a frame that cannot be read has a record that says so.
func ReadFrame(s *model.Session, p *picture.Picture, diameter float64, settings lime.Settings) (*Frame, error) {
	f := new(Frame)
	f.Diameter = diameter
	if diameter == 0 {
		f.Diameter = measured(p)
	}
	var o model.Options
	if f.Diameter > 0 {
		f.Part = part(f.Diameter)
		o.Diameter, o.Crop = f.Diameter, middle(p.Width, p.Height, f.Part)
	}
	specimen, err := s.Model().Prepare(p, o)
	var result *model.Result
	if err == nil {
		result, err = s.Read(specimen)
	}
	f.Record = model.NewRecord("", result, err)
	f.Record.Describe(specimen, result)
	if specimen == nil || len(specimen.Fields) == 0 {
		return f, nil
	}
	field := specimen.Fields[specimen.Fullest()]
	at := field.Source
	f.Field = &model.Part{X: at.Min.X, Y: at.Min.Y, Width: at.Dx(), Height: at.Dy()}
	if field.Cells == nil || len(field.Cells.List) == 0 {
		return f, nil
	}
	seg, err := Segment(field.Cells)
	if err != nil {
		return nil, err
	}
	f.Cells = seg.Labels
	if f.Record.Predicted == nil {
		return f, nil
	}
	session, err := NewCells(s.Model(), field, result.Scale)
	if err != nil {
		return nil, err
	}
	explained, err := session.Explain(context.Background(), settings, nil)
	if err != nil {
		return nil, err
	}
	f.Class = &explained.Explanation.Classes[*f.Record.Predicted]
	return f, nil
}

// measured is the diameter of a red cell in a frame, in its pixels; 0: not known.
func measured(p *picture.Picture) float64 {
	r, err := standard.Standardise(p, standard.Options{MostFields: 1})
	if err != nil || !r.Magnification.Known() {
		return 0
	}
	return standard.Diameter / r.Scale
}

// part is the side of what holds one field where a red cell is so many pixels wide.
func part(diameter float64) int { return int(math.Ceil(standard.Side*diameter/standard.Diameter)) + 1 }

// middle is the part of a picture around its middle, of at most a side.
func middle(width, height, side int) image.Rectangle {
	w, h := min(side, width), min(side, height)
	at := image.Pt((width-w)/2, (height-h)/2)
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(w, h))}
}
