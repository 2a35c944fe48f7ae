package lime

// Region is a superpixel with its weight for a class.
type Region struct {
	Superpixel int     `json:"superpixel"`
	Weight     float64 `json:"weight"` // positive speaks for the class
	Area       int     `json:"area"`   // pixels
	Share      float64 `json:"share"`  // of the picture's area
	// The region's pixel nearest to its centroid: a place for its number that lies inside it, whatever its shape.
	X int `json:"x"`
	Y int `json:"y"`
	// Bounding box, both corners included.
	MinX int `json:"minX"`
	MinY int `json:"minY"`
	MaxX int `json:"maxX"`
	MaxY int `json:"maxY"`
}

// Regions returns the superpixels in the order of their absolute weight for the class.
func Regions(seg *Segmentation, c *ClassExplanation) ([]Region, error) {
	if err := seg.Validate(); err != nil {
		return nil, err
	}
	if err := checkFits(seg, c); err != nil {
		return nil, err
	}
	all := make([]Region, seg.Count)
	sums := make([][2]float64, seg.Count)
	for i, l := range seg.Labels {
		if _, ok := seg.region(l); !ok {
			continue
		}
		x, y, r := i%seg.Width, i/seg.Width, &all[l]
		if r.Area == 0 {
			r.MinX, r.MinY, r.MaxX = x, y, x
		}
		r.Area++
		r.MinX, r.MaxX, r.MaxY = min(r.MinX, x), max(r.MaxX, x), y
		sums[l][0] += float64(x)
		sums[l][1] += float64(y)
	}
	nearest := make([]float64, seg.Count) // squared distance to the centroid plus one; 0: none yet
	for i, l := range seg.Labels {
		if _, ok := seg.region(l); !ok {
			continue
		}
		x, y, r := i%seg.Width, i/seg.Width, &all[l]
		dx, dy := float64(x)-sums[l][0]/float64(r.Area), float64(y)-sums[l][1]/float64(r.Area)
		if d := 1 + float64(dx*dx) + float64(dy*dy); nearest[l] == 0 || d < nearest[l] {
			nearest[l], r.X, r.Y = d, x, y
		}
	}
	ordered := make([]Region, 0, len(c.Order))
	for _, s := range c.Order {
		r := all[s]
		r.Superpixel, r.Weight, r.Share = s, c.Coefficients[s], float64(r.Area)/float64(len(seg.Labels))
		ordered = append(ordered, r)
	}
	return ordered, nil
}
