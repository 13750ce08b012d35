//go:build unix

package run

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/fingerpost/fingerpost/internal/hint"
)

// An account is the user that a server runs as when fingerpost runs as root.
// The nil account is the user of this process.
type account struct{ uid, gid int }

// serverAccount is nil unless this process is root's: PostgreSQL refuses to run
// as root, and should. Then it is the packages' own user for it, or nobody.
func serverAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errU := strconv.Atoi(u.Uid)
		gid, errG := strconv.Atoi(u.Gid)
		if errU == nil && errG == nil && uid != 0 {
			return &account{uid, gid}, nil
		}
	}
	return nil, hint.Errorf("run fingerpost as an ordinary user, or set DATABASE_URL", "PostgreSQL does not run as root, and this machine has no user postgres or nobody")
}

// use makes cmd run as the account.
func (a *account) use(cmd *exec.Cmd) {
	if a != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
}

// own gives a file to the account.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	if err := os.Chown(path, a.uid, a.gid); err != nil {
		return fmt.Errorf("giving %s to the server's user: %w", path, err)
	}
	return nil
}

// ownAll gives a folder with all that is in it to the account, as after a copy
// by root. Links are not followed.
func (a *account) ownAll(dir string) error {
	fi, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if st, ok := fi.Sys().(*syscall.Stat_t); a == nil || ok && int(st.Uid) == a.uid {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, a.uid, a.gid)
	})
}

// reaches tells whether the account can pass through dir and all above it.
func (a *account) reaches(dir string) bool {
	for {
		fi, err := os.Stat(dir)
		if err != nil {
			return false
		}
		st, ok := fi.Sys().(*syscall.Stat_t)
		if !ok {
			return false
		}
		bit := fs.FileMode(0o001)
		switch {
		case int(st.Uid) == a.uid:
			bit = 0o100
		case int(st.Gid) == a.gid:
			bit = 0o010
		}
		if fi.Mode()&bit == 0 {
			return false
		}
		up := filepath.Dir(dir)
		if up == dir {
			return true
		}
		dir = up
	}
}

// persistentTemp is a folder for everybody that outlives a restart of the
// machine where there is one.
func persistentTemp() string {
	if fi, err := os.Stat("/var/tmp"); err == nil && fi.IsDir() {
		return "/var/tmp"
	}
	return os.TempDir()
}

// ownFolder makes dir, or sees to it that one that is there is ours: in a
// folder for everybody, anybody could have made it.
func ownFolder(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil && !os.IsExist(err) {
		return err
	}
	fi, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok || !fi.IsDir() || int(st.Uid) != os.Geteuid() || fi.Mode().Perm()&0o022 != 0 {
		return hint.Errorf("remove it, or set DATABASE_URL", "%s belongs to somebody else", dir)
	}
	return nil
}
