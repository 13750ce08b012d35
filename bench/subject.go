//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/fingerpost/fingerpost/internal/gitrepo"
	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/render"
	"github.com/fingerpost/fingerpost/internal/tree"
	"github.com/fingerpost/fingerpost/templates"
)

// identity gives the run a git configuration of its own, and nobody else's.
func identity(dir string) error {
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o755); err != nil {
		return err
	}
	for k, v := range map[string]string{"HOME": home, "XDG_CONFIG_HOME": "", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CEILING_DIRECTORIES": dir} {
		if err := os.Setenv(k, v); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(home, ".gitconfig"), []byte("[user]\n\tname = Bench\n\temail = bench@example.com\n"), 0o644)
}

// A subject is the project that is made again and again.
type subject struct {
	dir, binary, original string
	id                    string
	catalog               *layer.Catalog
	menu                  guide.Menu
	answers               guide.Answers
	decision              *guide.Decision
	tree                  *tree.Tree
	n                     int
}

func newSubject(dir string) (*subject, error) {
	s := &subject{dir: dir, binary: filepath.Join(dir, "fingerpost"), original: filepath.Join(dir, "original")}
	// Building needs the caches of the person, who is elsewhere now.
	build := exec.Command("go", "build", "-o", s.binary, "github.com/fingerpost/fingerpost/cmd/fingerpost")
	build.Env = realEnv
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	if _, err := s.load(); err != nil {
		return nil, err
	}
	s.answers = guide.Answers{Name: "shop", Language: "node", Framework: "fastify", ORM: "typeorm", Database: "sqlite", PM: "npm"}
	if _, err := s.decide(); err != nil {
		return nil, err
	}
	p, err := plan.Build(s.catalog, s.answers, s.decision, "bench")
	if err != nil {
		return nil, err
	}
	t, rec, err := render.Render(p)
	if err != nil {
		return nil, err
	}
	s.tree, s.id = t, rec.ID
	return s, t.Write(s.original, tree.WriteOptions{})
}

var realEnv = os.Environ()

// A cost is what something took: time on the clock, and on the processors.
type cost struct{ wall, cpu time.Duration }

func timed(f func() error) (cost, error) {
	cpu, start := cpuTime(), time.Now()
	err := f()
	return cost{time.Since(start), cpuTime() - cpu}, err
}

// cpuTime is the processor time of this process and of those that it waited for.
func cpuTime() time.Duration {
	var sum int64
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			sum += u.Utime.Nano() + u.Stime.Nano()
		}
	}
	return time.Duration(sum)
}

// fresh is the path of a project that is not there yet.
func (s *subject) fresh() string {
	s.n++
	return filepath.Join(s.dir, fmt.Sprint("p", s.n), "shop")
}

// onFresh times f on a new path whose parent is there, and clears up after it.
func (s *subject) onFresh(f func(path string) error) (cost, error) {
	path := s.fresh()
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		return cost{}, err
	}
	defer os.RemoveAll(filepath.Dir(path))
	return timed(func() error { return f(path) })
}

func (s *subject) load() (cost, error) {
	return timed(func() (err error) {
		s.catalog, err = layer.LoadChecked(templates.FS, "builtin")
		if err == nil {
			s.menu = guide.GuideMenu().With(plan.MenuOf(s.catalog))
		}
		return err
	})
}

func (s *subject) decide() (cost, error) {
	return timed(func() (err error) {
		s.decision, err = guide.Decide(s.answers, s.menu)
		return err
	})
}

func (s *subject) render() (cost, error) {
	return timed(func() error {
		p, err := plan.Build(s.catalog, s.answers, s.decision, "bench")
		if err == nil {
			_, _, err = render.Render(p)
		}
		return err
	})
}

func (s *subject) write() (cost, error) {
	return s.onFresh(func(path string) error { return s.tree.Write(path, tree.WriteOptions{}) })
}

func (s *subject) copy() (cost, error) {
	return s.onFresh(func(path string) error { return command("", "cp", "-r", s.original, path) })
}

func (s *subject) commit() (cost, error) {
	path := s.fresh()
	defer os.RemoveAll(filepath.Dir(path))
	if err := s.tree.Write(path, tree.WriteOptions{}); err != nil {
		return cost{}, err
	}
	return timed(func() error {
		_, err := gitrepo.Commit(path, s.tree.Files(), "Start shop")
		return err
	})
}

func (s *subject) git() (cost, error) {
	path := s.fresh()
	defer os.RemoveAll(filepath.Dir(path))
	if err := s.tree.Write(path, tree.WriteOptions{}); err != nil {
		return cost{}, err
	}
	return timed(func() error { return gitCommands(path) })
}

func (s *subject) copyAndGit() (cost, error) {
	return s.onFresh(func(path string) error {
		if err := command("", "cp", "-r", s.original, path); err != nil {
			return err
		}
		return gitCommands(path)
	})
}

func gitCommands(dir string) error {
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"commit", "-q", "-m", "Start shop"}} {
		if err := command(dir, "git", args...); err != nil {
			return err
		}
	}
	return nil
}

func command(dir, name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

// newArgs is the whole command, with every choice given.
func newArgs(path string) []string {
	return []string{"new", path, "--yes", "--no-install", "--language", "node", "--framework", "fastify", "--orm", "typeorm", "--database", "sqlite", "--pm", "npm"}
}

func (s *subject) whole() (cost, error) {
	return s.onFresh(func(path string) error { return command("", s.binary, newArgs(path)...) })
}

func (s *subject) version() (cost, error) {
	return timed(func() error { return command("", s.binary, "version") })
}

// memory is the largest resident set of a whole run, in bytes.
func (s *subject) memory() (int64, error) {
	var most int64
	for range 5 {
		_, err := s.onFresh(func(path string) error {
			c := exec.Command(s.binary, newArgs(path)...)
			if out, err := c.CombinedOutput(); err != nil {
				return fmt.Errorf("%w\n%s", err, out)
			}
			rss := c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
			if runtime.GOOS == "linux" {
				rss *= 1024 // kibibytes there, bytes elsewhere
			}
			most = max(most, rss)
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return most, nil
}

// services are the numbers of services for which growth is measured.
var services = []int{1, 2, 4, 8}

// growth is the processor time of plan, render and write of projects with more and more services.
func (s *subject) growth(rounds int) ([]time.Duration, error) {
	times := make([][]time.Duration, len(services))
	for range rounds {
		for i, n := range services {
			d := *s.decision
			one := d.Recommendation.Services[0]
			d.Recommendation.Services = nil
			for k := range n {
				one.Name = fmt.Sprint("s", k+1)
				d.Recommendation.Services = append(d.Recommendation.Services, one)
			}
			if n > 1 {
				d.Recommendation.Shape = "split"
			}
			t, err := s.onFresh(func(path string) error {
				p, err := plan.Build(s.catalog, s.answers, &d, "bench")
				if err != nil {
					return err
				}
				tr, _, err := render.Render(p)
				if err != nil {
					return err
				}
				return tr.Write(path, tree.WriteOptions{})
			})
			if err != nil {
				return nil, fmt.Errorf("%d services: %w", n, err)
			}
			times[i] = append(times[i], t.cpu)
		}
	}
	out := make([]time.Duration, len(services))
	for i := range times {
		out[i] = median(times[i])
	}
	return out, nil
}
