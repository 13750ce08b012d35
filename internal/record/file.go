package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/pelletier/go-toml/v2"
)

// Load reads the record of the project at dir. An error says what is wrong
// with the file and what to do: not a project, damaged, or from a newer tool.
func Load(dir string) (*Record, error) {
	path := filepath.Join(dir, FileName)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, hint.Errorf("give the folder of a project that fingerpost made, or make one with fingerpost new", "no %s in %s", FileName, dir)
	}
	if err != nil {
		return nil, err
	}
	r, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Parse reads a record from its text.
func Parse(data []byte) (*Record, error) {
	var head struct {
		Format int `toml:"format"`
	}
	if err := toml.Unmarshal(data, &head); err != nil {
		return nil, hint.With(err, "restore the file from git")
	}
	if head.Format > Format {
		return nil, hint.Errorf("use a newer fingerpost", "record format %d is newer than this fingerpost reads (%d)", head.Format, Format)
	}
	var r Record
	if err := toml.Unmarshal(data, &r); err != nil {
		return nil, hint.With(err, "restore the file from git")
	}
	if r.Format < 1 || len(r.Services) == 0 {
		return nil, hint.Errorf("restore the file from git", "not a whole record: format or services are missing")
	}
	return &r, nil
}
