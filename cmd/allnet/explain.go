package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"allnet/lab/dataset"
	"allnet/lime"
	"allnet/model"
	"allnet/model/engine"
	"allnet/model/explain"
)

// explanationFile is what `allnet explain` writes as JSON.
type explanationFile struct {
	model.Record
	// Model is the SHA-256 of the ONNX file.
	Model string `json:"model"`
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
	LabelMap labelMap         `json:"labelMap"`
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
	SecondOpinion *secondOpinion `json:"secondOpinion,omitempty"`
}

// labelMap says to which superpixel each pixel belongs. Runs are pairs of a
// superpixel, -1 for none, and a number of pixels, row after row from the top left one; a run may
// go on in the next row.
type labelMap struct {
	Width  int   `json:"width"`
	Height int   `json:"height"`
	Runs   []int `json:"runs"`
}

func newLabelMap(seg *lime.Segmentation) labelMap {
	m := labelMap{Width: seg.Width, Height: seg.Height}
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

// secondOpinion holds the Shapley values and how far LIME agrees with them.
type secondOpinion struct {
	Shapley *lime.ShapleyValues `json:"shapley"`
	// Agreement has an entry for each class.
	Agreement []lime.Agreement `json:"agreement"`
}

func explainPicture(set *flag.FlagSet) action {
	out := set.String("out", ".", "`folder` for NAME.outline.png, NAME.regions.png, NAME.heatmap.png, NAME.gradcam.png and NAME.json")
	className := set.String("class", "", "class to explain: Benign, Early, Pre or Pro (default: the predicted one)")
	asked := settingsFlags(set)
	fieldNumber := set.Int("field", 0, "number of the field to explain, from 1, of a picture that is read in several; 0: the one with most cells")
	permutations := set.Int("shapley", 0, fmt.Sprintf("permutations for Shapley values as a second opinion, an even number; %d are usually enough (default: none)", lime.DefaultPermutations))
	weights := modelFlag(set)
	preparation := preparationFlags(set)
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		options, err := preparation.options()
		if err != nil {
			return err
		}
		m, err := openModel(*weights)
		if err != nil {
			return err
		}
		presetName, settings, err := asked.settings(m)
		if err != nil {
			return err
		}
		given := given(set)
		shapleySettings := settings.ShapleySettings(*permutations)
		if given["shapley"] {
			if err := shapleySettings.Validate(); err != nil {
				return err
			}
		}
		name := args[0]
		p, err := dataset.Read(name)
		if err != nil {
			return fmt.Errorf("%s: %w", shown(name), err)
		}
		specimen, err := m.Prepare(p, options)
		if err != nil {
			return fmt.Errorf("%s: %w", shown(name), err)
		}
		answer, err := m.NewSession().Read(specimen)
		if err != nil {
			return err
		}
		field, number, err := fieldToExplain(specimen, *fieldNumber)
		if err != nil {
			return fmt.Errorf("%s: %w", shown(name), err)
		}
		class := answer.Predicted
		if *className != "" {
			if class, err = model.ParseClass(*className); err != nil {
				return err
			}
		} else if answer.Abstained {
			fmt.Fprintf(stderr, "There is no answer. What follows is the evidence for %s, which the network would rank first; -class shows that for another class.\n", class)
		} else if class == model.Benign {
			fmt.Fprintln(stderr, "The answer is Benign: there is no malignant region to outline. What follows is the evidence for Benign; -class shows that for another class.")
		}

		if err := os.MkdirAll(*out, 0o755); err != nil {
			return err
		}
		bar := newProgress(stderr, "")
		defer bar.close()
		advance := func(s explain.Stage, done, total int) {
			bar.stage(string(s))
			bar.update(done, total)
		}
		session := explain.NewSession(m, field.Input)
		if m.Reads() == model.Cells {
			if session, err = explain.NewCells(m, field, answer.Scale); err != nil {
				return fmt.Errorf("%s: %w", shown(name), err)
			}
		}
		result, err := session.Explain(ctx, settings, advance)
		if err != nil {
			return err
		}
		var second *secondOpinion
		if given["shapley"] {
			if second, err = askAgain(ctx, session, shapleySettings, result.Explanation, advance); err != nil {
				return err
			}
		}
		var readings *explain.Readings
		if m.Reads() == model.Cells {
			r, err := session.Readings(ctx, explain.DefaultThreshold, advance)
			if err != nil {
				return err
			}
			readings = r.Readings
		}
		tested, err := session.Faithfulness(ctx, result.Explanation, advance)
		if err != nil {
			return err
		}
		explained := &result.Explanation.Classes[class]
		regions, err := lime.Regions(result.Segmentation, explained)
		if err != nil {
			return err
		}
		record := model.NewRecord(name, answer, nil)
		record.Describe(specimen, answer)
		base := filepath.Join(*out, strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)))
		if err := writeLayers(base, field.Picture, result.Segmentation, explained, settings.Features, &tested.GradCAM[class].Map); err != nil {
			return err
		}
		file := explanationFile{Record: record, Model: m.Hash(), Computed: &Computed{
			Logits: answer.Logits[:], Class: class, Preset: presetName, Explanation: result.Explanation, Evaluation: result.Evaluation, Nuclei: result.Nuclei,
			LabelMap: newLabelMap(result.Segmentation), Regions: regions, Legend: lime.LegendFor(explained), SecondOpinion: second, Faithfulness: tested,
		}}
		if readings != nil {
			file.Field, file.Readings = &number, readings
		}
		if record.Abstained {
			file.Computed, file.NotAnAnswer = nil, file.Computed
		}
		data, err := json.MarshalIndent(file, "", " ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(base+".json", append(data, '\n'), 0o644); err != nil {
			return err
		}
		bar.close()
		if err := writeExplanation(stdout, record, class, explained, &result.Nuclei[class], readings, tested, settings.Regions); err != nil {
			return err
		}
		writeRegions(stdout, class, regions[:min(len(regions), settings.Features)], second)
		limit := lime.LegendFor(explained).Limit
		fmt.Fprintf(stdout, "heat map: blue %+.3g against, white 0, red %+.3g for %s\n", -limit, limit, class)
		fmt.Fprintf(stdout, "Grad-CAM: white 0 or against, red %+.3g for %s\n", tested.GradCAM[class].Map.Legend().Limit, class)
		_, err = fmt.Fprintf(stdout, "written: %s.{outline,regions,heatmap,gradcam}.png, %s.json\n", shown(base), shown(base))
		return err
	}
}

