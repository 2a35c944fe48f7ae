package lime

import (
	"fmt"
	"slices"
	"testing"
)

func TestThickBoundaries(t *testing.T) {
	for _, e := range explained {
		for _, h := range []Hide{HideBlack, HideMean} {
			name := fmt.Sprintf("%s.%s.pos5_show", e.name, h)
			t.Run(name, func(t *testing.T) {
				mask := fixtureInt8(t, name+".mask.i8")
				rgb, w, hgt := fixturePicture(t, e.name)
				if !slices.Equal(FindBoundaries(mask, w, hgt), fixture(t, name+".boundary.u8")) {
					t.Error("boundaries differ")
				}
				want, _, _ := fixturePNG(t, name+".boundaries_thick_black.png")
				seg := &Segmentation{w, hgt, e.count, fixtureUint16(t, e.name+".labels.u16")}
				temp, _, err := ImageAndMask(rgb, seg, fixtureClass(t, e.name, h), maskKinds["pos5_show"])
				if err != nil {
					t.Fatal(err)
				}
				marked, err := MarkBoundaries(temp, w, hgt, mask, [3]uint8{})
				if err != nil {
					t.Fatal(err)
				}
				checkPixels(t, marked, want)
			})
		}
	}
}

func TestBoundariesBetweenSigns(t *testing.T) {
	labels := []int8{
		-1, -1, 1, 0,
		-1, -1, 1, 0,
		-1, -1, -1, -1,
		-1, -1, -1, -1,
	}
	want := []uint8{
		0, 1, 1, 1,
		0, 1, 1, 1,
		0, 0, 1, 1,
		0, 0, 0, 0,
	}
	if got := FindBoundaries(labels, 4, 4); !slices.Equal(got, want) {
		t.Error(got)
	}
	if got := FindBoundaries([]uint16{7}, 1, 1); got[0] != 0 {
		t.Error("the picture's own edge is a boundary")
	}
}

func TestMarkBoundariesRefusesWhatDoesNotFit(t *testing.T) {
	if _, err := MarkBoundaries(make([]uint8, 12), 2, 2, make([]int8, 3), [3]uint8{}); err == nil {
		t.Error("a short mask was taken")
	}
	if _, err := MarkBoundaries(make([]uint8, 11), 2, 2, make([]int8, 4), [3]uint8{}); err == nil {
		t.Error("a short picture was taken")
	}
}
