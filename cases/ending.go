package cases

import (
	"path"
	"slices"
	"strings"
)

// pictureEndings are those of files in a folder that may be pictures. The page has the same
// (web/folders.js), so that both make the same case of a folder.
var pictureEndings = []string{
	".jpg", ".jpeg", ".jfif", ".png", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".webp", ".heic", ".heif", ".avif", ".jxl",
}

// MayBePicture tells whether a file in a folder may be a picture by its name.
func MayBePicture(name string) bool {
	return slices.Contains(pictureEndings, strings.ToLower(path.Ext(name)))
}
