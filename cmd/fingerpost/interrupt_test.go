//go:build !windows

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Whoever interrupts the install has the whole tree, is told so, and can go on
// from there.
func TestNewInterruptedInstall(t *testing.T) {
	dir, bin := t.TempDir(), t.TempDir()
	programs := map[string]string{
		"node": "#!/bin/sh\necho v24.21.0\n",
		"npm":  "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 11.19.1; exit; fi\necho $$ > " + filepath.Join(bin, "pid") + "\nexec sleep 60\n",
	}
	for name, text := range programs {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command("fingerpost", "new", "shop", "--language", "node", "--yes")
	c.Dir = dir
	c.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+bin, "XDG_CACHE_HOME="+bin)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var pid string
	for end := time.Now().Add(90 * time.Second); pid == ""; time.Sleep(5 * time.Millisecond) {
		if data, err := os.ReadFile(filepath.Join(bin, "pid")); err == nil && bytes.HasSuffix(data, []byte("\n")) {
			pid = strings.TrimSpace(string(data))
		}
		if time.Now().After(end) {
			c.Process.Kill()
			t.Fatalf("the install never began:\n%s", &out)
		}
	}
	c.Process.Signal(syscall.SIGINT)
	c.Wait()
	if code := c.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d, want 130", code)
	}
	for _, want := range []string{"fingerpost: cancelled; shop is written whole, without its packages\n", "hint: go on with: fingerpost new shop --resume\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q:\n%s", want, &out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "shop", ".fingerpost.toml")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "shop", ".git")); err == nil {
		t.Error("there is a repository without a lock file in it")
	}
	if _, err := os.Stat("/proc/self"); err == nil {
		if _, err := os.Stat("/proc/" + pid); err == nil {
			t.Error("npm goes on alone")
		}
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 {
		t.Errorf("more than the project is left: %v", entries)
	}
}
