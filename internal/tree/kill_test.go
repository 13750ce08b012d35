//go:build unix

package tree

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// killer kills its own process, as nothing can prevent, before the n-th
// operation that changes something, or in the middle of it.
type killer struct {
	disk
	n int
}

func (d *killer) step() {
	if d.n--; d.n < 0 {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until the signal is there
	}
}

func (d *killer) Mkdir(name string) error { d.step(); return d.disk.Mkdir(name) }
func (d *killer) Create(name string, data []byte, exec bool) error {
	if d.n == 0 {
		d.disk.Create(name, data[:len(data)/2], exec)
	}
	d.step()
	return d.disk.Create(name, data, exec)
}
func (d *killer) Link(old, name string) error   { d.step(); return d.disk.Link(old, name) }
func (d *killer) Rename(old, name string) error { d.step(); return d.disk.Rename(old, name) }
func (d *killer) Remove(name string) error      { d.step(); return d.disk.Remove(name) }
func (d *killer) RemoveAll(name string) error {
	if d.n == 0 { // in the middle of it: some of its entries are gone
		if names, _ := d.Names(name); len(names) > 0 {
			d.disk.RemoveAll(name + "/" + names[0])
		}
	}
	d.step()
	return d.disk.RemoveAll(name)
}

func TestMain(m *testing.M) {
	if arg := os.Getenv("FINGERPOST_TREE_CHILD"); arg != "" {
		name, rest, _ := strings.Cut(arg, " ")
		number, dir, _ := strings.Cut(rest, " ")
		n, err := strconv.Atoi(number)
		if err != nil {
			panic(err)
		}
		for _, s := range scenes() {
			if s.name == name {
				if err := s.write(sample(), dir, WriteOptions{open: func(dir string) (disk, error) {
					d, err := openDisk(dir)
					return &killer{d, n}, err
				}}); err != nil {
					fmt.Println(err)
					os.Exit(1)
				}
			}
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A real process, killed at every operation: after the next run has swept there
// is nothing or everything, and no stage. A second run then succeeds.
func TestKill(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			killed := 0
			for n := 0; ; n++ {
				dir := t.TempDir()
				s.setup(t, dir)
				before := list(t, dir)
				c := exec.Command(self)
				c.Env = append(os.Environ(), fmt.Sprintf("FINGERPOST_TREE_CHILD=%s %d %s", s.name, n, dir))
				out, err := c.CombinedOutput()
				if err == nil {
					break
				}
				if ws, ok := c.ProcessState.Sys().(syscall.WaitStatus); !ok || ws.Signal() != syscall.SIGKILL {
					t.Fatalf("operation %d: %v\n%s", n, err, out)
				}
				killed++
				got := withoutStages(t, dir)
				whole := want2(s, before, dir)
				if got != before && got != whole {
					t.Errorf("killed at operation %d:\n%s", n, got)
				}
				if got == before {
					if err := s.write(sample(), dir, WriteOptions{}); err != nil {
						t.Errorf("second run after operation %d: %v", n, err)
					} else if again := list(t, dir); again != whole {
						t.Errorf("second run after operation %d:\n%s", n, again)
					}
				}
				if left, _ := filepath.Glob(filepath.Join(dir, "*", ".fingerpost-*")); len(left) > 0 {
					t.Errorf("left after operation %d: %v", n, left)
				}
			}
			if killed < 14 {
				t.Errorf("only %d kills", killed)
			}
		})
	}
}
