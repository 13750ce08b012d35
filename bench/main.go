//go:build unix

// Command bench measures what making a project costs, in one table:
//
//	go run ./bench            # -rounds N, -dir FOLDER, -check
//
// Beside each row stands what the same work costs with cp -r and git, taken in
// turns with it in the same run: machines differ and are busy, ratios much less.
// Processor time is the second judge: it hardly changes when others use the machine.
// Everything happens in a folder on tmpfs, so that no disk is measured.
// It does not measure installing packages, nor a project's own speed.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/fingerpost/fingerpost/internal/gitrepo"
	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/render"
	"github.com/fingerpost/fingerpost/internal/tree"
	"github.com/fingerpost/fingerpost/templates"
)

// The aims: what a change must not lose.
const (
	aimWhole   = 0.5                   // whole new --no-install, as a part of cp -r and git
	aimStart   = 20 * time.Millisecond // fingerpost version
	aimMemory  = 40 << 20              // bytes, peak, of new
	aimService = 1.3                   // each further service, as a part of the first
)

func main() {
	rounds := flag.Int("rounds", 40, "how often each row is measured")
	dir := flag.String("dir", tmpfs(), "work below this `FOLDER`")
	check := flag.Bool("check", false, "fail when an aim is missed")
	flag.Parse()
	missed, err := bench(*dir, *rounds)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	if *check && missed > 0 {
		fmt.Fprintf(os.Stderr, "bench: %d aims missed\n", missed)
		os.Exit(1)
	}
}

// tmpfs is a folder in memory, where the system has one.
func tmpfs() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return os.TempDir()
}

func bench(base string, rounds int) (missed int, err error) {
	dir, err := os.MkdirTemp(base, "fingerpost-bench-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if err := identity(dir); err != nil {
		return 0, err
	}
	s, err := newSubject(dir)
	if err != nil {
		return 0, err
	}
	fmt.Printf("%s: %d files, %.0f KiB; %d rounds in turns; %s, %d CPUs; %s\n\n",
		s.id, s.tree.Len(), float64(s.tree.Size())/1024, rounds, runtime.Version(), runtime.NumCPU(), gitVersion())

	rows := []*row{
		{name: "load the layers and the rules", ours: s.load},
		{name: "decide", ours: s.decide},
		{name: "plan and render in memory", ours: s.render},
		{name: "write", ours: s.write, reference: s.copy, what: "cp -r"},
		{name: "commit", ours: s.commit, reference: s.git, what: "git init, add, commit"},
		{name: "whole new --no-install", ours: s.whole, reference: s.copyAndGit, what: "cp -r, git init, add, commit", aim: aimWhole},
		{name: "start of the binary", ours: s.version, limit: aimStart},
	}
	for range rounds {
		for _, r := range rows {
			if err := r.round(); err != nil {
				return 0, fmt.Errorf("%s: %w", r.name, err)
			}
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "step\tmedian\tfastest\tcpu\treference\tmedian\tcpu\tratio\tcpu ratio\taim\t")
	for _, r := range rows {
		missed += r.print(w)
	}
	memory, err := s.memory()
	if err != nil {
		return 0, err
	}
	verdict, bad := judge(memory <= aimMemory)
	missed += bad
	fmt.Fprintf(w, "peak memory of new\t%.1f MiB\t\t\t\t\t\t\t\t%d MiB %s\t\n", float64(memory)/(1<<20), aimMemory>>20, verdict)
	growth, err := s.growth(rounds)
	if err != nil {
		return 0, err
	}
	first := growth[0]
	last := len(growth) - 1
	each := float64(growth[last]-first) / float64(services[last]-1) / float64(first)
	verdict, bad = judge(each <= aimService)
	missed += bad
	var times []string
	for i, g := range growth {
		times = append(times, fmt.Sprintf("%d: %s", services[i], short(g)))
	}
	fmt.Fprintf(w, "plan, render, write by services, cpu\t%s\t\t\t\t\t\t%.2f\t\t%.1f %s\t\n", strings.Join(times, ", "), each, aimService, verdict)
	return missed, w.Flush()
}

// A row is one line of the table.
type row struct {
	name      string
	ours      func() (cost, error)
	reference func() (cost, error)
	what      string  // what the reference is
	aim       float64 // largest ratio of the medians; 0: none
	limit     time.Duration
	a, b      []time.Duration
	cpuA      []time.Duration
	cpuB      []time.Duration
}

func (r *row) round() error {
	measure := func(f func() (cost, error), wall, cpu *[]time.Duration) error {
		c, err := f()
		*wall, *cpu = append(*wall, c.wall), append(*cpu, c.cpu)
		return err
	}
	if err := measure(r.ours, &r.a, &r.cpuA); err != nil || r.reference == nil {
		return err
	}
	return measure(r.reference, &r.b, &r.cpuB)
}

func (r *row) print(w *tabwriter.Writer) (missed int) {
	m := median(r.a)
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t", r.name, short(m), short(slices.Min(r.a)), short(median(r.cpuA)))
	aim := ""
	switch {
	case r.reference != nil:
		ratio := float64(m) / float64(median(r.b))
		if r.aim > 0 {
			aim, missed = judge(ratio <= r.aim)
			aim = fmt.Sprintf("%.1f %s", r.aim, aim)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%.2f\t%.2f\t%s\t\n", r.what, short(median(r.b)), short(median(r.cpuB)), ratio, float64(median(r.cpuA))/float64(median(r.cpuB)), aim)
		return missed
	case r.limit > 0:
		aim, missed = judge(m <= r.limit)
		aim = fmt.Sprintf("%s %s", short(r.limit), aim)
	}
	fmt.Fprintf(w, "\t\t\t\t\t%s\t\n", aim)
	return missed
}

func judge(met bool) (string, int) {
	if met {
		return "met", 0
	}
	return "MISSED", 1
}

func median(d []time.Duration) time.Duration {
	d = slices.Clone(d)
	slices.Sort(d)
	return d[len(d)/2]
}

func short(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
}

func gitVersion() string {
	out, err := exec.Command("git", "--version").Output()
	if err != nil {
		return "no git"
	}
	return strings.TrimSpace(string(out))
}

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
		s.catalog, err = layer.Load(templates.FS, "builtin")
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
