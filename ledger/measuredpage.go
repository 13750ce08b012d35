package ledger

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// The load at which combinations are compared: a busy service, and a crowd.
const (
	busyConnections  = 32
	crowdConnections = 256
)

// Busy is the rate of one kind of request from one process that is kept busy, as
// the tables compare it.
func (m *Measurement) Busy(what string) Rate { return m.at(what, busyConnections, 1) }

// MeasuredPages are docs/measured.md and its charts, by path below docs/.
func MeasuredPages(all []*Measurement) map[string]string {
	pages := map[string]string{}
	var b strings.Builder
	b.WriteString("# What was measured\n\nGenerated from the files under `ledger/measured/`, which `fingerpost verify --all --measure --ledger ledger` writes. ")
	if len(all) == 0 {
		b.WriteString("Nothing yet.\n")
		pages["measured.md"] = b.String()
		return pages
	}
	b.WriteString(`Each service
took turns with a bare hello-world of its framework, so that whatever else the machine did fell on both; three turns of each kind of
request count by their median. The side that measures runs on the same processors. The numbers compare what stands on this page; on
another machine all of them differ.

`)
	fmt.Fprintf(&b, "Measured on %s.\n", strings.Join(machines(all), "; "))
	b.WriteString("\n## What the guide says, and what these services do\n\n| the guide says | here | figures |\n|---|---|---|\n")
	for _, v := range Verdicts(all) {
		fmt.Fprintf(&b, "| %s | **%s** | %s |\n", v.Claim, v.Holds, v.Figures)
	}
	b.WriteString("\nA verdict is evidence about these starters on that machine. It changes no recommendation: what you know and what you build counts more.\n")

	b.WriteString("\n## Requests per second\n\nOne process, " + fmt.Sprint(busyConnections) + " connections. Reading and creating a note go through validation, the database and a JSON line of the log.\n\n")
	b.WriteString("![Notes read per second](measured-read.svg)\n\n")
	b.WriteString("| combination | read | p99 | create | p99 | health, of bare | with logs | all processors: read |\n|---|---|---|---|---|---|---|---|\n")
	for _, m := range all {
		read, create := m.Busy("read"), m.Busy("create")
		fmt.Fprintf(&b, "| `%s` | %.0f | %.1f ms | %.0f | %.1f ms | %.2f | %.2f | %.0f |\n", m.ID,
			read.Service.PerSecond, read.Service.P99, create.Service.PerSecond, create.Service.P99,
			m.Busy("health").Ratio(), m.Busy("health-logged").Ratio(),
			m.at("read", busyConnections, m.Machine.Cores).Service.PerSecond)
	}
	b.WriteString("\n## From one connection to many\n\nReading a note, requests per second and p99.\n\n| combination | 1 | 32 | 256 | faults |\n|---|---|---|---|---|\n")
	for _, m := range all {
		cells, faults := []string{}, 0
		for _, n := range []int{1, busyConnections, crowdConnections} {
			r := m.at("read", n, 1)
			cells = append(cells, fmt.Sprintf("%.0f (%.1f ms)", r.Service.PerSecond, r.Service.P99))
			faults += r.Service.Faults
		}
		fmt.Fprintf(&b, "| `%s` | %s | %d |\n", m.ID, strings.Join(cells, " | "), faults)
	}
	b.WriteString("\n## Memory, start and size\n\n![Memory under load](measured-memory.svg)\n\nMiB and seconds; in brackets the bare hello-world.\n\n| combination | idle | under load | ready in | packages |\n|---|---|---|---|---|\n")
	for _, m := range all {
		fmt.Fprintf(&b, "| `%s` | %.0f (%.0f) | %.0f (%.0f) | %.2f s (%.2f) | %.0f |\n", m.ID,
			m.Idle.Service, m.Idle.Bare, m.Loaded.Service, m.Loaded.Bare, m.Ready.Service, m.Ready.Bare, m.Install)
	}
	pages["measured.md"] = b.String()
	pages["measured-read.svg"] = chart("Notes read per second, one process, 32 connections", all, func(m *Measurement) float64 { return m.Busy("read").Service.PerSecond })
	pages["measured-memory.svg"] = chart("Memory under load, MiB", all, func(m *Measurement) float64 { return m.Loaded.Service })
	return pages
}

// at is Rate, or an empty one.
func (m *Measurement) at(what string, connections, processes int) Rate {
	if r := m.Rate(what, connections, processes); r != nil {
		return *r
	}
	return Rate{}
}

