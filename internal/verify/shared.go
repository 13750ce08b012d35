package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/run"
)

// shared lets projects of one manifest share a lock file, and those of one
// lock file an installation: npm is bound by unpacking, and the same packages
// unpacked again prove nothing. Python's managers share through their caches.
type shared struct {
	dir string
	mu  sync.Mutex
	one map[string]*sync.Mutex // by key: two proofs must not make the same thing
}

func newShared(dir string) *shared { return &shared{dir: dir, one: map[string]*sync.Mutex{}} }

// hold locks a key until the returned function is called.
func (s *shared) hold(key string) func() {
	s.mu.Lock()
	m := s.one[key]
	if m == nil {
		m = &sync.Mutex{}
		s.one[key] = m
	}
	s.mu.Unlock()
	m.Lock()
	return m.Unlock
}

// key is over the names and contents of files of a service's folder.
func key(p *run.Project, svc *record.Service, names []string) (string, error) {
	h := sha256.New()
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(p.ServiceDir(svc), filepath.FromSlash(name)))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n", name, len(data))
		h.Write(data)
	}
	return hex.EncodeToString(h.Sum(nil))[:20], nil
}

// lock makes the lock files of a service, or copies those that were made for
// the same manifest.
func (s *shared) lock(ctx context.Context, p *run.Project, svc *record.Service, w io.Writer) error {
	k, err := key(p, svc, append([]string{svc.Manager.Manifest}, svc.Manager.Files...))
	if err != nil {
		return err
	}
	defer s.hold("lock" + k)()
	dir := filepath.Join(s.dir, svc.Manager.Name, "lock", k)
	if _, err := os.Stat(dir); err != nil {
		if err := p.Install(ctx, svc, run.Relock, w); err != nil {
			return err
		}
		for _, name := range svc.Manager.Lock {
			if err := copyFile(filepath.Join(p.ServiceDir(svc), filepath.FromSlash(name)), filepath.Join(dir, filepath.FromSlash(name))); err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Fprintln(w, "the lock file of the same manifest")
	for _, name := range svc.Manager.Lock {
		if err := copyFile(filepath.Join(dir, filepath.FromSlash(name)), filepath.Join(p.ServiceDir(svc), filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

// forget drops the lock files that were made for the manifest of a service.
func (s *shared) forget(p *run.Project, svc *record.Service) error {
	k, err := key(p, svc, append([]string{svc.Manager.Manifest}, svc.Manager.Files...))
	if err != nil {
		return err
	}
	defer s.hold("lock" + k)()
	return os.RemoveAll(filepath.Join(s.dir, svc.Manager.Name, "lock", k))
}

// install installs exactly what is locked, or links what was installed for the
// same lock file and says so through linked.
func (s *shared) install(ctx context.Context, p *run.Project, svc *record.Service, linked *bool, w io.Writer) error {
	if svc.Manager.Modules != "node_modules" {
		return p.Install(ctx, svc, run.InstallFrozen, w)
	}
	k, err := key(p, svc, slices.Concat([]string{svc.Manager.Manifest}, svc.Manager.Files, svc.Manager.Lock))
	if err != nil {
		return err
	}
	defer s.hold("install" + k)()
	from := filepath.Join(s.dir, svc.Manager.Name, "modules", k)
	modules := filepath.Join(p.ServiceDir(svc), svc.Manager.Modules)
	if _, err := os.Stat(from); err == nil {
		fmt.Fprintln(w, "linked from the installation of the same lock file")
		*linked = true
		return linkTree(from, modules)
	}
	if err := p.Install(ctx, svc, run.InstallFrozen, w); err != nil {
		return err
	}
	part := from + ".part"
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	if err := linkTree(modules, part); err != nil {
		// Another file system: every project installs for itself.
		os.RemoveAll(part)
		return nil
	}
	return os.Rename(part, from)
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm())
}

// linkTree makes to a tree of hard links to the files of from.
func linkTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case d.Type()&fs.ModeSymlink != 0:
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		}
		return os.Link(path, target)
	})
}
