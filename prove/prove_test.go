package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// lay writes the sound repository into a new folder, with one change.
func lay(t *testing.T, file, before, after string) string {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/sound.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir, changed := t.TempDir(), file == ""
	for _, f := range archive.Files {
		text := string(f.Data)
		if f.Name == file {
			if before != "" && strings.Count(text, before) == 0 {
				t.Fatalf("%s has no %q", file, before)
			}
			if after == "REMOVED" {
				changed = true
				continue
			}
			text, changed = strings.Replace(text, before, after, 1), true
		}
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !changed {
		t.Fatalf("no file %s", file)
	}
	return dir
}

func TestSoundRepositoryHasNoFinding(t *testing.T) {
	found, checked, err := prove(lay(t, "", "", ""))
	if err != nil || len(found) > 0 || checked != 4 {
		t.Fatalf("%d files checked, %v, findings: %v", checked, err, found)
	}
}

// Each case breaks one thing; the check of that name has to find it, and no
// other may.
func TestEachCheckBites(t *testing.T) {
	const (
		docker  = "Dockerfile"
		ignore  = ".dockerignore"
		compose = "compose.yaml"
		ci      = ".github/workflows/ci.yml"
		bot     = ".github/dependabot.yml"
	)
	tests := []struct{ name, file, before, after, want string }{
		{"unknown instruction", docker, "WORKDIR /app", "WORKDIRS /app", "buildkit"},
		{"relative folder", docker, "WORKDIR /app", "WORKDIR app", "buildkit-WorkdirRelativePath"},
		{"a front end of its own", docker, "FROM node", "# syntax=docker/dockerfile:1\nFROM node", "syntax-line"},
		{"latest image", docker, "FROM node:24-slim AS", "FROM node:latest AS", "from"},
		{"image from elsewhere", docker, "FROM node:24-slim AS", "FROM registry.example.org:5000/node:24 AS", "from"},
		{"stage that is not there", docker, "--from=dependencies", "--from=dependency", "copy-from"},
		{"mount from a stage that is not there", docker, "--mount=type=cache,target=/root/.npm", "--mount=type=bind,from=nowhere,target=/x", "mount-from"},
		{"file that is not there", docker, "COPY package.json", "COPY package.jsn", "copy"},
		{"file that is ignored", docker, "COPY package.json", "COPY docs", "copy"},
		{"broken shell", docker, "npm ci", "if npm ci", "shell"},
		{"cd that does not last", docker, "npm ci", "cd /app && npm ci", "shell-cd"},
		{"sudo", docker, "npm ci", "sudo npm ci", "shell-sudo"},
		{"apt that asks", docker, "npm ci", "apt-get install curl && npm ci", "shell-apt"},
		{"program without a version", docker, "npm ci", "npm install --global pnpm@latest && npm ci", "shell-pin"},
		{"ADD", docker, "COPY package.json", "ADD package.json", "add"},
		{"root", docker, "USER 1000:1000\n", "", "user"},
		{"root by number", docker, "USER 1000:1000", "USER 0", "user"},
		{"user by name", docker, "USER 1000:1000", "USER node", "user"},
		{"no health check", docker, "HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \\\n  CMD [", "ENTRYPOINT [", "healthcheck"},
		{"health check by curl", docker, `"node", "-e"`, `"curl", "-e"`, "healthcheck"},
		{"command in a shell", docker, `CMD ["node", "src/server.ts"]`, "CMD node src/server.ts", "buildkit-JSONArgsRecommended"},
		{"command through npm", docker, `CMD ["node", "src/server.ts"]`, `CMD ["npm", "start"]`, "cmd"},
		{"no .dockerignore", ignore, "", "REMOVED", "dockerignore"},
		{"secrets in the image", ignore, ".env\n", "", "dockerignore"},
		{"modules in the image", ignore, "node_modules/\n", "", "dockerignore"},

		{"unknown key", compose, "restart:", "restarts:", "compose"},
		{"unknown service", compose, "      migrate:\n        condition", "      migrates:\n        condition", "compose"},
		{"no YAML", compose, "services:", "services: [", "compose"},
		{"capital letters", compose, "image: postgres:17", "image: Postgres:17", "image"},
		{"image without a tag", compose, "image: postgres:17", "image: postgres", "image"},
		{"latest image beside it", compose, "image: postgres:17", "image: postgres:latest", "image"},
		{"restart that is none", compose, "unless-stopped", "sometimes", "restart"},
		{"health that is never known", compose, "    healthcheck:\n", "    x-healthcheck:\n", "depends-on"},
		{"a job that never ends", compose, "    command:", "    restart: always\n    command:", "depends-on"},
		{"order without a condition", compose, "condition: service_healthy", "condition: service_started", "depends-on"},
		{"one port twice", compose, "${POSTGRES_PORT:-5432}", "3000", "ports"},
		{"folder that is not built", compose, "build: .", "build: services/app", "build"},
		{"variable without a default", compose, "${LOG_LEVEL:-info}", "${LOG_LEVEL}", "unset"},
		{"obsolete version", compose, "services:", "version: \"3.8\"\n\nservices:", "version"},
		{"half a truth value", compose, "POSTGRES_DB: app", "POSTGRES_DB: \"app\"\n      POSTGRES_X: no", "yaml-1.1"},
		{"folder that is not mounted", compose, "- postgres:/var", "- ./nowhere:/var", "volumes"},

		{"unknown event", ci, "pull_request:", "pull_requests:", "actionlint-events"},
		{"unknown runner", ci, "ubuntu-latest", "ubuntu-last", "actionlint-runner-label"},
		{"unknown expression", ci, "matrix.node }}\n    runs-on", "matrix.nod }}\n    runs-on", "actionlint-expression"},
		{"token that may write", ci, "permissions:\n  contents: read\n\n", "", "permissions"},
		{"runs pile up", ci, "concurrency:\n  group: ${{ github.workflow }}-${{ github.ref }}\n  cancel-in-progress: true\n\n", "", "concurrency"},
		{"six hours", ci, "    timeout-minutes: 15\n", "", "timeout"},
		{"tag instead of a commit", ci, "actions/checkout@df4cb1c069e1874edd31b4311f1884172cec0e10 # v6.0.3", "actions/checkout@v6", "pin"},
		{"commit without its version", ci, " # v6.0.3", "", "pin"},
		{"token left behind", ci, "        with:\n          persist-credentials: false\n", "", "credentials"},
		{"server that is not reached", ci, "        ports:\n          - 5432:5432\n", "", "service-ports"},
		{"server that is not waited for", ci, "--health-cmd", "--hostname", "service-health"},
		{"broken step", ci, "run: npm ci", "run: if npm ci", "shell"},

		{"unknown ecosystem", bot, "package-ecosystem: github-actions", "package-ecosystem: github-action", "dependabot"},
		{"folder without a manifest", bot, "directory: /", "directory: /api", "dependabot"},
		{"unknown interval", bot, "interval: weekly", "interval: fortnightly", "dependabot"},
		{"unknown key of the bot", bot, "schedule:", "schedules:", "dependabot"},
		{"old version of the bot", bot, "version: 2", "version: 1", "dependabot"},
	}
	bitten := map[string]bool{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found, _, err := prove(lay(t, tt.file, tt.before, tt.after))
			if err != nil {
				t.Fatal(err)
			}
			var checks []string
			for _, f := range found {
				checks = append(checks, f.check)
			}
			if !slices.Contains(checks, tt.want) {
				t.Errorf("%s did not find it: %v", tt.want, found)
			}
			for _, c := range checks {
				if c != tt.want {
					t.Errorf("%s found something too: %v", c, found)
				}
			}
			bitten[tt.want] = true
		})
	}
	for _, name := range checkNames(t) {
		if !bitten[name] {
			t.Errorf("no case for the check %s", name)
		}
	}
}

