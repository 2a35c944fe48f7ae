//go:build !(js && wasm && simd)

package lime

// addRows is addRowsGo; density_simd.go puts the SIMD twin in its place.
func (f *featureMap) addRows(upper, lower int, terms []float64) { f.addRowsGo(upper, lower, terms) }
