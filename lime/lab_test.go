package lime

import (
	"fmt"
	"testing"
)

func TestLabOfSpotColours(t *testing.T) {
	for _, s := range fixtureJSON[[]struct {
		RGB [3]uint8   `json:"rgb"`
		Lab [3]float64 `json:"lab"`
	}](t, "lab.json") {
		l, a, b := rgbToLab(s.RGB[0], s.RGB[1], s.RGB[2])
		for i, v := range [3]float64{l, a, b} {
			closeTo(t, fmt.Sprint(s.RGB, " ", "Lab"[i:i+1]), v, s.Lab[i], 1e-12)
		}
	}
}
