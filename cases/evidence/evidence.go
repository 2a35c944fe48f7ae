// Package evidence computes and writes what `allnet explain` says of a picture: drawings of the evidence
// and a file with all that they are made of.
package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"

	"allnet/lime"
	"allnet/model"
	"allnet/model/engine"
	"allnet/model/explain"
)

// File is what `allnet explain` writes as JSON.
type File struct {
	model.Record
	// Model is the SHA-256 of the ONNX file.
	Model string `json:"model"`
	// Correction is what a laboratory's profile adds to the calibrated logits; not there for none.
	Correction *model.Correction `json:"correction,omitempty"`
	// One of these two is nil: where there is no answer, what the network computed
	// all the same stands under a name that says so.
	*Computed
	NotAnAnswer *Computed `json:"notAnAnswer,omitempty"`
}

// Computed is the evidence and what it is the evidence for.
type Computed struct {
	Logits []float32 `json:"logits"`
	// Class is the one that is explained.
	Class model.Class `json:"class"`
	// Preset names the settings that were started from.
	Preset      string             `json:"preset"`
	Explanation *lime.Explanation  `json:"explanation"`
	Evaluation  engine.PerturbInfo `json:"evaluation"`
	// Nuclei says for each class what its weights make of the stained nuclei.
	Nuclei   []explain.Nuclei `json:"nuclei"`
	LabelMap LabelMap         `json:"labelMap"`
	// Field is the number of the field that is explained, from 0, of a network that reads
	// cells, and Readings what each of its cells reads as; neither is there for any other.
	Field    *int              `json:"field,omitempty"`
	Readings *explain.Readings `json:"readings,omitempty"`
	// Faithfulness is what came of putting the explanation to the test, with Grad-CAM.
	Faithfulness *explain.Faithfulness `json:"faithfulness"`
	// Regions are those of Class, the weightiest first.
	Regions []lime.Region `json:"regions"`
	// Legend is the scale of the heat map.
	Legend lime.Legend `json:"legend"`
	// SecondOpinion is there if Shapley values were asked for.
	SecondOpinion *SecondOpinion `json:"secondOpinion,omitempty"`
}

// LabelMap says to which superpixel each pixel belongs. Runs are pairs of a
// superpixel, -1 for none, and a number of pixels, row after row from the top left one; a run may
// go on in the next row.
type LabelMap struct {
	Width  int   `json:"width"`
	Height int   `json:"height"`
	Runs   []int `json:"runs"`
}

func newLabelMap(seg *lime.Segmentation) LabelMap {
	m := LabelMap{Width: seg.Width, Height: seg.Height}
	for i, label := range seg.Labels {
		if i == 0 || label != seg.Labels[i-1] {
			superpixel := int(label)
			if label == lime.NoRegion {
				superpixel = -1
			}
			m.Runs = append(m.Runs, superpixel, 0)
		}
		m.Runs[len(m.Runs)-1]++
	}
	return m
}

// SecondOpinion holds the Shapley values and how far LIME agrees with them.
type SecondOpinion struct {
	Shapley *lime.ShapleyValues `json:"shapley"`
	// Agreement has an entry for each class.
	Agreement []lime.Agreement `json:"agreement"`
}

// Asked says what is to be explained of a picture, and how.
type Asked struct {
	// Class is the one to explain, and Field the number of the field, from 0.
	Class model.Class
	Field int
	// Preset names the settings that were started from.
	Preset   string
	Settings lime.Settings
	// Shapley asks for Shapley values as a second opinion; nil: none.
	Shapley *lime.ShapleySettings
}

// Evidence is the explanation of one field of a picture.
type Evidence struct {
	File
	// Explained is the explanation of the class that was asked for, and Nuclei what its weights make of the nuclei.
	Explained *lime.ClassExplanation
	Nuclei    *explain.Nuclei
	layers    map[string]image.Image
}

// Results are what was computed, whether or not there is an answer.
func (e *Evidence) Results() *Computed {
	if e.NotAnAnswer != nil {
		return e.NotAnAnswer
	}
	return e.Computed
}

// FieldOf is the number, from 0, of the field that was asked for by its number from 1, or of the one with most
// cells where that is 0.
func FieldOf(s *model.Specimen, number int) (int, error) {
	if number < 0 || number > len(s.Fields) {
		return 0, fmt.Errorf("there is no field %d; expected 1 to %d", number, len(s.Fields))
	}
	if number == 0 {
		return s.Fullest(), nil
	}
	return number - 1, nil
}

