package evaluation

// PresetFile is what `allnet presets -json` writes: how well each way of hiding
// regions and each target explains a network's answers.
type PresetFile struct {
	Origin
	// N counts the pictures; of each the predicted class is explained, Seeds times with
	// Samples samples and once with Many.
	N       int      `json:"n"`
	Seeds   int      `json:"seeds"`
	Samples int      `json:"samples"`
	Many    int      `json:"many"`
	Presets []Preset `json:"presets"`
}

// Preset is one way of explaining; all but Readable are medians over the pictures.
type Preset struct {
	Hide   string `json:"hide"`
	Target string `json:"target"`
	// R2 and R2Many are the weighted R² of the regression with Samples and with Many
	// samples.
	R2     float64 `json:"r2"`
	R2Many float64 `json:"r2Many"`
	// Jaccard is the mean Jaccard index of the five regions that speak most for the
	// class, over all pairs of seeds.
	Jaccard float64 `json:"jaccard"`
	// Probability is the class's mean probability over the samples.
	Probability float64 `json:"probability"`
	// Readable counts the pictures whose explanation is not marked as one that must not
	// be read.
	Readable int `json:"readable"`
}
