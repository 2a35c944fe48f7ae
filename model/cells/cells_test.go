package cells

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"allnet/model/picture"
	"allnet/model/standard"
	"allnet/model/synthetic"
)

type colour [3]uint8

var (
	glass    = colour{236, 233, 241}
	red      = colour{190, 178, 200}
	violet   = colour{118, 78, 190}  // a nucleus
	pink     = colour{212, 168, 226} // what is left of a broken one
	redBar   = colour{230, 30, 40}
	eosin    = colour{215, 150, 140} // a red cell under much eosin
	blackBar = colour{10, 10, 10}
)

// drawing is a picture to draw on.
type drawing struct {
	width, height int
	rgb           []uint8
}

func newDrawing(width, height int) *drawing {
	d := &drawing{width, height, make([]uint8, 3*width*height)}
	d.rectangle(0, 0, width, height, glass)
	return d
}

func (d *drawing) set(x, y int, c colour) {
	if x >= 0 && y >= 0 && x < d.width && y < d.height {
		copy(d.rgb[3*(y*d.width+x):], c[:])
	}
}

func (d *drawing) rectangle(x0, y0, x1, y1 int, c colour) {
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			d.set(x, y, c)
		}
	}
}

func (d *drawing) disc(cx, cy, radius float64, c colour) {
	for y := int(cy - radius); y <= int(cy+radius)+1; y++ {
		for x := int(cx - radius); x <= int(cx+radius)+1; x++ {
			if dx, dy := float64(x)-cx, float64(y)-cy; float64(dx*dx)+float64(dy*dy) <= float64(radius*radius) {
				d.set(x, y, c)
			}
		}
	}
}

// smear draws red cells all over.
func smear() *drawing { return smearOf(red) }

// smearOf is smear with red cells of a colour.
func smearOf(red colour) *drawing {
	d := newDrawing(224, 224)
	for y := range 8 {
		for x := range 8 {
			d.disc(float64(14+28*x+y%2*6), float64(14+28*y), 8, red)
		}
	}
	return d
}

func (d *drawing) find() *Cells { return Find(d.rgb, d.width, d.height, RedCells{}) }

// check fails unless the cells found are those whose centres are given, in any order,
// and all that Cells tells fits together.
func check(t *testing.T, c *Cells, centres ...[2]float64) {
	t.Helper()
	consistent(t, c)
	if len(c.List) != len(centres) {
		t.Fatalf("%d cells, want %d: %+v", len(c.List), len(centres), c.List)
	}
	for _, want := range centres {
		if !slices.ContainsFunc(c.List, func(cell Cell) bool { return math.Hypot(cell.X-want[0], cell.Y-want[1]) <= 2 }) {
			t.Errorf("no cell at %v: %+v", want, c.List)
		}
	}
}

func consistent(t *testing.T, c *Cells) {
	t.Helper()
	n := c.Width * c.Height
	if len(c.Labels) != n || len(c.Nucleus) != n {
		t.Fatalf("%d labels, %d pixels of the mask for %d x %d", len(c.Labels), len(c.Nucleus), c.Width, c.Height)
	}
	areas, nuclei := make([]int, len(c.List)), make([]int, len(c.List))
	for i, label := range c.Labels {
		if int(label) > len(c.List) || (label == 0 && c.Nucleus[i]) {
			t.Fatalf("pixel %d has label %d of %d, nucleus %v", i, label, len(c.List), c.Nucleus[i])
		}
		if label == 0 {
			continue
		}
		box := c.List[label-1].Box
		if x, y := i%c.Width, i/c.Width; x < box.Left || y < box.Top || x >= box.Right || y >= box.Bottom {
			t.Fatalf("(%d,%d) of cell %d lies outside %+v", x, y, label, box)
		}
		areas[label-1]++
		if c.Nucleus[i] {
			nuclei[label-1]++
		}
	}
	for i, cell := range c.List {
		if cell.Area != areas[i] || cell.NucleusArea != nuclei[i] || nuclei[i] < leastArea {
			t.Errorf("cell %d: %+v, counted %d and %d", i+1, cell, areas[i], nuclei[i])
		}
	}
}

