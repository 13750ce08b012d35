package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
)

// stampName is the file inside the modules folder that says for which lock
// files it was installed. It goes when the folder goes.
const stampName = ".fingerpost-installed"

// Ways to install, for Install.
const (
	InstallAny    = "install" // makes the lock file where it is missing
	InstallFrozen = "frozen"  // exactly what is locked
	InstallProd   = "prod"    // the same without development dependencies
	Relock        = "relock"  // only makes or refreshes the lock files
	CheckLock     = "check"   // only tells whether the lock files fit what they lock
)

// Install runs the manager's commands in the service's folder. What they print
// goes to w.
func (p *Project) Install(ctx context.Context, svc *record.Service, how string, w io.Writer) error {
	m := svc.Manager
	commands, ok := map[string][][]string{InstallAny: m.Install, InstallFrozen: m.InstallFrozen, InstallProd: m.InstallProd, Relock: m.Relock, CheckLock: m.Check}[how]
	if !ok {
		return fmt.Errorf("unknown way to install: %q", how)
	}
	if len(commands) == 0 {
		return fmt.Errorf("%s does not say how to do %s", m.Name, how)
	}
	if m.EmptyLock && (how == InstallAny || how == Relock) && !p.HasLock(svc) {
		drop, err := p.emptyLock(svc)
		if err != nil {
			return err
		}
		defer drop()
	}
	for _, words := range commands {
		argv, err := p.managerArgv(svc, words)
		if err != nil {
			return err
		}
		if err := runGroup(ctx, "install", argv, p.ServiceDir(svc), p.Environ(svc, nil), w); err != nil {
			return err
		}
	}
	if how == Relock || how == CheckLock || m.Modules == "" {
		return nil
	}
	return p.stamp(svc, how)
}

// emptyLock makes the missing lock files, empty: a manager that looks for the
// beginning of a project in the folders above takes this one. The function
// removes those that nothing was written to.
func (p *Project) emptyLock(svc *record.Service) (func(), error) {
	var made []string
	drop := func() {
		for _, path := range made {
			if fi, err := os.Stat(path); err == nil && fi.Size() == 0 {
				os.Remove(path)
			}
		}
	}
	for _, name := range svc.Manager.Lock {
		path := filepath.Join(p.ServiceDir(svc), filepath.FromSlash(name))
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if os.IsExist(err) {
			continue
		}
		if err != nil {
			drop()
			return nil, err
		}
		made = append(made, path)
		if err := f.Close(); err != nil {
			drop()
			return nil, err
		}
	}
	return drop, nil
}

// NeedsInstall tells whether the packages of a service are missing, or belong
// to other lock files than there are now.
func (p *Project) NeedsInstall(svc *record.Service) bool {
	data, err := os.ReadFile(filepath.Join(p.ServiceDir(svc), filepath.FromSlash(svc.Manager.Modules), stampName))
	if err != nil {
		return true
	}
	how, digest, _ := strings.Cut(strings.TrimSpace(string(data)), " ")
	return how == InstallProd || digest != p.lockDigest(svc)
}

// HasLock tells whether all lock files of a service are there.
func (p *Project) HasLock(svc *record.Service) bool {
	for _, name := range svc.Manager.Lock {
		if _, err := os.Stat(filepath.Join(p.ServiceDir(svc), filepath.FromSlash(name))); err != nil {
			return false
		}
	}
	return len(svc.Manager.Lock) > 0
}

// EnsureInstalled installs what is missing or stale: exactly what is locked
// where there is a lock file. It tells whether there was anything to do.
func (p *Project) EnsureInstalled(ctx context.Context, svc *record.Service, w io.Writer) (bool, error) {
	if !p.NeedsInstall(svc) {
		return false, nil
	}
	how := InstallAny
	if p.HasLock(svc) && len(svc.Manager.InstallFrozen) > 0 {
		how = InstallFrozen
	}
	err := p.Install(ctx, svc, how, w)
	var failed *TaskError
	if how == InstallFrozen && errors.As(err, &failed) {
		err = hint.With(err, fmt.Sprintf("if %s has changed since it was locked: %s", svc.Manager.Manifest, p.words(svc, svc.Manager.Install)))
	}
	return true, err
}

func (p *Project) stamp(svc *record.Service, how string) error {
	dir := filepath.Join(p.ServiceDir(svc), filepath.FromSlash(svc.Manager.Modules))
	if _, err := os.Stat(dir); err != nil {
		return nil // the manager keeps its packages elsewhere
	}
	return os.WriteFile(filepath.Join(dir, stampName), []byte(how+" "+p.lockDigest(svc)+"\n"), 0o644)
}

// lockDigest covers the lock files and what else an install reads: a changed
// manifest needs an install even where nobody has locked again yet.
func (p *Project) lockDigest(svc *record.Service) string {
	h := sha256.New()
	for _, name := range slices.Concat([]string{svc.Manager.Manifest}, svc.Manager.Files, svc.Manager.Lock) {
		data, err := os.ReadFile(filepath.Join(p.ServiceDir(svc), filepath.FromSlash(name)))
		fmt.Fprintf(h, "%s\x00%v\x00%d\x00", name, err == nil, len(data))
		h.Write(data)
	}
	return hex.EncodeToString(h.Sum(nil))
}
