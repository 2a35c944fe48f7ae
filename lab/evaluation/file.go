package evaluation

import "allnet/model"

// Origin tells where the figures of a result file come from.
type Origin struct {
	// Command is what was called, with DIR for the folder of pictures.
	Command string `json:"command"`
	// Name is the shipped network's name; empty for any other ONNX file.
	Name string `json:"name,omitempty"`
	// Model is the SHA-256 of the ONNX file, and CalibrationHash that of the
	// calibration's file, empty where there is none.
	Model           string `json:"model"`
	CalibrationHash string `json:"calibrationHash,omitempty"`
	// Split is the SHA-256 of the split file, and Sides are those of its sides that
	// were used; empty where all pictures were.
	Split string   `json:"split,omitempty"`
	Sides []string `json:"sides,omitempty"`
	// Go is the release of Go that ran it, and Platform the system and processor.
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// File is what `allnet eval -json` writes.
type File struct {
	Origin
	Summary
	// Pictures is left out of compact files.
	Pictures []model.Record `json:"pictures,omitempty"`
}
