// Package results holds what was measured, as the JSON files that training
// (lab/train) and the commands of allnet wrote, and the figures that `allnet
// report` drew from them. Each file names the command, the SHA-256 of the weights
// and that of the split.
package results

import "embed"

// FS holds this folder's files:
//
//	runs/<protocol>-<network>-s<seed>.json  a training and how it ended (lab/train/train.py, frozen.py)
//	eval/<model>-<side>.json                allnet eval -compact -json
//	calibration/<model>.json                allnet calibrate
//	stress/<model>.json                     allnet stress
//	presets/<model>.json                    allnet presets
//	abroad/<model>.json                     allnet abroad
//	compare.json                            allnet compare
//	cost.json                               allnet cost
//	cells.json                              allnet cells
//
//go:embed */*.json *.json *.svg
var FS embed.FS
