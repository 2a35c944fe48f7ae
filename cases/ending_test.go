package cases_test

import (
	"os"
	"regexp"
	"testing"

	"allnet/cases"
)

// Page and command line must take the same files of a folder: tried with every ending of up to four letters.
func TestThePageTellsPicturesByTheSameEndings(t *testing.T) {
	script, err := os.ReadFile("../web/folders.js")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^const pictureEnding = /(.*)/i;$`).FindSubmatch(script)
	if found == nil {
		t.Fatal("web/folders.js has no pictureEnding")
	}
	ofThePage := regexp.MustCompile("(?i)" + string(found[1]))
	pictures := 0
	try := func(name string) {
		page, here := ofThePage.MatchString(name), cases.MayBePicture(name)
		if page != here {
			t.Errorf("%q is a picture for the page: %v, here: %v", name, page, here)
		}
		if here {
			pictures++
		}
	}
	var every func(name string, letters int)
	every = func(name string, letters int) {
		try(name)
		for c := byte('a'); letters > 0 && c <= 'z'; c++ {
			every(name+string(c), letters-1)
		}
	}
	every("x.", 4)
	if pictures != 14 {
		t.Errorf("%d endings are of pictures, expected 14", pictures)
	}
	for _, name := range []string{"", "jpg", ".jpg", "x.JPG", "x.TiFf", "x.jpg.txt", "x.txt.jpg", "x.jpg ", "x.jpgs1", "folder.png/x", "ı.jpg"} {
		try(name)
	}
}