// fieldToExplain is the field that was asked for by number, from 1, or else the one with most
// cells; with its number from 0.
func fieldToExplain(s *model.Specimen, number int) (model.Field, int, error) {
	if number < 0 || number > len(s.Fields) {
		return model.Field{}, 0, fmt.Errorf("there is no field %d; expected 1 to %d", number, len(s.Fields))
	}
	best := max(0, number-1)
	if number == 0 {
		for i, f := range s.Fields {
			if f.Cells != nil && len(f.Cells.List) > len(s.Fields[best].Cells.List) {
				best = i
			}
		}
	}
	return s.Fields[best], best, nil
}

// writeSet names a set of cells by their numbers from 1.
func writeSet(w io.Writer, what string, s *explain.CellSet) {
	if !s.Found || len(s.Superpixels) == 0 {
		return
	}
	var numbers []string
	for _, c := range s.Superpixels {
		numbers = append(numbers, strconv.Itoa(c+1))
	}
	size := "a small set of them, perhaps not the smallest"
	if s.Proven {
		size = "no smaller set does"
	}
	fmt.Fprintf(w, "  %s cell %s (%s).\n", what, strings.Join(numbers, ", "), size)
}

// askAgain estimates Shapley values and compares LIME with them.
func askAgain(ctx context.Context, session *explain.Session, s lime.ShapleySettings, first *lime.Explanation, progress explain.Progress) (*secondOpinion, error) {
	result, err := session.Shapley(ctx, s, progress)
	if err != nil {
		return nil, err
	}
	agreement, err := lime.Agree(first, result.Shapley)
	if err != nil {
		return nil, err
	}
	return &secondOpinion{result.Shapley, agreement}, nil
}

