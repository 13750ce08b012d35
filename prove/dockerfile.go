package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// anyImage says of every image that it exists and holds nothing, so that a
// Dockerfile can be compiled without a registry.
type anyImage struct{}

func (anyImage) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	return ref, "", []byte(`{"architecture":"amd64","os":"linux","config":{}}`), nil
}

var (
	plainImage = regexp.MustCompile(`^[a-z0-9]+(?:[._/-][a-z0-9]+)*:[A-Za-z0-9._-]+$`)
	numeric    = regexp.MustCompile(`^[1-9][0-9]*(?::[1-9][0-9]*)?$`)
	directive  = regexp.MustCompile(`(?im)^#\s*syntax\s*=`)
)

// dockerfile checks one Dockerfile and the .dockerignore beside it.
func dockerfile(dir, path string, data []byte) []finding {
	var found []finding
	add := func(line int, check, text string) { found = append(found, finding{path, line, check, text}) }

	source := llb.NewSourceMap(nil, path, "Dockerfile", data)
	source.Definition = &llb.Definition{}
	opt := dockerfile2llb.ConvertOpt{
		MetaResolver:   anyImage{},
		TargetPlatform: &ocispecs.Platform{OS: "linux", Architecture: "amd64"},
		SourceMap:      source,
		Config:         dockerui.Config{},
	}
	lint, err := dockerfile2llb.DockerfileLint(context.Background(), data, opt)
	if err != nil {
		add(0, "buildkit", err.Error())
		return found
	}
	for _, w := range lint.Warnings {
		line := 0
		if w.Location != nil && len(w.Location.Ranges) > 0 {
			line = int(w.Location.Ranges[0].Start.Line)
		}
		add(line, "buildkit-"+w.RuleName, w.Detail)
	}
	if lint.Error != nil {
		line := 0
		if len(lint.Error.Location.Ranges) > 0 {
			line = int(lint.Error.Location.Ranges[0].Start.Line)
		}
		add(line, "buildkit", lint.Error.Message)
		return found
	}
	if _, err := dockerfile2llb.Dockerfile2LLB(context.Background(), data, opt); err != nil {
		add(0, "buildkit", err.Error())
		return found
	}

	if directive.Match(data) {
		add(1, "syntax-line", "a # syntax= line makes every build fetch a front end first")
	}
	ast, err := parser.Parse(bytes.NewReader(data))
	if err != nil {
		add(0, "buildkit", err.Error())
		return found
	}
	stages, _, err := instructions.Parse(ast.AST, nil)
	if err != nil {
		add(0, "buildkit", err.Error())
		return found
	}
	context := filepath.Join(dir, filepath.Dir(filepath.FromSlash(path)))
	ignored := ignores(context, path, &found)
	var names []string
	for _, stage := range stages {
		line := stage.Location[0].Start.Line
		if !slices.Contains(names, stage.BaseName) && !plainImage.MatchString(stage.BaseName) {
			add(line, "from", "base image "+stage.BaseName+" is not a plain name with a tag")
		}
		if strings.HasSuffix(stage.BaseName, ":latest") {
			add(line, "from", "base image "+stage.BaseName+" is another one every week; name a version")
		}
		for _, c := range stage.Commands {
			at := c.Location()[0].Start.Line
			switch c := c.(type) {
			case *instructions.RunCommand:
				if c.PrependShell {
					found = append(found, script(path, at, strings.Join(c.CmdLine, " "), true)...)
				}
				for _, m := range instructions.GetMounts(c) {
					if m.From != "" && !slices.Contains(names, m.From) {
						add(at, "mount-from", "--mount from "+m.From+", which is no stage above")
					}
				}
			case *instructions.CopyCommand:
				if c.From != "" && !slices.Contains(names, c.From) {
					add(at, "copy-from", "COPY --from="+c.From+", which is no stage above")
				}
				if c.From == "" {
					sources(context, ignored, c.SourcePaths, func(text string) { add(at, "copy", text) })
				}
			case *instructions.AddCommand:
				add(at, "add", "ADD unpacks and downloads; COPY says what it does")
			}
		}
		names = append(names, stage.Name)
	}
	final(stages[len(stages)-1], add)
	return found
}

