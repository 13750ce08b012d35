package run

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

// serverFolders are where packages and installers put PostgreSQL's server
// programs, of which most put only the clients into PATH.
var serverFolders = []string{
	"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
	"/usr/pgsql-*/bin",                                   // the PostgreSQL project's packages for Fedora and its kin
	"/usr/libexec/postgresql*",                           // Alpine
	"/usr/local/pgsql/bin",                               // built by hand
	"/opt/homebrew/opt/postgresql*/bin",                  // Homebrew
	"/usr/local/opt/postgresql*/bin",                     // Homebrew on Intel
	"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
	`C:\Program Files\PostgreSQL\*\bin`,                  // the Windows installer
	"/nix/var/nix/profiles/default/bin",                  // Nix
	"/opt/local/lib/postgresql*/bin",                     // MacPorts
}

var majorPattern = regexp.MustCompile(`\) ((\d+)[.\w]*)`)

// serverPrograms is the folder with initdb and postgres of that major version,
// or of the newest where major is empty, and their version.
func serverPrograms(ctx context.Context, major string) (dir, version string, err error) {
	dirs := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range serverFolders {
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, found...)
	}
	type server struct {
		dir     string
		major   int
		version string
	}
	var servers []server
	for _, dir := range dirs {
		postgres := programIn(dir, "postgres")
		if !filepath.IsAbs(dir) || postgres == "" || programIn(dir, "initdb") == "" {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		out, err := exec.CommandContext(ctx, postgres, "--version").Output() // postgres (PostgreSQL) 17.2
		cancel()
		m := majorPattern.FindStringSubmatch(string(out))
		if err != nil || m == nil || major != "" && strings.TrimSpace(major) != m[2] {
			continue
		}
		n, _ := strconv.Atoi(m[2])
		servers = append(servers, server{dir, n, m[1]})
	}
	if len(servers) == 0 {
		return "", "", ErrNoPostgres
	}
	sort.SliceStable(servers, func(i, j int) bool { return servers[i].major > servers[j].major })
	return servers[0].dir, servers[0].version, nil
}