// writeLayers writes the drawings of an explanation.
func writeLayers(base string, rgb []uint8, seg *lime.Segmentation, c *lime.ClassExplanation, features int, gradCAM *explain.GradCAMMap) error {
	outline, err := lime.OutlineLayer(seg, c, features)
	if err != nil {
		return err
	}
	alone, err := lime.RegionsAlone(rgb, seg, c, features)
	if err != nil {
		return err
	}
	heat, err := lime.HeatMap(seg, c)
	if err != nil {
		return err
	}
	third, err := gradCAM.Layer(seg.Width, seg.Height)
	if err != nil {
		return err
	}
	for name, layer := range map[string]image.Image{
		"outline": over(rgb, outline), "regions": alone, "heatmap": heat, "gradcam": third,
	} {
		if err := writePNG(base+"."+name+".png", layer); err != nil {
			return err
		}
	}
	return nil
}

// over lays a layer over the picture.
func over(rgb []uint8, layer *image.NRGBA) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, model.Side, model.Side))
	for i := range model.Side * model.Side {
		copy(img.Pix[4*i:], rgb[3*i:][:3])
		img.Pix[4*i+3] = 255
	}
	draw.Draw(img, img.Rect, layer, image.Point{}, draw.Over)
	return img
}

func writePNG(name string, img image.Image) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := png.Encode(f, img); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func writeExplanation(w io.Writer, record model.Record, class model.Class, c *lime.ClassExplanation, nuclei *explain.Nuclei, readings *explain.Readings, tested *explain.Faithfulness, kind lime.RegionKind) error {
	if err := writeRecord(w, record); err != nil {
		return err
	}
	fmt.Fprintf(w, "evidence for %s: R² %.3f, agreement of the halves %.2f, intercept %.3f", class, c.R2, c.Agreement, c.Intercept)
	if !record.Abstained { // what the network says of the picture is no answer
		fmt.Fprintf(w, ", local prediction %.3f (network %.3f)", c.LocalPrediction, c.TargetValue)
	}
	fmt.Fprintln(w)
	for _, warning := range c.Warnings {
		fmt.Fprintln(w, " ", warning.Sentence())
	}
	if readings != nil {
		fmt.Fprintln(w, " ", readings.Tally.Sentence())
		writeSet(w, "The answer for the field changes without", &readings.Decisive)
		writeSet(w, "The answer for the field stays with no other cells than", &readings.Sufficient)
	} else {
		fmt.Fprintln(w, " ", nuclei.Sentences())
	}
	writeFaithfulness(w, class, tested, kind)
	if !c.Readable {
		fmt.Fprintln(w, "This explanation should not be read.")
	} else {
		fmt.Fprintln(w, "R² and the agreement say that the weights describe this network, not that the network is sensible.")
	}
	return nil
}

// writeFaithfulness says what came of the test of the weights for a class.
func writeFaithfulness(w io.Writer, class model.Class, tested *explain.Faithfulness, kind lime.RegionKind) {
	for _, sentence := range tested.Sentences(class, kind) {
		fmt.Fprintln(w, " ", sentence)
	}
	c := &tested.Classes[class]
	fmt.Fprintf(w, "  area under the probability of %s: hidden by weight %.3f, shown by weight %.3f, in random order %.3f ± %.3f\n",
		class, c.Deletion.Area, c.Insertion.Area, c.Random.Area, c.Random.StandardError)
}

// writeRegions lists regions with their weights and, where second is not nil,
// the second opinion on them.
func writeRegions(w io.Writer, class model.Class, regions []lime.Region, second *secondOpinion) {
	for i, r := range regions {
		fmt.Fprintf(w, "%3d. weight %+.4f, ", i+1, r.Weight)
		if second != nil {
			c := &second.Shapley.Classes[class]
			fmt.Fprintf(w, "Shapley value %+.4f ± %.4f, ", c.Values[r.Superpixel], c.StandardErrors[r.Superpixel])
		}
		fmt.Fprintf(w, "%4.1f %% of the picture, around (%d, %d)\n", 100*r.Share, r.X, r.Y)
	}
	if second == nil {
		return
	}
	c, a := &second.Shapley.Classes[class], second.Agreement[class]
	fmt.Fprintf(w, "Shapley values: %d permutations, from %.3f with everything hidden to %.3f, standard error at most %.1f %% of the greatest value\n",
		second.Shapley.Settings.Permutations, c.Base, c.Full, 100*c.RelativeError)
	verdict := "agree"
	if !a.Agree {
		verdict = "do not agree"
	}
	fmt.Fprintf(w, "LIME and Shapley values %s: rank correlation %.2f, Jaccard index of the top five %.2f (at least 0.5 each is needed)\n", verdict, a.RankCorrelation, a.Top)
}
