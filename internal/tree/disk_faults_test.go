//go:build linux && faults

package tree

import (
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fingerpost/fingerpost/internal/hint"
)

// The tests of this file mount file systems, which takes root on Linux: a tier
// of its own, go test -tags faults ./internal/tree, that fails where it cannot.

// mount mounts a tmpfs with the options and unmounts it after the test.
func mount(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Fatalf("mount -o %s: %v\n%s", options, err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v\n%s", err, out)
		}
	})
	return dir
}

func large() *Tree {
	tr := sample()
	for i := range 40 {
		tr.Put(&File{Path: fmt.Sprintf("src/large/%d/file.txt", i), Data: []byte(strings.Repeat("0123456789abcdef", 512))})
	}
	return tr
}

// A disk that is full, by bytes or by inodes, at whatever point of the write.
func TestFullDisk(t *testing.T) {
	for _, into := range []bool{false, true} {
		full, whole := 0, 0
		var options []string
		for kib := 40; kib <= 480; kib += 40 {
			options = append(options, fmt.Sprintf("size=%dk", kib))
		}
		for inodes := 5; inodes <= 260; inodes += 15 {
			options = append(options, fmt.Sprintf("nr_inodes=%d", inodes))
		}
		for _, o := range options {
			dir := mount(t, o)
			shop := filepath.Join(dir, "shop")
			var err error
			if into {
				if err := os.Mkdir(shop, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(shop, "own"), nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			before := list(t, dir)
			if into {
				err = large().WriteInto(shop)
			} else {
				err = large().Write(shop, WriteOptions{})
			}
			if err == nil {
				whole++
				continue
			}
			full++
			if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), nothing) || hint.Next(err) != "free some space, or choose a folder on another disk" {
				t.Errorf("%s: %v (hint %q)", o, err, hint.Next(err))
			}
			if after := list(t, dir); after != before {
				t.Errorf("%s leaves\n%s", o, after)
			}
		}
		if full < 8 || whole < 2 {
			t.Errorf("into %t: %d full disks, %d large enough: the limits miss the write", into, full, whole)
		}
	}
}

func TestReadOnlyDisk(t *testing.T) {
	dir := mount(t, "size=1m")
	os.Mkdir(filepath.Join(dir, "empty"), 0o755)
	os.Mkdir(filepath.Join(dir, "full"), 0o755)
	os.WriteFile(filepath.Join(dir, "full", "own"), nil, 0o644)
	if out, err := exec.Command("mount", "-o", "remount,ro", dir).CombinedOutput(); err != nil {
		t.Fatalf("remount: %v\n%s", err, out)
	}
	before := list(t, dir)
	for name, err := range map[string]error{
		"new":    sample().Write(filepath.Join(dir, "shop"), WriteOptions{}),
		"deep":   sample().Write(filepath.Join(dir, "a/b/shop"), WriteOptions{}),
		"empty":  sample().Write(filepath.Join(dir, "empty"), WriteOptions{}),
		"into":   sample().WriteInto(filepath.Join(dir, "full")),
		"no dir": sample().WriteInto(filepath.Join(dir, "full")),
	} {
		if !errors.Is(err, syscall.EROFS) || !strings.Contains(err.Error(), nothing) || hint.Next(err) != "choose a folder that you can write to" {
			t.Errorf("%s: %v (hint %q)", name, err, hint.Next(err))
		}
	}
	if after := list(t, dir); after != before {
		t.Errorf("changed:\n%s", after)
	}
}

// An empty folder that is a mount cannot be replaced: it is filled.
func TestEmptyMount(t *testing.T) {
	dir := mount(t, "size=1m")
	if err := sample().Write(dir, WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := list(t, dir); got != want(sample(), "") {
		t.Errorf("got\n%s", got)
	}
}

// A folder that another user may not write to; root may, so another is asked.
func TestDenied(t *testing.T) {
	if os.Getenv("FINGERPOST_TREE_DENIED") == "" {
		dir, err := os.MkdirTemp("/tmp", "fingerpost-denied-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		os.Chmod(dir, 0o755)
		os.Mkdir(filepath.Join(dir, "empty"), 0o777)
		os.Chmod(filepath.Join(dir, "empty"), 0o777)
		self, _ := os.Executable()
		data, err := os.ReadFile(self)
		if err != nil {
			t.Fatal(err)
		}
		other := filepath.Join(dir, "tree.test")
		if err := os.WriteFile(other, data, 0o755); err != nil {
			t.Fatal(err)
		}
		c := exec.Command(other, "-test.run", "^TestDenied$", "-test.v")
		c.Dir = "/"
		c.Env = append(os.Environ(), "FINGERPOST_TREE_DENIED="+dir)
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, err := c.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS: TestDenied") {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	dir := os.Getenv("FINGERPOST_TREE_DENIED")
	err := sample().Write(filepath.Join(dir, "shop"), WriteOptions{})
	if !errors.Is(err, syscall.EACCES) || !strings.Contains(err.Error(), nothing) || hint.Next(err) != "choose a folder that you can write to" {
		t.Errorf("%v (hint %q)", err, hint.Next(err))
	}
	// What is around the empty folder is not ours, the folder is.
	if err := sample().Write(filepath.Join(dir, "empty"), WriteOptions{}); err != nil {
		t.Error(err)
	}
	if got := list(t, filepath.Join(dir, "empty")); got != want(sample(), "") {
		t.Errorf("got\n%s", got)
	}
}

// Two hundred processes, killed from outside at a random moment.
func TestKillAtRandom(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	nothing, everything := 0, 0
	for i := range 200 {
		s := scenes()[i%len(scenes())]
		dir := t.TempDir()
		s.setup(t, dir)
		before := list(t, dir)
		c := exec.Command(self)
		c.Env = append(os.Environ(), fmt.Sprintf("FINGERPOST_TREE_CHILD=%s %d %s", s.name, 1<<30, dir))
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Intn(12000)) * time.Microsecond)
		c.Process.Kill()
		c.Wait()
		switch got := withoutStages(t, dir); got {
		case before:
			nothing++
		case want2(s, before, dir):
			everything++
		default:
			t.Errorf("%s: left\n%s", s.name, got)
		}
	}
	t.Logf("nothing %d, everything %d", nothing, everything)
	if nothing == 0 || everything == 0 {
		t.Errorf("nothing %d, everything %d: the moments miss the write", nothing, everything)
	}
}
