//go:build !js

package standard

import (
	"crypto/sha256"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"allnet/model/picture"
)

// shared is the folder of real pictures; the test is left out where there is none.
func shared(t *testing.T, folder string) []string {
	t.Helper()
	dir := os.Getenv("ALLNET_SHARED")
	if dir == "" {
		dir = "../../../shared"
	}
	files, err := filepath.Glob(filepath.Join(dir, "data", folder, "*.jpg"))
	if err != nil || len(files) == 0 {
		t.Skip("left out: real pictures, because ALLNET_SHARED has none")
	}
	return files
}

func read(t *testing.T, file string) *picture.Picture {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := picture.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// spread measures every k-th picture, enlarged by zoom, and tells the median diameter,
// the tenth and ninetieth percentiles as shares of it, what share of the measures lies
// within two of their own standard errors of it, and how many have no measure.
func spread(t *testing.T, files []string, n int, zoom float64) (median, low, high, held float64, unknown int) {
	t.Helper()
	var all, errors []float64
	for i := range n {
		p := read(t, files[i*len(files)/n])
		m := MagnificationOf(p.Resize(int(float64(p.Width)*zoom), int(float64(p.Height)*zoom)))
		if m.Known() {
			all, errors = append(all, m.Diameter), append(errors, m.Error)
		} else {
			unknown++
		}
	}
	if len(all) == 0 {
		return 0, 0, 0, 0, unknown
	}
	sorted := slices.Sorted(slices.Values(all))
	median = sorted[len(all)/2]
	for i, d := range all {
		if math.Abs(math.Log(d/median)) <= 2*errors[i] {
			held += 1 / float64(len(all))
		}
	}
	return median, sorted[len(all)/10] / median, sorted[len(all)*9/10] / median, held, unknown
}

// The data for training were made with these bits.
func TestOurOwnPicturesAreBroughtToTheFieldsThatNetworksLearnedFrom(t *testing.T) {
	all := sha256.New()
	files := shared(t, "pbs/*")
	for i := 0; i < len(files); i += 30 {
		r, err := Standardise(read(t, files[i]), Options{Pad: true})
		if err != nil {
			t.Fatalf("%s: %v", files[i], err)
		}
		fmt.Fprintf(all, "%+v %x\n", r.Steps, math.Float64bits(r.Scale))
		for _, f := range r.Fields {
			fmt.Fprintf(all, "%v %x\n", f.Source, f.RGB)
		}
	}
	const want = "70e3cee4e94c3bb7bc4c48dc96b4d9c3979c48f9fdf26b207904f0198f72ad08"
	if got := fmt.Sprintf("%x", all.Sum(nil)); got != want {
		t.Errorf("steps, scales and fields of every 30th picture have the hash %s, expected %s", got, want)
	}
}

// The boxes of BCCD are 104 pixels wide (median); a box also holds the soft edge and
// the longer side of a cell that is not round, so the circle of steepest edge is smaller.
// Chula has no true values, but one magnification. The pictures of our own have one
// magnification, too, as the classes' narrow ranges show. Only the second half of each
// foreign set, by name, is measured: nothing was chosen by it.
func TestRedCellsOfOtherLaboratoriesAreMeasured(t *testing.T) {
	half := func(files []string) []string { return files[len(files)/2:] }
	n, once, zooms := 24, []float64{1}, []float64{1, 2.5}
	for _, set := range []struct {
		folder   string
		files    []string
		zooms    []float64
		expected float64 // of a red cell, before zooming
		unknown  float64 // share without a measure, at most
	}{
		{"BCCD", half(shared(t, "ood/bccd")), once, 0.88 * 104, 0.2},
		{"Chula", half(shared(t, "ood/chula")), once, 76, 0.2},
		{"Benign", shared(t, "pbs/Benign"), zooms, Diameter, 0.05},
		{"Early", shared(t, "pbs/Early"), once, Diameter, 0.05},
		{"Pre", shared(t, "pbs/Pre"), zooms, Diameter, 0.05},
		{"Pro", shared(t, "pbs/Pro"), once, Diameter, 0.05},
	} {
		for _, zoom := range set.zooms {
			median, low, high, held, unknown := spread(t, set.files, n, zoom)
			t.Logf("%s, enlarged %g times: %.1f pixels (10 to 90 %%: %.2f to %.2f of it), %.0f %% within two standard errors, %d of %d without a measure", set.folder, zoom, median, low, high, 100*held, unknown, n)
			if math.Abs(median/(zoom*set.expected)-1) > 0.12 {
				t.Errorf("%s, enlarged %g times: %.1f pixels; expected about %.1f", set.folder, zoom, median, zoom*set.expected)
			}
			if low < 0.78 || high > 1.22 {
				t.Errorf("%s, enlarged %g times: from %.2f to %.2f of the median", set.folder, zoom, low, high)
			}
			if held < 0.85 {
				t.Errorf("%s, enlarged %g times: only %.0f %% lie within two of their standard errors", set.folder, zoom, 100*held)
			}
			if float64(unknown) > set.unknown*float64(n) {
				t.Errorf("%s, enlarged %g times: %d of %d have no measure", set.folder, zoom, unknown, n)
			}
		}
	}
}
