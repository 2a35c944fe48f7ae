package lime

import (
	"slices"
	"testing"
)

func TestRegions(t *testing.T) {
	seg := &Segmentation{Width: 5, Height: 3, Count: 3, Labels: []uint16{
		0, 0, 0, 0, 0,
		0, 1, 1, 1, 0,
		0, 0, 2, 0, 0,
	}}
	c := &ClassExplanation{Coefficients: []float64{0.5, -1, 0}, Order: []int{1, 0, 2}}
	got, err := Regions(seg, c)
	if err != nil {
		t.Fatal(err)
	}
	want := []Region{
		{Superpixel: 1, Weight: -1, Area: 3, Share: 0.2, X: 2, Y: 1, MinX: 1, MinY: 1, MaxX: 3, MaxY: 1},
		// A ring: its centroid (2, 10/11) lies in region 1, and of its own pixels (2,0) is the nearest.
		{Superpixel: 0, Weight: 0.5, Area: 11, Share: 11.0 / 15, X: 2, Y: 0, MinX: 0, MinY: 0, MaxX: 4, MaxY: 2},
		{Superpixel: 2, Area: 1, Share: 1.0 / 15, X: 2, Y: 2, MinX: 2, MinY: 2, MaxX: 2, MaxY: 2},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestRegionsOfFixture(t *testing.T) {
	seg := &Segmentation{64, 64, 25, fixtureUint16(t, "tiles64.labels.u16")}
	c := fixtureClass(t, "tiles64", HideBlack)
	sizes := fixtureJSON[struct {
		Sizes []int `json:"superpixel_sizes"`
	}](t, "tiles64.black.json").Sizes
	regions, err := Regions(seg, c)
	if err != nil || len(regions) != 25 {
		t.Fatal(len(regions), err)
	}
	share := 0.0
	for i, r := range regions {
		share += r.Share
		if r.Superpixel != c.Order[i] || r.Area != sizes[r.Superpixel] || int(seg.Labels[r.Y*64+r.X]) != r.Superpixel {
			t.Errorf("%+v", r)
		}
	}
	closeTo(t, "sum of shares", share, 1, 1e-12)
}
