package run

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/process"
)

// prepare makes the data folder and reads its password.
func (p *Postgres) prepare(ctx context.Context) error {
	if data, err := os.ReadFile(filepath.Join(p.Dir, "PG_VERSION")); err == nil {
		major := strings.TrimSpace(string(data))
		if p.bin, _, err = serverPrograms(ctx, major); err != nil {
			return hint.Errorf("install PostgreSQL "+major+" again, or delete the folder to start with an empty database",
				"%s was made by PostgreSQL %s, which is not on this machine", p.Dir, major)
		}
		if err := p.account.ownAll(p.Dir); err != nil {
			return fmt.Errorf("giving the data folder to the server's user: %w", err)
		}
		return p.readPassword()
	}
	var err error
	if p.bin, _, err = serverPrograms(ctx, ""); err != nil {
		return err
	}
	parent := filepath.Dir(p.Dir)
	// Made beside its place and renamed, so that an interrupted start leaves
	// no half of a data folder.
	stage, err := os.MkdirTemp(parent, ".init-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(stage)
	if err := p.initdb(ctx, stage); err != nil {
		return err
	}
	if err := os.Rename(stage, p.Dir); err != nil {
		if _, other := os.Stat(filepath.Join(p.Dir, "PG_VERSION")); other == nil {
			return p.readPassword() // another process was faster
		}
		return err
	}
	return nil
}

func (p *Postgres) readPassword() error {
	data, err := os.ReadFile(filepath.Join(p.Dir, passwordFile))
	if err != nil {
		return hint.Errorf("set DATABASE_URL for a server of your own, or delete the folder to start with an empty database", "%s is not a data folder of fingerpost: %v", p.Dir, err)
	}
	p.password = strings.TrimSpace(string(data))
	return nil
}

func (p *Postgres) initdb(ctx context.Context, dir string) error {
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return err
	}
	p.password = hex.EncodeToString(secret)
	f, err := os.CreateTemp("", "fingerpost-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.WriteString(p.password + "\n"); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := errors.Join(p.account.own(f.Name()), p.account.own(dir)); err != nil {
		return err
	}
	// Locale C: rows sort alike on every machine.
	args := []string{"-D", dir, "-U", p.user, "--pwfile=" + f.Name(), "-A", "scram-sha-256", "--encoding=UTF8", "--locale=C"}
	if p.options.Throwaway {
		args = append(args, "--no-sync")
	}
	cmd := p.command("initdb", args...)
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	proc, err := process.Start(cmd)
	if err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	select {
	case <-proc.Done():
	case <-ctx.Done():
		proc.Stop(time.Second)
		return ctx.Err()
	}
	if code, err := proc.Wait(); err != nil || code != 0 {
		return fmt.Errorf("making a PostgreSQL data folder in %s failed: %s", p.Dir, out.last())
	}
	path := filepath.Join(dir, passwordFile)
	if err := os.WriteFile(path, []byte(p.password+"\n"), 0o600); err != nil {
		return err
	}
	return p.account.own(path)
}

// A data folder outside of its project has this prefix, and beside it a file
// that says whose it is.
const (
	awayPrefix  = "fingerpost-postgres-"
	awayProject = "project"
)

// sweepAway removes data folders below root whose project is gone and whose
// server does not run: nobody would ever find them again.
func sweepAway(root string) {
	found, _ := filepath.Glob(filepath.Join(root, awayPrefix+"*"))
	for _, dir := range found {
		project, err := os.ReadFile(filepath.Join(dir, awayProject))
		if err != nil || ownFolder(dir) != nil {
			continue
		}
		_, gone := os.Stat(string(project))
		_, idle := os.Stat(filepath.Join(dir, "data", "postmaster.pid"))
		if errors.Is(gone, fs.ErrNotExist) && errors.Is(idle, fs.ErrNotExist) {
			os.RemoveAll(dir)
		}
	}
}
