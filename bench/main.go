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
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
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