// checkNames reads the names of the checks from the source, so that a new one
// cannot be forgotten above.
func checkNames(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`(?:add\((?:[^"]*?|"services\.".*?), |finding\{[\w.]+, [^"]*?, )"([a-z][a-z0-9.-]*)"`)
	seen := map[string]bool{}
	var out []string
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllStringSubmatch(string(data), -1) {
			// actionlint names its own rules; the cases above have three of them.
			if !seen[m[1]] && m[1] != "actionlint" && !strings.HasSuffix(m[1], "-") {
				seen[m[1]] = true
				out = append(out, m[1])
			}
		}
	}
	if len(out) < 20 {
		t.Fatalf("found only the checks %v in the source", out)
	}
	return out
}

func TestAnEmptyFolderIsNotClean(t *testing.T) {
	if found, checked, err := prove(t.TempDir()); err != nil || checked != 0 || len(found) != 0 {
		t.Errorf("%d checked, %v, %v", checked, found, err)
	}
	if _, _, err := prove(filepath.Join(t.TempDir(), "nowhere")); err == nil {
		t.Error("a folder that is not there is no error")
	}
}

func TestAFolderMayBeRelative(t *testing.T) {
	t.Chdir(lay(t, "", "", ""))
	if found, _, err := prove("."); err != nil || len(found) > 0 {
		t.Errorf("%v, %v", err, found)
	}
}
