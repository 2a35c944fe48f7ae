package lime

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What testdata holds must be what the shared fixtures hold.
func TestTestdataIsACopyOfTheFixtures(t *testing.T) {
	if _, err := os.Stat(sharedFixtures()); err != nil {
		t.Skip("left out: there is no shared folder (ALLNET_SHARED) to compare testdata with")
	}
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		switch f.Name() {
		case "README.md", "fuzz", "ties.py":
			continue
		case "tiles64.rgb.u8":
			want, _, _ := fixturePNG(t, "tiles64.png")
			if !bytes.Equal(fixture(t, f.Name()), want) {
				t.Error("tiles64.rgb.u8 is not the picture tiles64.png")
			}
			continue
		}
		if strings.HasPrefix(f.Name(), "ties48.") { // ties.py made it
			continue
		}
		want, err := os.ReadFile(filepath.Join(sharedFixtures(), f.Name()))
		if err != nil || !bytes.Equal(fixture(t, f.Name()), want) {
			t.Errorf("%s differs from its original: %v", f.Name(), err)
		}
	}
}
