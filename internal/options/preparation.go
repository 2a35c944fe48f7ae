package options

import (
	"errors"
	"flag"
	"fmt"
	"strings"

	"allnet/model"
)

// Preparation are the options that tell what the program would else find out of a picture
// itself; they act on networks that read cells.
type Preparation struct {
	diameter           *float64
	crop, ground, keep *string
}

// PreparationFlags adds the options -diameter, -crop, -ground and -keep.
func PreparationFlags(set *flag.FlagSet) *Preparation {
	return &Preparation{
		diameter: set.Float64("diameter", 0, "width of a red cell in `pixels` of the picture, for a network that reads cells; 0: it is measured"),
		crop:     set.String("crop", "", "`X,Y,WIDTH,HEIGHT` of the part of the picture to read, in pixels, for a network that reads cells"),
		ground:   set.String("ground", "", "`RED,GREEN,BLUE` of empty ground, 0 to 255, for a network that reads cells"),
		keep:     set.String("keep", "", "what is left as it is, of `size,light,stain`, joined by commas, for a network that reads cells"),
	}
}

// Choices are what was asked for, as a case keeps it; told are those of a profile, or nil, which hold where none of
// their kind was asked for.
func (p *Preparation) Choices(told *model.Choices) (*model.Choices, error) {
	if !(*p.diameter >= 0 && *p.diameter < 1e4) {
		return nil, fmt.Errorf("-diameter is %g; expected the width of a red cell in pixels, or 0", *p.diameter)
	}
	o := &model.Choices{Diameter: *p.diameter}
	if *p.crop != "" {
		var x, y, w, h int
		if n, err := fmt.Sscanf(*p.crop+"\n", "%d,%d,%d,%d\n", &x, &y, &w, &h); n != 4 || err != nil || w < 1 || h < 1 || x < 0 || y < 0 {
			return nil, fmt.Errorf("-crop is %q; expected X,Y,WIDTH,HEIGHT in pixels", *p.crop)
		}
		o.Crop = &model.Part{X: x, Y: y, Width: w, Height: h}
	}
	if *p.ground != "" {
		var c [3]int
		if n, err := fmt.Sscanf(*p.ground+"\n", "%d,%d,%d\n", &c[0], &c[1], &c[2]); n != 3 || err != nil {
			return nil, fmt.Errorf("-ground is %q; expected RED,GREEN,BLUE", *p.ground)
		}
		o.Ground = new([3]uint8)
		for i, level := range c {
			if level < 0 || level > 255 {
				return nil, fmt.Errorf("-ground is %q; expected levels from 0 to 255", *p.ground)
			}
			o.Ground[i] = uint8(level)
		}
	}
	if *p.keep != "" {
		for _, what := range strings.Split(*p.keep, ",") {
			switch what {
			case "size":
				o.KeepSize = true
			case "light":
				o.KeepLight = true
			case "stain":
				o.KeepStain = true
			default:
				return nil, fmt.Errorf("-keep has %q; expected size, light or stain", what)
			}
		}
	}
	if told != nil && *p.diameter == 0 && *p.ground == "" && *p.keep == "" {
		of := *told
		of.Crop = o.Crop
		return &of, nil
	}
	if o.KeepSize && o.Diameter > 0 {
		return nil, errors.New("-diameter says how to scale the picture and -keep size that it is not to be scaled; expected one of both")
	}
	if o.KeepLight && o.Ground != nil {
		return nil, errors.New("-ground says how to even the light and -keep light that it is to be left; expected one of both")
	}
	return o, nil
}
