package standard

import (
	"bytes"
	"errors"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"allnet/model/picture"
	"allnet/model/synthetic"
)

// disc draws a cell with a soft edge, colour giving what it lets through of each channel.
func disc(p *picture.Picture, x, y, radius float64, colour [3]float64) {
	for v := max(0, int(y-radius-2)); v <= min(p.Height-1, int(y+radius+2)); v++ {
		for u := max(0, int(x-radius-2)); u <= min(p.Width-1, int(x+radius+2)); u++ {
			cover := min(1, max(0, radius+0.5-distance(float64(u)-x, float64(v)-y)))
			for c, through := range colour {
				i := 3*(v*p.Width+u) + c
				p.Pix[i] = uint8(float64(p.Pix[i]) * (1 - cover*(1-through)))
			}
		}
	}
}

func blank(w, h int, level uint8) *picture.Picture {
	return &picture.Picture{Width: w, Height: h, Pix: bytes.Repeat([]byte{level}, 3*w*h)}
}

var red, nucleus = [3]float64{0.7, 0.72, 0.75}, [3]float64{0.5, 0.25, 0.6}

// smear draws red cells of a diameter at random places, some of them overlapping, on bright ground.
func smear(w, h int, diameter float64, seed uint64) *picture.Picture {
	p := blank(w, h, 235)
	random := rand.New(rand.NewPCG(seed, 1))
	for range int(0.5 * float64(w*h) / (diameter * diameter)) {
		disc(p, random.Float64()*float64(w), random.Float64()*float64(h), diameter/2*(0.93+0.14*random.Float64()), red)
	}
	return p
}

func TestRedCellsAreMeasuredAtAnySize(t *testing.T) {
	for _, diameter := range []float64{14, 16.5, 22, 31, 45, 64, 90} {
		side := int(max(224, 9*diameter))
		m := MagnificationOf(smear(side, side, diameter, 7))
		if !m.Known() || math.Abs(m.Diameter/diameter-1) > 0.06 {
			t.Errorf("%g pixels: measured %+v", diameter, m)
		}
	}
}

// Such pictures are halved before most of their passes, and only their middle is searched for small cells:
// of those below about a hundredth of the width too few are seen to be relied on.
func TestRedCellsOfLargePicturesAreMeasured(t *testing.T) {
	for _, diameter := range []float64{30, 50, 90, 160, 280} {
		m := MagnificationOf(smear(2801, 1999, diameter, 7))
		if !m.Known() || math.Abs(m.Diameter/diameter-1) > 0.06 {
			t.Errorf("%g pixels: measured %+v", diameter, m)
		}
	}
}

func TestAPictureIsHalvedOnlyWhereItStaysLargerThanWhatIsMadeOfIt(t *testing.T) {
	for _, c := range []struct {
		width, height, size int
		level               image.Point
	}{
		{224, 224, 69, image.Pt(224, 224)}, {1279, 960, 60, image.Pt(1279, 960)}, // no larger than two windows
		{4000, 3000, 1500, image.Pt(4000, 3000)}, {4000, 3000, 1400, image.Pt(2000, 1500)},
		{4000, 3000, 50, image.Pt(1000, 750)}, {4001, 99, 200, image.Pt(1000, 24)},
	} {
		p := newPyramid(blank(c.width, c.height, 9))
		level, shrunk := p.near(float64(c.size) / float64(c.width))
		if level.Width != c.level.X || level.Height != c.level.Y || int(float64(c.width)/shrunk) != c.level.X {
			t.Errorf("%+v: of %d x %d, %g times smaller", c, level.Width, level.Height, shrunk)
		}
	}
}

