package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/sirupsen/logrus"
	"go.yaml.in/yaml/v3"
)

var (
	variable = regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*)(:?[-?+][^}]*)?\}?`)
	restarts = regexp.MustCompile(`^(?:no|always|unless-stopped|on-failure(?::[0-9]+)?)?$`)
	yaml11   = []string{"yes", "no", "on", "off", "y", "n", "Yes", "No", "On", "Off", "YES", "NO", "ON", "OFF"}
)

// composeFile checks compose.yaml: as Compose loads it, with every setting at its
// default, and then what Compose finds out only when it runs.
func composeFile(dir, path string, data []byte) []finding {
	var found []finding
	lines := linesOf(data)
	add := func(key, check, format string, args ...any) {
		found = append(found, finding{path, lines[key], check, fmt.Sprintf(format, args...)})
	}
	found = append(found, composeText(path, data)...)

	logrus.SetLevel(logrus.ErrorLevel)
	opts, err := cli.NewProjectOptions([]string{filepath.Join(dir, path)},
		cli.WithWorkingDirectory(dir), cli.WithName("prove"), cli.WithDiscardEnvFile, cli.WithConsistency(true),
		cli.WithLoadOptions(func(o *loader.Options) { o.SkipResolveEnvironment = true }))
	if err != nil {
		return append(found, finding{path, 0, "compose", err.Error()})
	}
	project, err := opts.LoadProject(context.Background())
	if err != nil {
		return append(found, finding{path, 0, "compose", err.Error()})
	}

	published := map[string]string{}
	for _, name := range project.ServiceNames() {
		s := project.Services[name]
		if s.Build == nil && !plainImage.MatchString(s.Image) {
			add("services."+name+".image", "image", "image %q of %s is not a name in small letters with a tag", s.Image, name)
		}
		if strings.ToLower(s.Image) != s.Image {
			add("services."+name+".image", "image", "image %q of %s has capital letters", s.Image, name)
		}
		if strings.HasSuffix(s.Image, ":latest") {
			add("services."+name+".image", "image", "image %q is another one every week; name a version", s.Image)
		}
		if !restarts.MatchString(s.Restart) {
			add("services."+name+".restart", "restart", "restart: %s is none of no, always, unless-stopped and on-failure", s.Restart)
		}
		if s.Build != nil {
			file := filepath.Join(s.Build.Context, s.Build.Dockerfile)
			if rel, err := filepath.Rel(dir, file); err != nil || !exists(dir, rel) {
				add("services."+name+".build", "build", "%s is built from %s, which is not there", name, strings.TrimPrefix(file, dir+"/"))
			}
		}
		for _, p := range s.Ports {
			if p.Published == "" {
				continue
			}
			at := p.HostIP + ":" + p.Published
			if other := published[at]; other != "" {
				add("services."+name+".ports", "ports", "%s and %s both publish port %s", other, name, p.Published)
			}
			published[at] = name
		}
		for _, other := range slices.Sorted(maps.Keys(s.DependsOn)) {
			of := project.Services[other]
			switch s.DependsOn[other].Condition {
			case types.ServiceConditionHealthy:
				if of.HealthCheck == nil && of.Build == nil {
					add("services."+name+".depends_on", "depends-on", "%s waits until %s is healthy, which has no health check", name, other)
				}
			case types.ServiceConditionCompletedSuccessfully:
				if of.Restart != "" && of.Restart != types.RestartPolicyNo {
					add("services."+other+".restart", "depends-on", "%s waits until %s ends, which is started again each time", name, other)
				}
			default:
				add("services."+name+".depends_on", "depends-on", "%s does not wait until %s can be used; give a condition", name, other)
			}
		}
		for _, v := range s.Volumes {
			if v.Type == types.VolumeTypeBind && !exists("", v.Source) {
				add("services."+name+".volumes", "volumes", "%s mounts %s, which is not there", name, v.Source)
			}
		}
	}
	return found
}

// composeText checks what is gone once Compose has read the file.
func composeText(path string, data []byte) []finding {
	var found []finding
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil || len(doc.Content) == 0 {
		return nil // composeFile reports it
	}
	root := doc.Content[0]
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "version" {
			found = append(found, finding{path, root.Content[i].Line, "version", "version: is obsolete; Compose warns each time"})
		}
	}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode {
			if n.Style == 0 && slices.Contains(yaml11, n.Value) {
				found = append(found, finding{path, n.Line, "yaml-1.1", n.Value + " is true or false to half of all YAML readers; quote it"})
			}
			for _, m := range variable.FindAllStringSubmatch(strings.ReplaceAll(n.Value, "$$", ""), -1) {
				if m[2] == "" {
					found = append(found, finding{path, n.Line, "unset", "$" + m[1] + " has no default, so a fresh checkout gets nothing and a warning"})
				}
			}
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(root)
	return found
}

// linesOf gives the line of each key by its dotted path.
func linesOf(data []byte) map[string]int {
	out := map[string]int{}
	var doc yaml.Node
	if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 {
		return out
	}
	var walk func(prefix string, n *yaml.Node)
	walk = func(prefix string, n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := prefix + n.Content[i].Value
			out[key] = n.Content[i].Line
			walk(key+".", n.Content[i+1])
		}
	}
	walk("", doc.Content[0])
	return out
}
