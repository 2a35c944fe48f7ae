package picture

import "testing"

func TestEveryNoteHasASentence(t *testing.T) {
	for _, n := range []Note{Animated, SeveralPages, SixteenBit, CMYK, Rotated, Transparent, Grey, FromCanvas} {
		isSentence(t, n.Sentence())
	}
}
