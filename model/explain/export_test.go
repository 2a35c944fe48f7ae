package explain

import (
	"allnet/lime"
	"allnet/model"
)

// NewRegions returns a session whose superpixels are given, as if quickshift had found
// them with these options.
func NewRegions(m *model.Model, in *model.Input, seg *lime.Segmentation, options lime.QuickshiftOptions) *Session {
	s := NewSession(m, in)
	s.regions, s.options, s.seg, s.tables = lime.RegionsQuickshift, options, seg, make(map[lime.Hide]*prepared)
	return s
}
