package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v3"
)

var (
	pinned     = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	versioned  = regexp.MustCompile(`@[0-9a-f]{40}\s+# v[0-9]+(?:\.[0-9]+)*\s*$`)
	expression = regexp.MustCompile(`\$\{\{.*?\}\}`)
)

// workflow checks one workflow of GitHub Actions: as actionlint reads it, and
// the rules of the house for what runs with a token.
func workflow(dir, path string, data []byte) []finding {
	var found []finding
	add := func(line int, check, format string, args ...any) {
		found = append(found, finding{path, line, check, fmt.Sprintf(format, args...)})
	}
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{WorkingDir: dir})
	if err != nil {
		add(0, "actionlint", "%v", err)
		return found
	}
	problems, err := linter.Lint("<stdin>", data, nil)
	if err != nil {
		add(0, "actionlint", "%v", err)
		return found
	}
	for _, p := range problems {
		add(p.Line, "actionlint-"+p.Kind, "%s", p.Message)
	}
	flow, _ := actionlint.Parse(data)
	if flow == nil {
		return found
	}
	if flow.Permissions == nil {
		add(1, "permissions", "no permissions at the top: the token may write wherever the repository's settings let it")
	}
	if flow.Concurrency == nil {
		add(1, "concurrency", "no concurrency: a push does not stop the run of the push before")
	}
	text := strings.Split(string(data), "\n")
	for _, job := range flow.Jobs {
		if job.TimeoutMinutes == nil {
			add(job.Pos.Line, "timeout", "job %s may hang for six hours: no timeout-minutes", job.ID.Value)
		}
		if job.Services != nil {
			for name, s := range job.Services.Value {
				if s.Container == nil {
					continue
				}
				if job.Container == nil && len(s.Container.Ports) == 0 {
					add(s.Container.Pos.Line, "service-ports", "service %s publishes no port, and the job's steps reach it only through localhost", name)
				}
				if s.Container.Options == nil || !strings.Contains(s.Container.Options.Value, "--health-cmd") {
					add(s.Container.Pos.Line, "service-health", "steps start before service %s answers: no --health-cmd in its options", name)
				}
			}
		}
		for _, step := range job.Steps {
			switch e := step.Exec.(type) {
			case *actionlint.ExecAction:
				uses, line := e.Uses.Value, e.Uses.Pos.Line
				if strings.HasPrefix(uses, "./") {
					continue
				}
				if !pinned.MatchString(uses) {
					add(line, "pin", "%s can be changed under our feet; name the commit", uses)
				} else if !versioned.MatchString(text[line-1]) {
					add(line, "pin", "%s has no comment with its version, which the update bot needs", uses)
				}
				if strings.HasPrefix(uses, "actions/checkout@") && (e.Inputs["persist-credentials"] == nil || e.Inputs["persist-credentials"].Value.Value != "false") {
					add(line, "credentials", "checkout leaves the token in .git for every later step; persist-credentials: false")
				}
			case *actionlint.ExecRun:
				body := expression.ReplaceAllString(e.Run.Value, "expression")
				line := e.RunPos.Line
				if strings.Contains(e.Run.Value, "\n") {
					line++
				}
				found = append(found, script(path, line, body, false)...)
			}
		}
	}
	return found
}

// ecosystems are what the update bot knows, and a file that each needs in its
// directory.
var ecosystems = map[string][]string{
	"npm": {"package.json"}, "pip": {"pyproject.toml", "requirements.txt"}, "uv": {"pyproject.toml"},
	"docker": {"Dockerfile"}, "docker-compose": {"compose.yaml"}, "github-actions": {".github/workflows"},
}

// dependabot checks the update bot's settings against what is there.
func dependabot(dir, path string, data []byte) []finding {
	var found []finding
	var file struct {
		Version int
		Updates []struct {
			Ecosystem string `yaml:"package-ecosystem"`
			Directory string
			Schedule  struct{ Interval string }
			Groups    map[string]any
		}
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(data)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return []finding{{path, 0, "dependabot", err.Error()}}
	}
	add := func(format string, args ...any) {
		found = append(found, finding{path, 0, "dependabot", fmt.Sprintf(format, args...)})
	}
	if file.Version != 2 {
		add("version is %d, and has to be 2", file.Version)
	}
	for _, u := range file.Updates {
		needs, known := ecosystems[u.Ecosystem]
		if !known {
			add("no ecosystem is called %q", u.Ecosystem)
			continue
		}
		if !slices.ContainsFunc(needs, func(n string) bool { return exists(filepath.Join(dir, u.Directory), n) }) {
			add("%s in %s finds none of %s", u.Ecosystem, u.Directory, strings.Join(needs, ", "))
		}
		if !slices.Contains([]string{"daily", "weekly", "monthly"}, u.Schedule.Interval) {
			add("%s has the interval %q", u.Ecosystem, u.Schedule.Interval)
		}
	}
	for name, needs := range ecosystems {
		if name == "pip" || name == "uv" {
			continue // one of the two, whichever the manager is
		}
		if _, err := os.Stat(filepath.Join(dir, needs[0])); err != nil {
			continue
		}
		if !strings.Contains(string(data), "package-ecosystem: "+name+"\n") {
			add("%s is there and %s is not looked after", needs[0], name)
		}
	}
	return found
}
