package cases

import "regexp"

// PictureEnding is that of a file in a folder that may be a picture. The page has the same, so that both
// make the same case of a folder.
var PictureEnding = regexp.MustCompile(`(?i)\.(jpe?g|jfif|png|gif|bmp|dib|tiff?|webp|hei[cf]|avif|jxl)$`)

// MayBePicture tells whether a file in a folder may be a picture by its name.
func MayBePicture(name string) bool { return PictureEnding.MatchString(name) }
