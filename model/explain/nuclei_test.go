package explain_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"allnet/lime"
	"allnet/model"
	"allnet/model/explain"
	"allnet/model/nuclei"
)

func TestAnExplanationSaysHowManyOfTheShownRegionsHoldANucleusAndWhatTheNucleiWeigh(t *testing.T) {
	in := drawn(t, "synthetic-2")
	settings := lime.DefaultPreset().Settings
	settings.Samples = 300
	result, err := explain.Explain(context.Background(), shipped(t), in, settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Nuclei) != len(model.Classes) {
		t.Fatalf("%d classes; want %d", len(result.Nuclei), len(model.Classes))
	}
	stained := nuclei.Stained(in.RGB)
	area, inside := make(map[uint16]float64), make(map[uint16]float64)
	for i, label := range result.Segmentation.Labels {
		area[label]++
		if stained[i] {
			inside[label]++
		}
	}
	for class, n := range result.Nuclei {
		c := &result.Explanation.Classes[class]
		regions, err := lime.Regions(result.Segmentation, c)
		if err != nil {
			t.Fatal(err)
		}
		want := explain.Nuclei{Class: model.Class(class)}
		for _, r := range explain.OnNuclei(in, result.Segmentation, regions) {
			s := uint16(r.Superpixel)
			if r.Stained != int(inside[s]) || r.Nucleus != (inside[s] >= nuclei.LeastArea || inside[s] >= area[s]/2) {
				t.Errorf("%s, region %d: %+v; %v of %v pixels are stained", n.Class, s, r, inside[s], area[s])
			}
			if r.Nucleus {
				want.Found++
			}
			if r.Weight > 0 && want.Shown < settings.Features {
				want.Shown++
				if r.Nucleus {
					want.Holding++
				}
			}
			if on := r.Weight * inside[s] / area[s]; on > 0 {
				want.For += on
			} else {
				want.Against += on
			}
		}
		if n.Shown != want.Shown || n.Holding != want.Holding || n.Found != want.Found || math.Abs(n.For-want.For)+math.Abs(n.Against-want.Against) > 1e-12 {
			t.Errorf("%s: %+v; want %+v", n.Class, n, want)
		}
		if n.Found == 0 || n.Shown != settings.Features {
			t.Errorf("%s: %+v; this drawing has nuclei, and regions that speak for every class", n.Class, n)
		}
	}
}

func TestThatNoShownRegionHoldsANucleusIsSaidInWords(t *testing.T) {
	for _, c := range []struct {
		nuclei explain.Nuclei
		want   string
	}{
		{explain.Nuclei{Shown: 5, Found: 9, For: 0.1, Against: -0.5}, "None of the 5 regions shown holds a stained nucleus (found by colour). Together, the nuclei weigh -0.4."},
		{explain.Nuclei{Shown: 5, Holding: 1, Found: 9, For: 0.5}, "1 of the 5 regions shown holds a stained nucleus"},
		{explain.Nuclei{Shown: 5, Holding: 3, Found: 9, For: 0.5}, "3 of the 5 regions shown hold a stained nucleus (found by colour). Together, the nuclei weigh +0.5."},
		{explain.Nuclei{Shown: 1, Found: 9}, "The one region shown does not hold a stained nucleus"},
		{explain.Nuclei{Shown: 1, Holding: 1, Found: 9}, "The one region shown holds a stained nucleus"},
		{explain.Nuclei{Found: 9, Against: -2}, "Together, the stained nuclei (found by colour) weigh -2."},
		{explain.Nuclei{Shown: 5}, "No stained nucleus was found in the picture"},
	} {
		if got := c.nuclei.Sentences(); !strings.HasPrefix(got, c.want) {
			t.Errorf("%+v: %q; want %q", c.nuclei, got, c.want)
		}
	}
}
