//go:build unix

package run

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEnsureInstalled(t *testing.T) {
	p := littleProject(t, nil)
	svc := &p.Record.Services[0]
	write(t, filepath.Join(p.Dir, "manifest"), "one\n")
	ensure := func(want bool) {
		t.Helper()
		did, err := p.EnsureInstalled(context.Background(), svc, nil)
		if err != nil {
			t.Fatal(err)
		}
		if did != want {
			t.Errorf("installed: %v, want %v", did, want)
		}
	}
	ensure(true) // nothing there: makes the lock file
	ensure(false)
	write(t, filepath.Join(p.Dir, "lock"), "other\n")
	ensure(true) // the lock file is another: exactly that
	ensure(false)
	write(t, filepath.Join(p.Dir, "manifest"), "two\n")
	ensure(true)
	if err := os.RemoveAll(filepath.Join(p.Dir, "modules")); err != nil {
		t.Fatal(err)
	}
	ensure(true)
	if err := p.Install(context.Background(), svc, InstallProd, nil); err != nil {
		t.Fatal(err)
	}
	ensure(true) // without development dependencies is not whole
	got := strings.Fields(read(t, filepath.Join(p.Dir, "installs.txt")))
	if want := "any frozen frozen frozen prod frozen"; strings.Join(got, " ") != want {
		t.Errorf("installs: %v, want %s", got, want)
	}
}

func TestInstallRefuses(t *testing.T) {
	p := littleProject(t, nil)
	svc := &p.Record.Services[0]
	if err := p.Install(context.Background(), svc, "sideways", nil); err == nil {
		t.Error("an unknown way was taken")
	}
	if err := p.Install(context.Background(), svc, Relock, nil); err == nil || !strings.Contains(err.Error(), "little does not say how") {
		t.Errorf("a manager without the commands: %v", err)
	}
	svc.Manager.InstallFrozen = [][]string{{"bin/little", "fail", "4"}}
	if err := p.Install(context.Background(), svc, InstallFrozen, nil); err == nil || p.NeedsInstall(svc) == false {
		t.Errorf("a failed install counts as done: %v", err)
	}
}

// A manager that looks for the project's root in the folders above finds an
// empty lock file in the project; what it did not fill does not stay.
func TestEmptyLock(t *testing.T) {
	p := littleProject(t, nil)
	svc := &p.Record.Services[0]
	lock := filepath.Join(p.Dir, "lock")
	svc.Manager.EmptyLock = true
	svc.Manager.Install = [][]string{{"bin/little", "fail", "4"}}
	if err := p.Install(context.Background(), svc, InstallAny, nil); err == nil {
		t.Fatal("a failed install counts as done")
	}
	if _, err := os.Stat(lock); err == nil {
		t.Error("an empty lock file stays after an install that failed")
	}
	svc.Manager.Install = [][]string{{"sh", "-c", "test -e lock && test ! -s lock && echo locked > lock"}}
	if err := p.Install(context.Background(), svc, InstallAny, nil); err != nil {
		t.Errorf("there was no empty lock file: %v", err)
	}
	if got := read(t, lock); got != "locked\n" {
		t.Errorf("the lock file is %q", got)
	}
	if err := p.Install(context.Background(), svc, InstallAny, nil); err == nil {
		t.Error("a lock file that was there was emptied")
	}
}