func TestAQuantileIsThatOfTheSortedValues(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	for _, n := range []int{1, 2, 10, 999} {
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(random.NormFloat64())
			if i%3 == 0 {
				values[i] = float32(random.IntN(3) - 1) // many are equal
			}
		}
		sorted := slices.Sorted(slices.Values(values))
		before := slices.Clone(values)
		for _, share := range []float64{0, 0.05, 0.5, 0.9, 1} {
			if got, want := Quantile(values, share), sorted[min(int(share*float64(n)), n-1)]; got != want {
				t.Errorf("%g of %d: %g, expected %g", share, n, got, want)
			}
		}
		if !slices.Equal(values, before) {
			t.Error("the values were changed")
		}
	}
}

func TestALevelIsThatOfTheNearestDensity(t *testing.T) {
	for density := float32(-0.1); density < 5.7; density += 0.0003 {
		best := 0
		for level := range densities {
			if math.Abs(float64(densities[level]-density)) <= math.Abs(float64(densities[best]-density)) {
				best = level
			}
		}
		if got := levelOf(density); int(got) != best {
			t.Fatalf("density %g is level %d, expected %d", density, got, best)
		}
	}
}

func TestUnevenLightAndCastOfColourDoNotChangeTheMeasure(t *testing.T) {
	p := smear(400, 300, 30, 3)
	even := MagnificationOf(p)
	for y := range p.Height {
		for x := range p.Width {
			light := 1 - 0.5*distance(float64(x)-100, float64(y)-80)/400
			for c, cast := range [3]float64{1, 0.75, 0.85} {
				i := 3*(y*p.Width+x) + c
				p.Pix[i] = uint8(float64(p.Pix[i]) * light * cast)
			}
		}
	}
	if uneven := MagnificationOf(p); !uneven.Known() || math.Abs(uneven.Diameter/even.Diameter-1) > 0.05 {
		t.Errorf("%+v, in uneven light %+v", even, uneven)
	}
}

func TestNucleiAreNotTakenForRedCells(t *testing.T) {
	p := smear(300, 300, 17, 5)
	random := rand.New(rand.NewPCG(5, 2))
	for range 40 {
		disc(p, random.Float64()*300, random.Float64()*300, 14, nucleus)
	}
	if m := MagnificationOf(p); !m.Known() || math.Abs(m.Diameter/17-1) > 0.1 {
		t.Errorf("measured %+v; expected 17 pixels", m)
	}
}

