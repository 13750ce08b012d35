// Command prove checks the files of a generated repository that other programs
// than its own run: Dockerfile, compose.yaml, the workflow and the update bot's
// settings. It reads them as BuildKit, Compose and GitHub would, and adds what
// those leave out. It needs no engine and no network.
//
//	go run . DIR...
//	go run . -menu    flags for one repository of each framework and manager
//
// It prints one line for each finding and exits 1 if there is any. Whether an
// image builds, starts and stops is for image.sh to show.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// A finding is one thing that is wrong, and where.
type finding struct {
	file  string // slash-separated, from the root of the repository
	line  int    // 0: the whole file
	check string // a name to search for
	text  string
}

func (f finding) String() string {
	if f.line > 0 {
		return fmt.Sprintf("%s:%d: %s (%s)", f.file, f.line, f.text, f.check)
	}
	return fmt.Sprintf("%s: %s (%s)", f.file, f.text, f.check)
}

func main() {
	if slices.Equal(os.Args[1:], []string{"-menu"}) {
		if err := menu(os.Stdout); err != nil {
			fmt.Fprintf(os.Stderr, "prove: %v\n", err)
			os.Exit(2)
		}
		return
	}
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: prove DIR... | -menu")
		os.Exit(2)
	}
	exit := 0
	for _, dir := range os.Args[1:] {
		found, checked, err := prove(dir)
		if err != nil {
			fmt.Fprintf(os.Stderr, "prove: %v\n", err)
			os.Exit(2)
		}
		for _, f := range found {
			fmt.Println(filepath.Join(dir, f.String()))
			exit = 1
		}
		if checked == 0 {
			fmt.Fprintf(os.Stderr, "prove: %s has no file to check\n", dir)
			exit = 1
		}
	}
	os.Exit(exit)
}

// prove checks one repository. checked is the number of files it had an
// opinion on, so that nobody takes an empty folder for a clean one.
func prove(dir string) (found []finding, checked int, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, 0, err
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch d.Name() {
		case ".git", "node_modules", ".venv":
			if d.IsDir() {
				return fs.SkipDir
			}
		}
		if d.IsDir() {
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		check := checker(filepath.ToSlash(rel))
		if check == nil {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		checked++
		found = append(found, check(dir, filepath.ToSlash(rel), data)...)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, err
	}
	slices.SortStableFunc(found, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.check, b.check))
	})
	return slices.Compact(found), checked, err
}

// checker is the check for a file of that path, or nil.
func checker(path string) func(dir, path string, data []byte) []finding {
	switch base := filepath.Base(path); {
	case base == "Dockerfile":
		return dockerfile
	case path == "compose.yaml":
		return composeFile
	case filepath.ToSlash(filepath.Dir(path)) == ".github/workflows":
		return workflow
	case path == ".github/dependabot.yml":
		return dependabot
	}
	return nil
}