func TestANucleusIsFoundWithItsRim(t *testing.T) {
	d := smear()
	d.disc(112, 100, 12, violet)
	c := d.find()
	check(t, c, [2]float64{112, 100})
	cell := c.List[0]
	if cell.AtRim || math.Abs(float64(cell.NucleusArea)-math.Pi*144) > 80 {
		t.Errorf("%+v, want an area near %.0f", cell, math.Pi*144)
	}
	for y := range 224 {
		for x := range 224 {
			from := math.Hypot(float64(x-112), float64(y-100))
			if labelled := c.Labels[y*224+x] == 1; (from < 15 && !labelled) || (from > 20 && labelled) {
				t.Fatalf("(%d,%d), %.1f pixels from the centre of a nucleus of radius 12: labelled %v", x, y, from, labelled)
			}
		}
	}
}

func TestTwoBlastsThatTouchAreTwo(t *testing.T) {
	for _, apart := range []float64{17, 19, 21, 25} {
		d := smear()
		d.disc(100, 100, 10.5, violet)
		d.disc(100+apart, 104, 10.5, violet)
		check(t, d.find(), [2]float64{100, 100}, [2]float64{100 + apart, 104})
	}
}

func TestFiveBlastsInARingAreFive(t *testing.T) {
	d := smear()
	var centres [][2]float64
	for k := range 5 {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / 5)
		centres = append(centres, [2]float64{110 + 17*cos, 110 + 17*sin})
		d.disc(110+17*cos, 110+17*sin, 10, violet)
	}
	check(t, d.find(), centres...)
}

// Where two rims meet, the nearer nucleus has the pixel.
func TestRimsDoNotGrowIntoEachOther(t *testing.T) {
	d := smear()
	d.disc(90, 110, 11, violet)
	d.disc(119, 110, 11, violet)
	c := d.find()
	check(t, c, [2]float64{90, 110}, [2]float64{119, 110})
	left := c.Labels[110*224+90]
	for y := range 224 {
		for x := range 224 {
			if l := c.Labels[y*224+x]; l != 0 && (l == left) != (float64(x) <= 104.5) {
				t.Fatalf("(%d,%d) has label %d", x, y, l)
			}
		}
	}
}

func TestTheLobesOfANeutrophilAreOneNucleus(t *testing.T) {
	for name, lobes := range map[string][][3]float64{
		"joined by threads": {{100, 100, 5}, {109, 104, 5}, {104, 112, 5}},
		"apart":             {{100, 100, 5}, {111, 103, 5}, {104, 112, 4.5}},
		"two":               {{100, 100, 5.5}, {110, 104, 5.5}},
		"in a row":          {{100, 100, 4.5}, {108, 103, 4.5}, {115, 108, 4.5}, {121, 114, 4.5}},
	} {
		d := smear()
		for _, l := range lobes {
			d.disc(l[0], l[1], l[2], violet)
		}
		if c := d.find(); len(c.List) != 1 {
			t.Errorf("%s: %d cells, want 1: %+v", name, len(c.List), c.List)
		}
	}
}

func TestRedCellsAloneAreNoNuclei(t *testing.T) {
	check(t, smear().find())
	d := smear()
	for k := range 30 {
		d.disc(float64(20+k*6), float64(30+k%5*35), 8.5, eosin)
	}
	check(t, d.find())
}

func TestEmptyGroundHasNoNuclei(t *testing.T) {
	check(t, newDrawing(224, 224).find())
	d := newDrawing(224, 224)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range d.rgb {
		d.rgb[i] = uint8(int(d.rgb[i]) + random.IntN(13) - 6)
	}
	check(t, d.find())
}

func TestAScaleBarIsNoNucleus(t *testing.T) {
	for _, bar := range []colour{redBar, blackBar} {
		d := smear()
		d.disc(112, 100, 12, violet)
		d.rectangle(190, 200, 218, 209, bar)
		check(t, d.find(), [2]float64{112, 100})
		d = smear()
		d.rectangle(190, 200, 218, 209, bar)
		check(t, d.find())
	}
}

