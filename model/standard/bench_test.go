package standard

import "testing"

func BenchmarkMagnification(b *testing.B) {
	for _, size := range []struct {
		name string
		w, h int
		d    float64
	}{{"224x224", 224, 224, 16.5}, {"2592x1944", 2592, 1944, 90}} {
		p := smear(size.w, size.h, size.d, 1)
		b.Run(size.name, func(b *testing.B) {
			for b.Loop() {
				MagnificationOf(p)
			}
		})
	}
}
