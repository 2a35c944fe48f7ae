package lime

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// A few of the numbers that the Python package gave are in testdata; the whole set lies in the shared folder, where there is one.

// sharedFixtures returns the folder of the whole set.
func sharedFixtures() string {
	shared := os.Getenv("ALLNET_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "shared")
	}
	return filepath.Join(shared, "lime", "fixtures")
}

// fixture reads a file of testdata or of the shared set and skips the test where there is neither.
func fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if errors.Is(err, fs.ErrNotExist) {
		data, err = os.ReadFile(filepath.Join(sharedFixtures(), name))
		if errors.Is(err, fs.ErrNotExist) {
			t.Skipf("left out: fixture %s is not in testdata, and there is no shared folder (ALLNET_SHARED)", name)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func fixtureJSON[T any](t testing.TB, name string) (v T) {
	t.Helper()
	if err := json.Unmarshal(fixture(t, name), &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

func fixtureFloats(t testing.TB, name string) []float64 {
	t.Helper()
	data := fixture(t, name)
	v := make([]float64, len(data)/8)
	for i := range v {
		v[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
	}
	return v
}

func fixtureUint16(t testing.TB, name string) []uint16 {
	t.Helper()
	data := fixture(t, name)
	v := make([]uint16, len(data)/2)
	for i := range v {
		v[i] = binary.LittleEndian.Uint16(data[2*i:])
	}
	return v
}

func fixtureInt8(t testing.TB, name string) []int8 {
	t.Helper()
	data := fixture(t, name)
	v := make([]int8, len(data))
	for i := range v {
		v[i] = int8(data[i])
	}
	return v
}

// fixturePNG returns a PNG's [height][width][3] bytes.
func fixturePNG(t testing.TB, name string) (rgb []uint8, width, height int) {
	t.Helper()
	f, err := os.Open(filepath.Join(sharedFixtures(), name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("left out: picture %s is in the shared folder only, and there is none (ALLNET_SHARED)", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return toRGB(img), img.Bounds().Dx(), img.Bounds().Dy()
}

// toRGB returns the colours of an opaque picture.
func toRGB(img image.Image) (rgb []uint8) {
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, _ := img.At(x, y).RGBA()
			rgb = append(rgb, uint8(r>>8), uint8(g>>8), uint8(bl>>8))
		}
	}
	return rgb
}

// fixturePicture returns one of the pictures that the fixtures explain. tiles64 is in testdata, as bare bytes.
func fixturePicture(t testing.TB, name string) (rgb []uint8, width, height int) {
	t.Helper()
	if name == "tiles64" {
		return fixture(t, "tiles64.rgb.u8"), 64, 64
	}
	return fixturePNG(t, name+".png")
}

// explained are the pictures with a complete set of fixtures.
var explained = []struct {
	name  string
	count int
	quick QuickshiftOptions
}{
	{"tiles64", 25, QuickshiftOptions{KernelSize: 2, MaxDist: 6, Ratio: 0.5, Seed: 510}},
	{"smear224", 35, QuickshiftOptions{KernelSize: 4, MaxDist: 200, Ratio: 0.2, Seed: 510}},
	{"ihc224", 43, QuickshiftOptions{KernelSize: 4, MaxDist: 200, Ratio: 0.2, Seed: 510}},
}

func closeTo(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %v, want %v within %v", what, got, want, tolerance)
	}
}