func TestSpecksAndPlateletsAreNoNuclei(t *testing.T) {
	d := smear()
	d.disc(112, 100, 12, violet)
	for k := range 12 {
		d.disc(float64(10+18*k), 28, 2+float64(k%3), violet)
	}
	check(t, d.find(), [2]float64{112, 100})
}

func TestABrokenNucleusIsASmudgeAndNoCell(t *testing.T) {
	d := smear()
	d.disc(60, 60, 11, violet)
	d.disc(150, 150, 11, violet)
	d.disc(180, 60, 11, violet)
	for k := range 5 { // ragged
		d.disc(60+7*float64(k), 160+float64(k*k%3)*4, 7, pink)
	}
	c := d.find()
	check(t, c, [2]float64{60, 60}, [2]float64{150, 150}, [2]float64{180, 60})
	if len(c.Smudges) != 1 || c.Smudges[0].Area < 300 || c.Smudges[0].Box.Left > 60 || c.Smudges[0].Box.Right < 88 {
		t.Errorf("smudges %+v, want one about (74,162)", c.Smudges)
	}
}

// What is pale beside dark nuclei is a nucleus where all are pale.
func TestPaleNucleiAreFoundWhereAllArePale(t *testing.T) {
	d := smear()
	d.disc(60, 60, 11, pink)
	d.disc(150, 150, 11, pink)
	check(t, d.find(), [2]float64{60, 60}, [2]float64{150, 150})
}

func TestACellThatThePictureCutsIsMarked(t *testing.T) {
	d := smear()
	d.disc(112, 100, 12, violet)
	d.disc(223, 60, 12, violet)
	c := d.find()
	if len(c.List) != 2 || !c.List[0].AtRim || c.List[1].AtRim {
		t.Errorf("%+v, want the first at the rim and the second not", c.List)
	}
}

// The light falls to two thirds from corner to corner, and is yellow.
func TestUnevenLightAndAColourCastChangeNothing(t *testing.T) {
	d := smear()
	centres := [][2]float64{{50, 40}, {112, 100}, {180, 170}, {60, 180}}
	for _, at := range centres {
		d.disc(at[0], at[1], 11, violet)
	}
	check(t, d.find(), centres...)
	for y := range 224 {
		for x := range 224 {
			light := 1 - float64(x+y)/448/3
			for c, cast := range [3]float64{1, 0.93, 0.8} {
				v := &d.rgb[3*(y*224+x)+c]
				*v = uint8(float64(*v) * light * cast)
			}
		}
	}
	check(t, d.find(), centres...)
}

func TestAllButTheCellsIsOneLevel(t *testing.T) {
	d := smear()
	d.disc(112, 100, 12, violet)
	before := slices.Clone(d.rgb)
	c := d.find()
	got := Blanked(d.rgb, c, 235)
	if !slices.Equal(before, d.rgb) {
		t.Error("the picture itself was changed")
	}
	for i, label := range c.Labels {
		want := colour{235, 235, 235}
		if label != 0 {
			want = colour(d.rgb[3*i : 3*i+3])
		}
		if colour(got[3*i:3*i+3]) != want {
			t.Fatalf("pixel %d is %v, want %v", i, got[3*i:3*i+3], want)
		}
	}
}

func TestPicturesOfAnySizeAreRead(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, size := range [][2]int{{0, 0}, {1, 1}, {3, 500}, {500, 3}, {1, 300}, {2, 2}, {7, 9}, {61, 57}, {300, 117}} {
		for _, fill := range []func() uint8{
			func() uint8 { return uint8(random.IntN(256)) },
			func() uint8 { return 255 },
			func() uint8 { return 0 },
		} {
			d := newDrawing(size[0], size[1])
			for i := range d.rgb {
				d.rgb[i] = fill()
			}
			consistent(t, d.find())
		}
		d := newDrawing(size[0], size[1]) // nothing but one nucleus
		d.rectangle(0, 0, size[0], size[1], violet)
		consistent(t, d.find())
	}
}

