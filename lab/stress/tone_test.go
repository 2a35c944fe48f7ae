package stress

import (
	"fmt"
	"math"
	"testing"
)

func TestAStainShiftMultipliesAndAddsOpticalDensity(t *testing.T) {
	for _, c := range []struct {
		gain, offset float64
		level, want  int
	}{
		// Level 127 lets half of the light through, 63 a quarter, 255 all of it.
		{1, 0, 0, 0}, {1, 0, 127, 127}, {1, 0, 200, 200}, {1, 0, 255, 255},
		{2, 0, 127, 63}, {2, 0, 255, 255}, {0.5, 0, 63, 127},
		{1, math.Log(2), 127, 63}, {1, math.Log(2), 255, 127}, {1, -math.Log(2), 63, 127},
		{1, -math.Log(2), 200, 255}, {3, 1, 0, 0}, // clamped
	} {
		if got := shift(c.gain, c.offset)[c.level]; int(got) != c.want {
			t.Errorf("gain %g, offset %g: level %d becomes %d, want %d", c.gain, c.offset, c.level, got, c.want)
		}
	}
}

// The draws reach the whole range that a strength states, each channel on its own,
// and never go beyond.
func TestStainShiftStaysWithinItsStrength(t *testing.T) {
	const half = 127 // optical density ln 2
	rgb := plain(half, half, 255)
	for i, limit := range []struct{ gain, offset float64 }{{0.10, 0.04}, {0.20, 0.08}, {0.35, 0.15}} {
		change := Stain.Changes()[i]
		least, most, clear, unlike := 255, 0, 255, 0
		for k := range 600 {
			got, err := change.Apply(&Picture{File: fmt.Sprint(k), RGB: rgb})
			if err != nil {
				t.Fatal(err)
			}
			least, most, clear = min(least, int(got[0])), max(most, int(got[0])), min(clear, int(got[2]))
			if got[0] != got[1] {
				unlike++
			}
		}
		level := func(od float64) float64 { return 256*math.Exp(-od) - 1 }
		darkest := level(math.Log(2)*(1+limit.gain) + limit.offset)
		lightest := level(math.Log(2)*(1-limit.gain) - limit.offset)
		reached := (lightest - darkest) / 7
		if d := float64(least) - darkest; d < -0.5 || d > reached {
			t.Errorf("%s: darkest %d, the limit is %.1f", change.Name(), least, darkest)
		}
		if d := lightest - float64(most); d < -0.5 || d > reached {
			t.Errorf("%s: lightest %d, the limit is %.1f", change.Name(), most, lightest)
		}
		// The gain does nothing where all light passes.
		if d := float64(clear) - level(limit.offset); d < -0.5 || d > reached {
			t.Errorf("%s: glass becomes %d at the darkest, the limit is %.1f", change.Name(), clear, level(limit.offset))
		}
		if unlike < 550 {
			t.Errorf("%s: in %d of 600 draws only the channels had their own gain", change.Name(), unlike)
		}
	}
}

func TestTonesChangeLevelsAsTheirNamesSay(t *testing.T) {
	for _, c := range []struct {
		name        string
		level, want uint8
	}{
		{"brightness/darker/moderate", 200, 170}, // 200 × 0.85
		{"brightness/brighter/moderate", 100, 115},
		{"brightness/brighter/strong", 240, 255}, // clamped
		{"contrast/less/moderate", 0, 26},        // 127.5 × 0.2 = 25.5
		{"contrast/more/moderate", 10, 0},        // clamped
		{"contrast/more/strong", 200, 229},       // 127.5 + 72.5 × 1.4
		{"gamma/darker/strong", 128, 64},         // 128²/255 = 64.25
		{"gamma/lighter/strong", 64, 128},        // √(64 × 255) = 127.7
		{"gamma/lighter/moderate", 255, 255},
	} {
		found := false
		for _, change := range Changes() {
			if change.Name() != c.name {
				continue
			}
			found = true
			got, err := change.Apply(&Picture{RGB: plain(c.level, c.level, c.level)})
			if err != nil || got[0] != c.want || got[len(got)-1] != c.want {
				t.Errorf("%s: level %d becomes %d, want %d (%v)", c.name, c.level, got[0], c.want, err)
			}
		}
		if !found {
			t.Errorf("there is no change %s", c.name)
		}
	}
}