func TestWhereNoRedCellsAreNoMagnificationIsClaimed(t *testing.T) {
	noise := blank(300, 300, 0)
	random := rand.New(rand.NewPCG(1, 1))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(random.IntN(256))
	}
	one := blank(300, 300, 230)
	disc(one, 150, 150, 60, nucleus)
	for name, p := range map[string]*picture.Picture{"noise": noise, "empty": blank(300, 300, 230), "one nucleus": one, "one row": blank(300, 1, 9), "one pixel": blank(1, 1, 9)} {
		if m := MagnificationOf(p); m.Known() {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func TestEveryLevelComesBackFromItsDensity(t *testing.T) {
	rgb := make([]uint8, 3*256)
	for i := range rgb {
		rgb[i] = uint8(i / 3)
	}
	if back := DensityOf(rgb, 256, 1).RGB(); !bytes.Equal(back, rgb) {
		t.Errorf("levels %v", back)
	}
}

func TestEvenedLightIsWhiteEverywhere(t *testing.T) {
	p := blank(224, 224, 0)
	for i := range p.Pix {
		x, y, c := i/3%224, i/3/224, i%3
		p.Pix[i] = uint8((175 + x/7 + y/7) * (4 - c) / 4)
	}
	disc(p, 112, 112, 12, nucleus)
	d := DensityOf(p.Pix, p.Width, p.Height)
	flat := d.Flattened(BackgroundOf(d, nil)).RGB()
	for _, at := range []int{3 * (224*5 + 5), 3 * (224*218 + 218), 3 * (224*5 + 218)} {
		if low := slices.Min(flat[at : at+3]); low < 240 {
			t.Errorf("ground is %v at pixel %d", flat[at:at+3], at/3)
		}
	}
	if centre := flat[3*(224*112+112):][:3]; slices.Max(centre) > 190 {
		t.Errorf("the nucleus is %v", centre)
	}
}

func TestTheRoundFieldOfAnEyepieceIsFound(t *testing.T) {
	whole := smear(800, 600, 40, 9)
	for _, field := range []Aperture{{400, 300, 250}, {380, 310, 360}, {420, 280, 200}} {
		p := blank(800, 600, 0)
		copy(p.Pix, whole.Pix)
		for i := range p.Pix {
			if distance(float64(i/3%800)-field.X, float64(i/3/800)-field.Y) > field.Radius {
				p.Pix[i] = 8
			}
		}
		got, found := ApertureOf(p)
		if !found || math.Abs(got.Radius-field.Radius) > 0.03*field.Radius || distance(got.X-field.X, got.Y-field.Y) > 0.03*field.Radius {
			t.Errorf("%+v: found %v, %+v", field, found, got)
		}
	}
}

func TestNoRoundFieldIsSeenWhereThereIsNone(t *testing.T) {
	framed := smear(600, 500, 40, 9)
	for i := range framed.Pix {
		if x, y := i/3%600, i/3/600; x < 60 || y < 60 || x >= 540 || y >= 440 {
			framed.Pix[i] = 0
		}
	}
	corner := smear(600, 500, 40, 9)
	disc(corner, 0, 0, 70, [3]float64{0.1, 0.1, 0.1})
	for name, p := range map[string]*picture.Picture{"smear": smear(600, 500, 40, 9), "square frame": framed, "dark cell in a corner": corner, "black": blank(300, 300, 0), "small": blank(20, 20, 200)} {
		if a, found := ApertureOf(p); found {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestAPictureLikeThoseLearnedFromIsOneFieldOfTheSameBits(t *testing.T) {
	p := smear(Side, Side, 17, 11)
	r, err := Standardise(p, Options{KeepLight: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Fields) != 1 || !bytes.Equal(r.Fields[0].RGB, p.Pix) || r.Fields[0].Source != image.Rect(0, 0, Side, Side) {
		t.Errorf("%d fields, steps %+v", len(r.Fields), r.Steps)
	}
}

func TestALargePictureIsReadInFieldsThatCoverIt(t *testing.T) {
	p := smear(1200, 900, 33, 13) // twice the magnification: 600 x 450
	r, err := Standardise(p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(r.Scale-0.5) > 0.03 || len(r.Fields) != 6 {
		t.Fatalf("scale %g, %d fields; expected about 0.5, and 6", r.Scale, len(r.Fields))
	}
	covered := make([]bool, 1200*900)
	for _, f := range r.Fields {
		if f.Source.Dx() < 420 || f.Source.Dx() > 480 || f.Source.Dx() != f.Source.Dy() {
			t.Errorf("a field of %v", f.Source)
		}
		for y := f.Source.Min.Y; y < min(900, f.Source.Max.Y); y++ {
			for x := f.Source.Min.X; x < min(1200, f.Source.Max.X); x++ {
				covered[y*1200+x] = true
			}
		}
	}
	missing := 0
	for _, c := range covered {
		if !c {
			missing++
		}
	}
	if missing > len(covered)/30 {
		t.Errorf("%d pixels are in no field", missing)
	}
}

func TestTooSmallAPictureIsToldTheSizeThatWouldDo(t *testing.T) {
	_, err := Standardise(smear(640, 480, 100, 17), Options{})
	var small *TooSmall
	if !errors.As(err, &small) {
		t.Fatalf("error %v", err)
	}
	// Six tenths of a field are 135 pixels; a red cell is 100 pixels here and 16.5 there.
	if need := 135 * 100 / Diameter; small.Width != 640 || small.Height != 480 ||
		math.Abs(float64(small.NeedWidth)/need-1) > 0.05 || small.NeedHeight != small.NeedWidth {
		t.Errorf("%+v; expected that about %.0f pixels are needed", small, need)
	}
	if s := small.Error(); !strings.Contains(s, "640 x 480") {
		t.Error(s)
	}
	if _, err := Standardise(smear(640, 480, 100, 17), Options{KeepSize: true}); err != nil {
		t.Errorf("at the size that it has: %v", err)
	}
}

func TestTheSizeThatATooSmallPictureIsToldWouldDoAndFourPixelsLessWouldNot(t *testing.T) {
	_, err := Standardise(smear(640, 480, 50, 17), Options{Diameter: 100})
	var small *TooSmall
	if !errors.As(err, &small) {
		t.Fatalf("error %v", err)
	}
	if _, err := Standardise(smear(small.NeedWidth, small.NeedHeight, 50, 17), Options{Diameter: 100}); err != nil {
		t.Errorf("%d x %d: %v", small.NeedWidth, small.NeedHeight, err)
	}
	if _, err := Standardise(smear(small.NeedWidth, small.NeedHeight-4, 50, 17), Options{Diameter: 100}); !errors.As(err, &small) {
		t.Errorf("%d x %d: %v", small.NeedWidth, small.NeedHeight-4, err)
	}
}

// padded tells whether a field holds a picture in its upper left corner and white ground elsewhere.
func padded(f *Field, p *picture.Picture) bool {
	for i := range f.RGB {
		x, y, c := i/3%Side, i/3/Side, i%3
		want := uint8(255)
		if x < p.Width && y < p.Height {
			want = p.Pix[3*(y*p.Width+x)+c]
		}
		if f.RGB[i] != want {
			return false
		}
	}
	return true
}

func TestWhatIsMissingOfAFieldIsWhiteGroundAndNoneOfTheCellsTwice(t *testing.T) {
	for _, size := range []image.Point{{Side, 140}, {150, Side}, {135, 135}, {180, 200}} {
		p := smear(size.X, size.Y, 17, 37)
		r, err := Standardise(p, Options{KeepSize: true, KeepLight: true})
		if err != nil {
			t.Errorf("%v: %v", size, err)
			continue
		}
		if len(r.Fields) != 1 || r.Fields[0].Source != (image.Rectangle{Max: size}) || !padded(&r.Fields[0], p) {
			t.Errorf("%v: %d fields, the first of %v, is not the picture on white ground", size, len(r.Fields), r.Fields[0].Source)
		}
	}
}

func TestAPictureOfLessThanSixTenthsOfAFieldIsReadOnlyWherePaddingIsAskedFor(t *testing.T) {
	for _, size := range []image.Point{{134, Side}, {Side, 134}, {60, 50}, {1, 1}} {
		p := smear(size.X, size.Y, 17, 41)
		o := Options{KeepSize: true, KeepLight: true}
		var small *TooSmall
		if _, err := Standardise(p, o); !errors.As(err, &small) {
			t.Errorf("%v: error %v", size, err)
		}
		o.Pad = true
		r, err := Standardise(p, o)
		if err != nil {
			t.Errorf("%v, padded: %v", size, err)
			continue
		}
		if len(r.Fields) != 1 || r.Fields[0].Source != (image.Rectangle{Max: size}) || !padded(&r.Fields[0], p) {
			t.Errorf("%v, padded: %d fields, the first of %v, is not the picture on white ground", size, len(r.Fields), r.Fields[0].Source)
		}
	}
}

func TestWhatTheReaderSaysCounts(t *testing.T) {
	p := smear(900, 700, 30, 19)
	r, err := Standardise(p, Options{Diameter: 33, Crop: image.Rect(100, 100, 800, 2000), Ground: &[3]uint8{235, 235, 235}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Scale != 0.5 || r.Width != 350 || r.Height != 300 || r.Fields[0].Source.Min != image.Pt(100, 100) {
		t.Errorf("scale %g, %d x %d, first field %v", r.Scale, r.Width, r.Height, r.Fields[0].Source)
	}
	told := 0
	for _, s := range r.Steps {
		if s.Told {
			told++
		}
		if s.Sentence == "" {
			t.Errorf("step %s says nothing", s.Name)
		}
	}
	if told != 3 {
		t.Errorf("%d steps did what was said; expected crop, magnification and light", told)
	}
	ground := 0
	for i := 0; i < len(r.Fields[0].RGB); i += 3 {
		if slices.Min(r.Fields[0].RGB[i:i+3]) >= 254 {
			ground++
		}
	}
	if ground < Side*Side/10 {
		t.Errorf("%d pixels of ground are white", ground)
	}
}

func TestNoMoreFieldsThanAskedForAreReadAndTheRestIsCounted(t *testing.T) {
	r, err := Standardise(smear(1200, 900, 17, 23), Options{MostFields: 4})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Fields) != 4 || r.LeftOut < 10 {
		t.Errorf("%d fields, %d left out", len(r.Fields), r.LeftOut)
	}
}

func TestOnlyFieldsWithinTheEyepieceAreRead(t *testing.T) {
	p := smear(1400, 1000, 17, 29)
	for i := range p.Pix {
		if distance(float64(i/3%1400)-700, float64(i/3/1400)-500) > 480 {
			p.Pix[i] = 5
		}
	}
	r, err := Standardise(p, Options{KeepLight: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.Aperture == nil || len(r.Fields) < 3 {
		t.Fatalf("aperture %v, %d fields", r.Aperture, len(r.Fields))
	}
	for _, f := range r.Fields {
		dark := 0
		for i := 0; i < len(f.RGB); i += 3 {
			if f.RGB[i] < 20 {
				dark++
			}
		}
		if dark > Side*Side/8 {
			t.Errorf("%v has %d dark pixels", f.Source, dark)
		}
	}
}

func TestTheColourOfFreeRedCellsIsMeasured(t *testing.T) {
	want := [3]float64{}
	for c := range want {
		want[c] = -math.Log(red[c])
	}
	for _, k := range []struct {
		p *picture.Picture
		o Options
	}{
		{smear(640, 480, 40, 7), Options{}},
		{smear(640, 480, 40, 7), Options{Diameter: 40}},
		{smear(640, 480, 16.5, 7), Options{KeepSize: true}},
	} {
		r, err := Standardise(k.p, k.o)
		if err != nil {
			t.Fatal(err)
		}
		for c := range want {
			if math.Abs(r.RedCells[c]-want[c]) > 0.03 {
				t.Errorf("%+v: %.3f, want %.3f", k.o, r.RedCells, want)
				break
			}
		}
	}
	if r, err := Standardise(blank(300, 300, 230), Options{KeepSize: true}); err != nil || r.RedCells != [3]float64{} {
		t.Errorf("of nothing: %v, %v", r.RedCells, err)
	}
}

// Where the width of a red cell is told, red cells are looked for at about that width alone: they must be found
// all the same, since the finder of nuclei goes by their colour.
func TestRedCellsOfAToldWidthAreThoseThatAreMeasured(t *testing.T) {
	for _, times := range []int{1, 2, 3, 5} {
		p, err := synthetic.Draw(synthetic.Examples()[0].Name)
		if err != nil {
			t.Fatal(err)
		}
		p = p.Resize(times*p.Width, times*p.Height)
		measured, err := Standardise(p, Options{})
		if err != nil || !measured.Magnification.Known() {
			t.Fatalf("%d times: %v, %+v", times, err, measured.Magnification)
		}
		told, err := Standardise(p, Options{Diameter: measured.Magnification.Diameter})
		if err != nil {
			t.Fatal(err)
		}
		for c, density := range measured.RedCells {
			if density == 0 || math.Abs(told.RedCells[c]-density) > 0.03 {
				t.Errorf("%d times, channel %d: optical density %.3f where the width is told, %.3f where it is measured", times, c, told.RedCells[c], density)
			}
		}
	}
}