func TestDistancesAreThoseOfTheNearestPixel(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		w, h := 1+random.IntN(14), 1+random.IntN(14)
		mask := make([]bool, w*h)
		for i := range mask {
			mask[i] = random.IntN(12) == 0
		}
		most := far - 1
		if random.IntN(2) == 0 {
			most = int32(random.IntN(40))
		}
		square, nearest := distances(mask, w, h, most)
		for i := range mask {
			best, through := far, int32(-1)
			for x := range w { // column by column: the order in which equally near ones are named
				for y := range h {
					k := y*w + x
					dx, dy := int32(i%w-x), int32(i/w-y)
					if d := dx*dx + dy*dy; mask[k] && d <= most && d < best {
						best, through = d, int32(k)
					}
				}
			}
			if square[i] != best || nearest[i] != through {
				t.Fatalf("%d x %d, to %d, pixel %d: %d through %d, want %d through %d; mask %v", w, h, most, i, square[i], nearest[i], best, through, mask)
			}
		}
	}
}

// The hash was written down natively, and holds in js/wasm too.
func TestTheSameCellsAreFoundOnEveryPlatform(t *testing.T) {
	h := fnv.New64a()
	n := 0
	for _, example := range synthetic.Examples() {
		p, err := synthetic.Draw(example.Name)
		if err != nil {
			t.Fatal(err)
		}
		c := Find(p.Pix, p.Width, p.Height, RedCells{})
		consistent(t, c)
		n += len(c.List)
		binary.Write(h, binary.LittleEndian, c.Labels)
		binary.Write(h, binary.LittleEndian, c.Nucleus)
		for _, cell := range c.List {
			binary.Write(h, binary.LittleEndian, []float64{cell.X, cell.Y, cell.Stain})
		}
	}
	if want := uint64(0x5c72ca20e8f0299a); h.Sum64() != want {
		t.Errorf("%d cells with hash %#x, want %#x", n, h.Sum64(), want)
	}
}

func BenchmarkFind(b *testing.B) {
	d := smear()
	for k := range 12 {
		d.disc(float64(30+k%4*50), float64(30+k/4*60), 11, violet)
	}
	for b.Loop() {
		d.find()
	}
}

// Where azure prevails, nuclei are blue: they absorb more red than green.
func TestBlueNucleiAreFound(t *testing.T) {
	d := smear()
	d.disc(112, 100, 12, colour{45, 120, 190})
	check(t, d.find(), [2]float64{112, 100})
}

// Under a lamp or a camera that loses blue, red cells look like nuclei; those that lie free tell.
func TestRedCellsOfANucleusHueAreNoNuclei(t *testing.T) {
	d := smearOf(colour{150, 140, 226}) // which takes next to no blue
	d.disc(112, 100, 13, violet)
	if n := len(d.find().List); n < 20 {
		t.Fatalf("without their colour %d cells; red cells were to be taken for nuclei, or this shows nothing", n)
	}
	r, err := standard.Standardise(&picture.Picture{Width: d.width, Height: d.height, Pix: d.rgb}, standard.Options{})
	if err != nil {
		t.Fatal(err)
	}
	check(t, Find(d.rgb, d.width, d.height, r.RedCells), [2]float64{112, 100})
}

// Where nothing lies free but nuclei, they may be taken for red cells: no reason to lose them.
func TestNucleiTakenForRedCellsAreStillFound(t *testing.T) {
	d := newDrawing(224, 224)
	var centres [][2]float64
	for k := range 9 {
		x, y := float64(40+k%3*70), float64(40+k/3*70)
		d.disc(x, y, 11, violet)
		centres = append(centres, [2]float64{x, y})
	}
	even := standard.Even(d.rgb, d.width, d.height)
	at := 40*d.width + 40
	own := RedCells{float64(even.Channels[0][at]), float64(even.Channels[1][at]), float64(even.Channels[2][at])}
	check(t, Find(d.rgb, d.width, d.height, own), centres...)
}