// final checks what the image is when it runs: the last stage. A command in a
// shell, which would swallow SIGTERM, is BuildKit's to find.
func final(stage instructions.Stage, add func(int, string, string)) {
	first := stage.Location[0].Start.Line
	user, health, cmd, entry := "", false, false, false
	for _, c := range stage.Commands {
		at := c.Location()[0].Start.Line
		switch c := c.(type) {
		case *instructions.UserCommand:
			user = c.User
			if !numeric.MatchString(user) {
				add(at, "user", "USER "+user+" is not a number above 0; Kubernetes cannot tell that it is not root")
			}
		case *instructions.HealthCheckCommand:
			health = len(c.Health.Test) > 1 && c.Health.Test[0] == "CMD"
			if !health {
				add(at, "healthcheck", "HEALTHCHECK needs a shell; write it as a list")
			} else if bin := filepath.Base(c.Health.Test[1]); bin == "curl" || bin == "wget" {
				add(at, "healthcheck", "HEALTHCHECK runs "+bin+", which slim images do not have")
			}
		case *instructions.CmdCommand:
			cmd = true
			if !c.PrependShell && len(c.CmdLine) > 0 && slices.Contains([]string{"npm", "npx", "yarn", "pnpm", "uv", "poetry", "sh", "bash"}, c.CmdLine[0]) {
				add(at, "cmd", "CMD runs "+c.CmdLine[0]+", which stands between SIGTERM and the service")
			}
		case *instructions.EntrypointCommand:
			entry = true
		}
	}
	if user == "" {
		add(first, "user", "the image runs as root: no USER in its last stage")
	}
	if !health {
		add(first, "healthcheck", "no HEALTHCHECK in the last stage")
	}
	if !cmd && !entry {
		add(first, "cmd", "no CMD in the last stage")
	}
}

// ignores reads .dockerignore and checks that what must not get into an image
// is in it.
func ignores(context, path string, found *[]finding) *patternmatcher.PatternMatcher {
	file := filepath.ToSlash(filepath.Join(filepath.Dir(path), ".dockerignore"))
	data, err := os.ReadFile(filepath.Join(context, ".dockerignore"))
	if err != nil {
		*found = append(*found, finding{file, 0, "dockerignore", "no .dockerignore beside the Dockerfile"})
		return nil
	}
	patterns, err := ignorefile.ReadAll(bytes.NewReader(data))
	if err != nil {
		*found = append(*found, finding{file, 0, "dockerignore", err.Error()})
		return nil
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		*found = append(*found, finding{file, 0, "dockerignore", err.Error()})
		return nil
	}
	must := []string{".env", ".git"}
	if exists(context, "package.json") {
		must = append(must, "node_modules")
	}
	if exists(context, "pyproject.toml") {
		must = append(must, ".venv")
	}
	for _, name := range must {
		if hit, err := matcher.MatchesOrParentMatches(name); err != nil || !hit {
			*found = append(*found, finding{file, 0, "dockerignore", name + " gets into the image"})
		}
	}
	return matcher
}

// sources checks that what is copied is there and not ignored. A lock file may
// be missing: a project that was made without installing has none yet.
func sources(context string, ignored *patternmatcher.PatternMatcher, paths []string, add func(string)) {
	for _, p := range paths {
		if strings.ContainsAny(p, "*?[$") {
			continue
		}
		if ignored != nil && p != "." {
			if hit, err := ignored.MatchesOrParentMatches(filepath.Clean(p)); err == nil && hit {
				add("COPY " + p + ", which .dockerignore leaves out")
				continue
			}
		}
		if !exists(context, p) && !slices.Contains(locks, filepath.Base(p)) {
			add("COPY " + p + ", which is not there")
		}
	}
}

// locks are the lock files of the package managers.
var locks = []string{"package-lock.json", "pnpm-lock.yaml", "yarn.lock", "uv.lock", "poetry.lock", "requirements.txt", "requirements-dev.txt"}

func exists(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
	return err == nil
}
