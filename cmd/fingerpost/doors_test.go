package main

import (
	"os/exec"
	"strings"
	"testing"
)

// The terminal and git have one door each, and nothing imports the command
// line but the program.
func TestDoors(t *testing.T) {
	const module = "github.com/fingerpost/fingerpost/"
	c := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}} {{join .TestImports \" \"}} {{join .XTestImports \" \"}}", "./...")
	c.Dir = "../.."
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	doors := map[string]string{ // what is imported, and the one package that may
		"github.com/AlecAivazis/survey/": module + "internal/ask",
		"github.com/go-git/":             module + "internal/gitrepo",
		module + "internal/cli":          module + "cmd/fingerpost",
	}
	seen := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		words := strings.Fields(line)
		for _, imported := range words[1:] {
			for what, door := range doors {
				if !strings.HasPrefix(imported, what) {
					continue
				}
				seen[what] = true
				if words[0] != door && !strings.HasPrefix(words[0], door+"/") {
					t.Errorf("%s imports %s, which is for %s alone", words[0], imported, door)
				}
			}
		}
	}
	if len(seen) != len(doors) {
		t.Errorf("only %v were found at all", seen)
	}
}
