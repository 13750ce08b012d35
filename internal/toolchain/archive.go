package toolchain

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Bounds of an unpacked tool: far above a language's runtime, far below what
// would fill a disk.
const (
	maxFiles = 50_000
	maxBytes = 1 << 30
)

// untar unpacks the tarball of an npm package into dir, without the folder
// that every path in it begins with. Links and whatever would land outside dir
// are refused.
func untar(tarball, dir string) error {
	f, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	files, left := 0, int64(maxBytes)
	for r := tar.NewReader(gz); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		if h.Typeflag != tar.TypeReg {
			return fmt.Errorf("%s: neither a file nor a folder", h.Name)
		}
		_, rel, ok := strings.Cut(h.Name, "/")
		if !ok || !filepath.IsLocal(filepath.FromSlash(rel)) {
			return fmt.Errorf("%s: a path outside of the package", h.Name)
		}
		files++
		left -= h.Size
		if files > maxFiles || left < 0 {
			return errors.New("the package is larger than any tool should be")
		}
		mode := fs.FileMode(0o644)
		if h.Mode&0o111 != 0 {
			mode = 0o755
		}
		if err := writeFrom(filepath.Join(dir, filepath.FromSlash(rel)), r, mode); err != nil {
			return err
		}
	}
	if files == 0 {
		return errors.New("the package is empty")
	}
	return nil
}

func writeFrom(path string, r io.Reader, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, r); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
