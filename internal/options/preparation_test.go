package options

import (
	"flag"
	"image"
	"io"
	"strings"
	"testing"
)

func preparationOf(t *testing.T, args ...string) *Preparation {
	t.Helper()
	set := flag.NewFlagSet("x", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	p := PreparationFlags(set)
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWhatAReaderKnowsBetterIsRead(t *testing.T) {
	c, err := preparationOf(t, "-diameter", "82.5", "-crop", "10,20,300,400", "-ground", "240,235,250", "-keep", "stain").Choices(nil)
	if err != nil {
		t.Fatal(err)
	}
	o := c.Options()
	if o.Diameter != 82.5 || o.Crop != image.Rect(10, 20, 310, 420) || *o.Ground != [3]uint8{240, 235, 250} || !o.KeepStain || o.KeepSize || o.KeepLight {
		t.Errorf("%+v", o)
	}
	if c, err := preparationOf(t).Choices(nil); err != nil || c.Ground != nil || c.Crop != nil || c.Diameter != 0 {
		t.Errorf("without options: %+v, %v", c, err)
	}
}

func TestWhatContradictsItselfOrCannotBeIsRefused(t *testing.T) {
	for args, want := range map[string]string{
		"-diameter -3":              "width of a red cell",
		"-crop 1,2,3":               "X,Y,WIDTH,HEIGHT",
		"-crop 1,2,0,4":             "X,Y,WIDTH,HEIGHT",
		"-crop 1,2,3,4,5":           "X,Y,WIDTH,HEIGHT",
		"-ground 1,2":               "RED,GREEN,BLUE",
		"-ground 1,2,256":           "0 to 255",
		"-keep colour":              "size, light or stain",
		"-keep size -diameter 80":   "one of both",
		"-keep light -ground 1,2,3": "one of both",
	} {
		if _, err := preparationOf(t, strings.Fields(args)...).Choices(nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", args, err, want)
		}
	}
}
