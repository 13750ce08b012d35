package gitrepo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/config"
)

// settings are what git would know about the person before any repository is
// there: from the system's and the person's configuration and the environment.
type settings struct {
	author, committer ident
	branch            string
}

// An ident is who did something, and when.
type ident struct {
	name, email string
	when        time.Time
}

// String is the ident as objects and logs have it.
func (i ident) String() string {
	return fmt.Sprintf("%s <%s> %d %s", i.name, i.email, i.when.Unix(), i.when.Format("-0700"))
}

func (s *settings) complete() bool {
	return s.author.name != "" && s.author.email != "" && s.committer.name != "" && s.committer.email != ""
}

// readSettings reads them in git's order. Of the includes only unconditional
// ones are followed: a condition asks for a repository, and there is none yet.
func readSettings() (*settings, error) {
	values := map[string]string{}
	for _, file := range configFiles() {
		if err := readConfig(values, file, 0); err != nil {
			return nil, err
		}
	}
	count, _ := strconv.Atoi(os.Getenv("GIT_CONFIG_COUNT"))
	for i := range count {
		values[strings.ToLower(os.Getenv(fmt.Sprintf("GIT_CONFIG_KEY_%d", i)))] = os.Getenv(fmt.Sprintf("GIT_CONFIG_VALUE_%d", i))
	}
	first := func(candidates ...string) string {
		for _, c := range candidates {
			if c = tidyIdent(c); c != "" {
				return c
			}
		}
		return ""
	}
	now := time.Now()
	s := &settings{branch: values["init.defaultbranch"]}
	s.author = ident{
		name:  first(os.Getenv("GIT_AUTHOR_NAME"), values["author.name"], values["user.name"]),
		email: first(os.Getenv("GIT_AUTHOR_EMAIL"), values["author.email"], values["user.email"], os.Getenv("EMAIL")),
		when:  identDate(os.Getenv("GIT_AUTHOR_DATE"), now),
	}
	s.committer = ident{
		name:  first(os.Getenv("GIT_COMMITTER_NAME"), values["committer.name"], values["user.name"]),
		email: first(os.Getenv("GIT_COMMITTER_EMAIL"), values["committer.email"], values["user.email"], os.Getenv("EMAIL")),
		when:  identDate(os.Getenv("GIT_COMMITTER_DATE"), now),
	}
	if s.branch == "" || plumbing.NewBranchReferenceName(s.branch).Validate() != nil {
		s.branch = "main"
	}
	return s, nil
}

// configFiles are the files that git reads, the weakest first.
func configFiles() []string {
	var files []string
	if ok, _ := strconv.ParseBool(os.Getenv("GIT_CONFIG_NOSYSTEM")); !ok {
		if f, set := os.LookupEnv("GIT_CONFIG_SYSTEM"); set {
			files = append(files, f)
		} else {
			files = append(files, "/etc/gitconfig")
		}
	}
	if f, set := os.LookupEnv("GIT_CONFIG_GLOBAL"); set {
		return append(files, f)
	}
	home, err := os.UserHomeDir()
	xdg := os.Getenv("XDG_CONFIG_HOME")
	if xdg == "" && err == nil {
		xdg = filepath.Join(home, ".config")
	}
	if xdg != "" {
		files = append(files, filepath.Join(xdg, "git", "config"))
	}
	if err == nil {
		files = append(files, filepath.Join(home, ".gitconfig"))
	}
	return files
}

// readConfig adds the plain values (section.key, lower case) of a file to values.
func readConfig(values map[string]string, file string, depth int) error {
	if file == "" || depth > 10 { // as git's own limit on includes
		return nil
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	cfg := config.New()
	if err := config.NewDecoder(bytes.NewReader(data)).Decode(cfg); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for _, s := range cfg.Sections {
		for _, o := range s.Options {
			key := strings.ToLower(s.Name + "." + o.Key)
			if key == "include.path" {
				inner := o.Value
				if rest, ok := strings.CutPrefix(inner, "~/"); ok {
					if home, err := os.UserHomeDir(); err == nil {
						inner = filepath.Join(home, rest)
					}
				} else if !filepath.IsAbs(inner) {
					inner = filepath.Join(filepath.Dir(file), inner)
				}
				if err := readConfig(values, inner, depth+1); err != nil {
					return err
				}
				continue
			}
			values[key] = o.Value
		}
	}
	return nil
}

// tidyIdent drops what would break a commit's header, as git does.
func tidyIdent(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '<' || r == '>' || r == '\n' || r == 0 {
			return -1
		}
		return r
	}, s)
	return strings.Trim(s, " .,:;\"\\'\t\r")
}

// identDate reads the dates that scripts set: seconds since 1970 with a zone, or
// RFC 3339. Anything else is now.
func identDate(s string, now time.Time) time.Time {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t
	}
	sec, zone, _ := strings.Cut(strings.TrimPrefix(s, "@"), " ")
	n, err := strconv.ParseInt(sec, 10, 64)
	if err != nil {
		return now
	}
	t := time.Unix(n, 0).UTC()
	if z, err := time.Parse("-0700", zone); err == nil {
		t = t.In(z.Location())
	}
	return t
}
