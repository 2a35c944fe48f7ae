package dataset

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"

	"allnet/model/picture"
)

func TestReadSaysInSentencesWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), nil)
	whole := regexp.MustCompile(`^[A-Z].*\.$`)
	for _, c := range []struct {
		name, want string
		cause      error
	}{
		{"missing.png", "The file could not be opened: there is no such file or folder. Expected the name of one that exists.", fs.ErrNotExist},
		{".", "The file could not be read: it is a folder. Expected a file.", nil},
		{"file/a.png", "The file could not be opened: a part of its path is not a folder. Expected a path of folders.", nil},
		{"file", "The file is empty. Expected a JPEG, PNG, GIF, BMP, TIFF or WebP picture.", nil},
	} {
		_, err := Read(filepath.Join(dir, c.name))
		if err == nil || err.Error() != c.want || !whole.MatchString(err.Error()) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
		if c.cause != nil && !errors.Is(err, c.cause) {
			t.Errorf("%s: the cause is lost", c.name)
		}
	}
}

// A file that is too large is refused by its size, before any of it is read.
func TestReadDoesNotReadWhatIsTooLarge(t *testing.T) {
	name := filepath.Join(t.TempDir(), "large.png")
	write(t, name, nil)
	if err := os.Truncate(name, 3*picture.MaxFileBytes); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Read(name)
	runtime.ReadMemStats(&after)
	var refused *picture.Error
	if !errors.As(err, &refused) || refused.Code != picture.FileTooLarge || refused.Bytes != 3*picture.MaxFileBytes {
		t.Errorf("got error %v, want one that says 300 megabytes", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > picture.MaxFileBytes/10 {
		t.Errorf("%d bytes were taken to refuse the file", used)
	}
}

// endless is a pipe that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestReadEndsBehindTheLimitOfAPipe(t *testing.T) {
	data, err := readLimited(endless{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var refused *picture.Error
	if _, err := picture.Decode(data); !errors.As(err, &refused) || refused.Code != picture.FileTooLarge {
		t.Errorf("got error %v, want that the file is too large", err)
	}
}
