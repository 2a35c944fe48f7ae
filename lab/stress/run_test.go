package stress

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allnet/internal/golden"
	"allnet/lab/dataset"
	"allnet/model"
	"allnet/model/synthetic"
)

// smears writes two labelled drawings with masks and returns what is to be tested
// with them: a small network with made-up weights.
func smears(t *testing.T) Plan {
	t.Helper()
	m, err := model.Load(golden.Encode(golden.Graph(golden.Weights(8, 8, 8))))
	if err != nil {
		t.Fatal(err)
	}
	plan := Plan{Model: m, Dir: t.TempDir(), Masks: t.TempDir(), Each: 1}
	for i, class := range []model.Class{model.Early, model.Pro} {
		name := synthetic.Examples()[i].Name
		data, err := synthetic.PNG(name)
		if err != nil {
			t.Fatal(err)
		}
		file := class.String() + "/" + name + ".png"
		write(t, filepath.Join(plan.Dir, file), data)
		write(t, filepath.Join(plan.Masks, file), maskFile(t))
		plan.Items = append(plan.Items, dataset.Item{File: file, Label: class})
	}
	return plan
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// maskFile is black with traces of light, but for a square of 50 x 50 pixels.
func maskFile(t *testing.T) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		c := color.NRGBA{20, 10, 15, 255}
		if i%side < 50 && i/side < 50 {
			c = color.NRGBA{255, 80, 170, 255}
		}
		img.Set(i%side, i/side, c)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestRunHasARowForEachTest(t *testing.T) {
	plan := smears(t)
	plan.Explained = plan.Items[:1]
	foreign := filepath.Join(t.TempDir(), "elsewhere")
	write(t, filepath.Join(foreign, "text.txt"), []byte("no picture"))
	write(t, filepath.Join(foreign, "deep", "mask.png"), maskFile(t))
	write(t, filepath.Join(foreign, ".hidden"), nil)
	plan.Foreign = []string{foreign}
	stages := make(map[string]int)
	got, err := Run(t.Context(), plan, func(stage string, done, total int) {
		if done != stages[stage]+1 || done > total {
			t.Errorf("%s: %d of %d after %d", stage, done, total, stages[stage])
		}
		stages[stage] = done
	})
	if err != nil {
		t.Fatal(err)
	}
	if !got.Masks || got.Unchanged.N != 2 || got.Unchanged.Changed+got.Unchanged.Flipped != 0 {
		t.Errorf("got %+v", got.Unchanged)
	}
	changes := Changes()
	if len(got.Changes) != len(changes) || len(got.Foreign) != 1+len(Kinds()) || len(got.Evidence) != 6 {
		t.Fatalf("%d, %d and %d rows", len(got.Changes), len(got.Foreign), len(got.Evidence))
	}
	for i, r := range got.Changes {
		if c := changes[i]; r.Family != c.Family || r.Variant != c.Variant || r.Strength != c.Strength || r.N != 2 {
			t.Errorf("row %+v of %s", r, c.Name())
		}
	}
	if f := got.Foreign[0]; f.Name != "elsewhere" || f.N != 2 || f.Abstained != 1 || f.Reasons[model.Unreadable] != 1 {
		t.Errorf("folder: got %+v", f)
	}
	for _, e := range got.Evidence {
		if e.Mask == "segmentation" && e.N == 1 {
			near(t, "area", e.Area.Value, 50*50/224./224, 1e-12)
		}
	}
	if stages["changing"] != 2 || stages["explaining"] != 1 || stages["elsewhere"] != 2 {
		t.Errorf("stages %v", stages)
	}
	if _, err := json.Marshal(got); err != nil {
		t.Error(err)
	}
}

// A row is what the network says to the pictures that Apply gives.
func TestRunClassifiesTheChangedPictures(t *testing.T) {
	plan := smears(t)
	plan.Each = 0
	got, err := Run(t.Context(), plan, func(string, int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	session := plan.Model.NewSession()
	for i, c := range Stain.Changes() {
		top := 0.0
		for _, item := range plan.Items {
			p, err := plan.readOne(item)
			if err != nil {
				t.Fatal(err)
			}
			rgb, err := c.Apply(p)
			if err != nil {
				t.Fatal(err)
			}
			in, err := input(rgb)
			if err != nil {
				t.Fatal(err)
			}
			r, err := session.Classify(in)
			if err != nil {
				t.Fatal(err)
			}
			top += r.Probabilities[r.Predicted] / 2
		}
		near(t, c.Name(), got.Changes[i].Top, top, 1e-12)
	}
}

func TestRunRefusesWhatItCannotReadAndStopsWhenCancelled(t *testing.T) {
	none := func(string, int, int) {}
	plan := smears(t)
	one, maskless, nowhere := plan, plan, plan
	one.Items = plan.Items[:1]
	maskless.Masks = t.TempDir()
	nowhere.Dir = t.TempDir()
	for want, p := range map[string]Plan{"at least 2": one, "the mask of ": maskless, ".png: ": nowhere} {
		if _, err := Run(t.Context(), p, none); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
	plan.Foreign = []string{t.TempDir()}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Run(ctx, plan, func(string, int, int) { cancel() })
	if err != context.Canceled {
		t.Errorf("cancelled: got error %v", err)
	}
}