func machines(all []*Measurement) []string {
	var out []string
	for _, m := range all {
		line := fmt.Sprintf("%s with %d processors (%s) and %.0f GiB, on %s", m.Machine.System, m.Machine.Cores, cmp.Or(m.Machine.Processor, "unnamed"), m.Machine.Memory, m.Date)
		if !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

// A Verdict is what the measurements say of one statement of the guide.
type Verdict struct {
	Claim     string
	Statement string // of the guide, by its id in internal/guide/rules.toml
	Holds     string // Holds, HoldsNot or NotMeasured
	Figures   string
}

// What a verdict says.
const (
	Holds       = "holds"
	HoldsNot    = "does not hold"
	NotMeasured = "not measured"
)

// noticeable is a difference of rates that is more than one run against another.
const noticeable = 1.10

// Verdicts weigh the guide's statements about performance.
func Verdicts(all []*Measurement) []Verdict {
	node, python := language(all, "node"), language(all, "python")
	out := []Verdict{
		{Claim: "Node.js generally outperforms Python in raw throughput", Statement: "performance-concurrent"},
		{Claim: "Python is slower for high-concurrency scenarios", Statement: "python-weakness-concurrency"},
		{Claim: "Python uses slightly more memory", Statement: "python-weakness-memory"},
		{Claim: "For most applications the difference is not meaningful", Statement: "performance-no-matter"},
		{Claim: "Both handle tens of thousands of requests per second when properly optimised", Statement: "performance-tens-of-thousands"},
	}
	for i := range out {
		out[i].Holds, out[i].Figures = NotMeasured, "needs services of both languages"
	}
	if len(node) == 0 || len(python) == 0 {
		return out
	}
	set := func(i int, holds bool, format string, args ...any) {
		out[i].Holds, out[i].Figures = HoldsNot, fmt.Sprintf(format, args...)
		if holds {
			out[i].Holds = Holds
		}
	}
	read := func(n int) func(*Measurement) float64 {
		return func(m *Measurement) float64 { return m.at("read", n, 1).Service.PerSecond }
	}
	n, p := middle(node, read(busyConnections)), middle(python, read(busyConnections))
	set(0, n > p*noticeable, "notes read per second, the middle of each language: %.0f in Node.js, %.0f in Python, %.1f times as many", n, p, ratio(n, p))
	n, p = middle(node, read(crowdConnections)), middle(python, read(crowdConnections))
	set(1, n > p*noticeable, "over %d connections: %.0f a second in Node.js, %.0f in Python, %.1f times as many", crowdConnections, n, p, ratio(n, p))
	n, p = middle(node, func(m *Measurement) float64 { return m.Loaded.Service }), middle(python, func(m *Measurement) float64 { return m.Loaded.Service })
	set(2, p > n*noticeable, "under load, the middle of each language: %.0f MiB in Python, %.0f in Node.js, %.1f times as much", p, n, ratio(p, n))
	slowest := least(all, read(busyConnections))
	one := func(m *Measurement) float64 { return m.at("read", 1, 1).Service.P50 }
	n, p = middle(node, one), middle(python, one)
	// A million requests a day are 12 a second; ten times that leaves room for
	// the hour in which most of them come.
	set(3, slowest >= 120, "to one client a note takes %.1f ms in Node.js and %.1f ms in Python; the slowest starter here reads %.0f a second in one process, %.0f million a day", n, p, slowest, slowest*86400/1e6)
	best := func(of []*Measurement) float64 {
		return most(of, func(m *Measurement) float64 {
			return max(m.at("health", busyConnections, m.Machine.Cores).Service.PerSecond, m.at("read", busyConnections, m.Machine.Cores).Service.PerSecond)
		})
	}
	n, p = best(node), best(python)
	set(4, n >= 10000 && p >= 10000, "a process for each processor, the best of each language, the measuring side on the same machine: %.0f in Node.js, %.0f in Python", n, p)
	return out
}

func language(all []*Measurement, name string) []*Measurement {
	var out []*Measurement
	for _, m := range all {
		if m.Services[0].Language == name {
			out = append(out, m)
		}
	}
	return out
}

func values(of []*Measurement, value func(*Measurement) float64) []float64 {
	var v []float64
	for _, m := range of {
		v = append(v, value(m))
	}
	slices.Sort(v)
	return v
}

func middle(of []*Measurement, value func(*Measurement) float64) float64 {
	return values(of, value)[len(of)/2]
}

func least(of []*Measurement, value func(*Measurement) float64) float64 { return values(of, value)[0] }

func most(of []*Measurement, value func(*Measurement) float64) float64 {
	return values(of, value)[len(of)-1]
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// chart draws one bar a combination. The colours keep their contrast on a
// light and on a dark page.
func chart(title string, all []*Measurement, value func(*Measurement) float64) string {
	const row, left, width, right = 22, 330, 360, 70
	top := 40
	height := top + row*len(all) + 12
	largest := math.Max(1, most(all, value))
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s" font-family="sans-serif" font-size="12">`+"\n", left+width+right, height, html.EscapeString(title))
	b.WriteString("  <style>text { fill: #24292f } @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }</style>\n")
	fmt.Fprintf(&b, "  <text x=\"8\" y=\"22\" font-size=\"14\" font-weight=\"bold\">%s</text>\n", html.EscapeString(title))
	for i, m := range all {
		v := value(m)
		y := top + row*i
		colour := "#3c873a"
		if m.Services[0].Language == "python" {
			colour = "#3776ab"
		}
		fmt.Fprintf(&b, "  <text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", left-8, y+14, html.EscapeString(m.short()))
		fmt.Fprintf(&b, "  <rect x=\"%d\" y=\"%d\" width=\"%.0f\" height=\"%d\" fill=\"%s\"/>\n", left, y+2, math.Max(1, v/largest*width), row-6, colour)
		fmt.Fprintf(&b, "  <text x=\"%.0f\" y=\"%d\">%.0f</text>\n", left+v/largest*width+6, y+14, v)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// short names the choices that a measurement depends on.
func (m *Measurement) short() string {
	s := m.Services[0]
	return strings.Join([]string{s.Framework, s.ORM, s.Database}, ", ")
}
