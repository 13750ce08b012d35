package run

import (
	"os"
	"os/exec"
)

// An account is always nil here: PostgreSQL gives up an administrator's rights
// by itself on Windows.
type account struct{}

func serverAccount() (*account, error) { return nil, nil }

func (*account) use(*exec.Cmd)       {}
func (*account) own(string) error    { return nil }
func (*account) ownAll(string) error { return nil }
func (*account) reaches(string) bool { return true }

func persistentTemp() string     { return os.TempDir() }
func ownFolder(dir string) error { return os.MkdirAll(dir, 0o755) }
