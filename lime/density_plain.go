//go:build !(js && wasm && simd)

package lime

// addRows is addRowsGo; density_simd.go puts the SIMD twin in its place.
func (f *featureMap) addRows(upper, lower int, w *rowWork) { f.addRowsGo(upper, lower, w) }
