package picture

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestSentencesSayWhatWasWrong(t *testing.T) {
	for _, c := range []struct {
		err  Error
		want string
	}{
		{Error{Code: FileTooLarge, Bytes: 100_000_001}, "101 megabytes"},
		{Error{Code: TooManyPixels, Format: PNG, Width: 20000, Height: 20000}, "20000 x 20000 pixels"},
		{Error{Code: TooManyPixels, Format: PNG}, "too many pixels"},
		{Error{Code: NoPixels, Format: GIF}, "zero"},
		{Error{Code: Unsupported, Format: TIFF}, "CMYK"},
		{Error{Code: Unsupported, Format: WebP}, "WebP"},
		{Error{Code: Damaged, Format: JPEG}, "cut short"},
	} {
		isSentence(t, c.err.Error())
		if !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: %q does not say %q", c.err.Code, c.err.Error(), c.want)
		}
	}
}

func TestTheDecodersWordsAreKeptAsTheCause(t *testing.T) {
	if err := error(refusal(PNG, io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}