// Of explains a field of a picture that the network read; record is what is said of the picture. Progress may be nil.
func Of(ctx context.Context, m *model.Model, record model.Record, specimen *model.Specimen, answer *model.Result, a Asked, progress explain.Progress) (*Evidence, error) {
	field := specimen.Fields[a.Field]
	session := explain.NewSession(m, field.Input)
	if m.Reads() == model.Cells {
		var err error
		if session, err = explain.NewCells(m, field, answer.Scale); err != nil {
			return nil, err
		}
	}
	result, err := session.Explain(ctx, a.Settings, progress)
	if err != nil {
		return nil, err
	}
	c := &Computed{
		Logits: answer.Logits[:], Class: a.Class, Preset: a.Preset, Explanation: result.Explanation, Evaluation: result.Evaluation, Nuclei: result.Nuclei,
		LabelMap: newLabelMap(result.Segmentation),
	}
	if a.Shapley != nil {
		if c.SecondOpinion, err = askAgain(ctx, session, *a.Shapley, result.Explanation, progress); err != nil {
			return nil, err
		}
	}
	if m.Reads() == model.Cells {
		r, err := session.Readings(ctx, explain.DefaultThreshold, progress)
		if err != nil {
			return nil, err
		}
		c.Field, c.Readings = &a.Field, r.Readings
	}
	if c.Faithfulness, err = session.Faithfulness(ctx, result.Explanation, progress); err != nil {
		return nil, err
	}
	explained := &result.Explanation.Classes[a.Class]
	if c.Regions, err = lime.Regions(result.Segmentation, explained); err != nil {
		return nil, err
	}
	c.Legend = lime.LegendFor(explained)
	e := &Evidence{File: File{Record: record, Model: m.Hash(), Correction: m.Correction(), Computed: c}, Explained: explained, Nuclei: &result.Nuclei[a.Class]}
	if record.Abstained {
		e.Computed, e.NotAnAnswer = nil, c
	}
	e.layers, err = layers(field.Picture, result.Segmentation, explained, a.Settings.Features, &c.Faithfulness.GradCAM[a.Class].Map)
	return e, err
}

// askAgain estimates Shapley values and compares LIME with them.
func askAgain(ctx context.Context, session *explain.Session, s lime.ShapleySettings, first *lime.Explanation, progress explain.Progress) (*SecondOpinion, error) {
	result, err := session.Shapley(ctx, s, progress)
	if err != nil {
		return nil, err
	}
	agreement, err := lime.Agree(first, result.Shapley)
	if err != nil {
		return nil, err
	}
	return &SecondOpinion{result.Shapley, agreement}, nil
}

// layers are the drawings of an explanation, by name.
func layers(rgb []uint8, seg *lime.Segmentation, c *lime.ClassExplanation, features int, gradCAM *explain.GradCAMMap) (map[string]image.Image, error) {
	outline, err := lime.OutlineLayer(seg, c, features)
	if err != nil {
		return nil, err
	}
	alone, err := lime.RegionsAlone(rgb, seg, c, features)
	if err != nil {
		return nil, err
	}
	heat, err := lime.HeatMap(seg, c)
	if err != nil {
		return nil, err
	}
	third, err := gradCAM.Layer(seg.Width, seg.Height)
	if err != nil {
		return nil, err
	}
	return map[string]image.Image{"outline": over(rgb, outline), "regions": alone, "heatmap": heat, "gradcam": third}, nil
}

// Opaque is a picture, [Side][Side][3], as an image.
func Opaque(rgb []uint8) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, model.Side, model.Side))
	for i := range model.Side * model.Side {
		copy(img.Pix[4*i:], rgb[3*i:][:3])
		img.Pix[4*i+3] = 255
	}
	return img
}

// over lays a layer over the picture.
func over(rgb []uint8, layer *image.NRGBA) image.Image {
	img := Opaque(rgb)
	draw.Draw(img, img.Rect, layer, image.Point{}, draw.Over)
	return img
}

// Endings are those of the files that Encode gives, in order.
var Endings = []string{".outline.png", ".regions.png", ".heatmap.png", ".gradcam.png", ".json"}

// Encode returns the contents of the files of the evidence, as Endings has them.
func (e *Evidence) Encode() ([][]byte, error) {
	files := make([][]byte, len(Endings))
	for i, name := range []string{"outline", "regions", "heatmap", "gradcam"} {
		var b bytes.Buffer
		if err := png.Encode(&b, e.layers[name]); err != nil {
			return nil, err
		}
		files[i] = b.Bytes()
	}
	data, err := json.MarshalIndent(e.File, "", " ")
	files[len(files)-1] = append(data, '\n')
	return files, err
}

// Write writes the files of the evidence; base is their path without the ending.
func (e *Evidence) Write(base string) error {
	files, err := e.Encode()
	if err != nil {
		return err
	}
	for i, data := range files {
		if err := os.WriteFile(base+Endings[i], data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
