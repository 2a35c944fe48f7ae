package cases

import (
	"encoding/base64"
	"math/rand/v2"
	"reflect"
	"testing"

	"allnet/lime"
)

func TestARegionMapComesBackWithoutLoss(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		seg := &lime.Segmentation{Width: 1 + random.IntN(20), Height: 1 + random.IntN(20)}
		label, none := uint16(0), random.IntN(2) == 0
		for range seg.Width * seg.Height {
			switch {
			case random.IntN(3) == 0:
				label = uint16(random.IntN(seg.Count + 1))
			case none && random.IntN(3) == 0:
				label = lime.NoRegion
			}
			if label != lime.NoRegion {
				seg.Count = max(seg.Count, int(label)+1)
			}
			seg.Labels = append(seg.Labels, label)
		}
		if seg.Validate() != nil { // no region at all
			continue
		}
		back, err := NewRegionMap(seg).Segmentation()
		if err != nil || !reflect.DeepEqual(back, seg) {
			t.Fatalf("%+v came back as %+v, %v", seg, back, err)
		}
	}
}

func TestARegionMapThatIsNoneIsRefused(t *testing.T) {
	pack := func(bytes ...byte) string { return base64.StdEncoding.EncodeToString(bytes) }
	for what, m := range map[string]RegionMap{
		"no base64":               {2, 2, 1, "*"},
		"too few pixels":          {2, 2, 1, pack(1, 3)},
		"too many pixels":         {2, 2, 1, pack(1, 5)},
		"a region too many":       {2, 2, 1, pack(2, 4)},
		"a region that wraps":     {2, 2, 1, pack(0x81, 0x80, 0x04, 4)},
		"a region too few":        {2, 2, 2, pack(1, 4)},
		"a run of nothing":        {2, 2, 1, pack(1, 0, 1, 4)},
		"half a number":           {2, 2, 1, pack(1, 0x84)},
		"a label without a run":   {2, 2, 1, pack(1, 4, 1)},
		"a number that overflows": {2, 2, 1, pack(1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1)},
		"a size that overflows":   {1 << 62, 4, 1, pack(1, 4)},
		"no size":                 {0, 0, 1, ""},
		"no regions":              {2, 2, 0, pack(0, 4)},
	} {
		if seg, err := m.Segmentation(); err == nil {
			t.Errorf("%s: %+v", what, seg)
		}
	}
}
