package card

import (
	"fmt"

	"allnet/lime"
)

// presetTable says how well each way of hiding regions and each target explains the
// answers of each network.
func (d *document) presetTable() *table {
	t := &table{
		caption: "Ways of explaining",
		head:    []string{"network", "hiding colour, target", "R² at few samples", "R² at many", "Jaccard of the top five between seeds", "mean probability of the samples", "can be read"},
	}
	for _, n := range d.networks {
		f := d.Presets[n.Name()]
		if f == nil {
			t.add(n.Name(), notMeasured, "", "", "", "", "")
			continue
		}
		t.head[2], t.head[3] = fmt.Sprintf("R² at %s samples", grouped(int64(f.Samples))), fmt.Sprintf("R² at %s", grouped(int64(f.Many)))
		t.head[4] = fmt.Sprintf("Jaccard of the top five between %d seeds", f.Seeds)
		for _, p := range f.Presets {
			name := p.Hide + ", " + p.Target
			for _, known := range lime.Presets() {
				if p.Hide == known.Settings.Hide.String() && p.Target == known.Settings.Target.String() {
					name += fmt.Sprintf(" (%q)", known.Name)
				}
			}
			t.add(n.Name(), name, fmt.Sprintf("%.2f", p.R2), fmt.Sprintf("%.2f", p.R2Many), fmt.Sprintf("%.2f", p.Jaccard),
				fmt.Sprintf("%.3f", p.Probability), fmt.Sprintf("%d of %d", p.Readable, f.N))
		}
	}
	return t
}
