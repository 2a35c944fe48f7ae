package picture

// Note is a short stable code for something that was changed or lost when a
// picture was read. A reader of the result should be told its Sentence.
type Note string

// The notes, in the order in which Picture.Notes holds them.
const (
	Animated     Note = "animated"      // GIF, PNG, WebP: the first frame was read
	SeveralPages Note = "several-pages" // TIFF: the first page was read
	SixteenBit   Note = "16-bit"        // the upper 8 bits of 16 were kept
	CMYK         Note = "cmyk"          // ink colours were converted
	Rotated      Note = "rotated"       // the orientation tag was applied
	Transparent  Note = "transparent"   // some pixels were laid over white
	Grey         Note = "grey"          // every pixel has R = G = B
	FromCanvas   Note = "canvas"        // canvas pixels, not a file
)

var noteSentences = map[Note]string{
	Animated:     "The file is an animation; only its first frame was read.",
	SeveralPages: "The file holds several pages or sizes; only the first one was read.",
	SixteenBit:   "The file has 16 bits per colour; they were reduced to 8.",
	CMYK:         "The file is in printing colours (CMYK); they were converted to RGB without a colour profile, so the stain may look different.",
	Rotated:      "The picture was turned as the camera's orientation mark in the file says.",
	Transparent:  "The transparent parts of the picture were laid over white.",
	Grey:         "The picture is grey; the colours of the stain are lost.",
	FromCanvas:   "The pixels came through the browser's canvas, not from a file; some browsers alter them slightly.",
}

// Sentence says the note in English.
func (n Note) Sentence() string {
	return noteSentences[n]
}
