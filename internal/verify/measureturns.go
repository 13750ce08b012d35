package verify

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fingerpost/fingerpost/internal/run"
	"github.com/fingerpost/fingerpost/internal/verify/load"
	"github.com/fingerpost/fingerpost/ledger"
)

// ready measures the time from start to the first right answer, in turns.
func (m *measuring) ready(ctx context.Context) error {
	var service, bare []float64
	for range starts {
		r, took, err := m.start(ctx, m.svc, "info", "/readyz")
		if err != nil {
			return err
		}
		service = append(service, took.Seconds())
		m.stop(r)
		if r, took, err = m.start(ctx, m.bareSvc, "info", bareRoute); err != nil {
			return err
		}
		bare = append(bare, took.Seconds())
		m.stop(r)
	}
	m.out.Ready = ledger.Pair{Service: round(median(service), 3), Bare: round(median(bare), 3)}
	return nil
}

// load measures all kinds of requests, round by round.
func (m *measuring) load(ctx context.Context) error {
	bare, _, err := m.start(ctx, m.bareSvc, "info", bareRoute)
	if err != nil {
		return err
	}
	// One copy for each level of logging; an idle one costs nothing.
	copies := map[string]*running{}
	for _, level := range []string{"info", "error", "debug"} {
		if copies[level], _, err = m.start(ctx, m.svc, level, "/readyz"); err != nil {
			return err
		}
	}
	path, err := firstNote(copies["info"].addr)
	if err != nil {
		return err
	}
	kinds := m.kinds(path)
	time.Sleep(time.Second)
	m.out.Idle = ledger.Pair{Service: memory(copies["info"].proc.Pid()), Bare: memory(bare.proc.Pid())}
	type cell struct {
		what        string
		connections int
	}
	turns := map[cell][]load.Result{}
	turn := func(r *running, what string, n int, request load.Request, status int) error {
		res, err := load.Run(ctx, load.Job{Addrs: []string{r.addr}, Connections: n, For: m.slice, Request: request, Status: status})
		turns[cell{what, n}] = append(turns[cell{what, n}], res)
		return err
	}
	for range rounds {
		for _, n := range connections {
			if err := turn(bare, "bare", n, load.Request{Method: "GET", Path: bareRoute}, 200); err != nil {
				return err
			}
			for _, k := range kinds {
				if err := turn(copies[k.level], k.what, n, k.request, k.status); err != nil {
					return err
				}
			}
		}
	}
	m.out.Loaded = ledger.Pair{Service: memory(copies["info"].proc.Pid()), Bare: memory(bare.proc.Pid())}
	for _, k := range kinds {
		for _, n := range connections {
			speed := speedOf(turns[cell{"bare", n}])
			m.out.Rates = append(m.out.Rates, ledger.Rate{What: k.what, Connections: n, Processes: 1, Service: speedOf(turns[cell{k.what, n}]), Bare: &speed})
		}
	}
	m.stopAll()
	return nil
}

// kinds are the measured requests; path is a note's.
func (m *measuring) kinds(path string) []kind {
	return []kind{
		{"health", "error", load.Request{Method: "GET", Path: "/healthz"}, 200},
		{"health-logged", "debug", load.Request{Method: "GET", Path: "/healthz"}, 200},
		{"read", "info", load.Request{Method: "GET", Path: path}, 200},
		{"create", "info", load.Request{Method: "POST", Path: "/api/notes", Body: `{"title":"A note","body":"of a few words"}`}, 201},
	}
}

// firstNote creates a note and gives its path.
func firstNote(addr string) (string, error) {
	resp, err := http.Post("http://"+addr+"/api/notes", "application/json", strings.NewReader(`{"title":"A note","body":"of a few words"}`))
	if err != nil {
		return "", err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("creating a note: status %d", resp.StatusCode)
	}
	return resp.Header.Get("Location"), nil
}

// processes measures as many copies as the machine has cores: what a production
// run behind a balancer would have.
func (m *measuring) processes(ctx context.Context) error {
	n := runtime.NumCPU()
	var addrs []string
	for range n {
		r, _, err := m.start(ctx, m.svc, "info", "/readyz")
		if err != nil {
			return err
		}
		addrs = append(addrs, r.addr)
	}
	path, err := firstNote(addrs[0])
	if err != nil {
		return err
	}
	turns := map[string][]load.Result{}
	for range rounds {
		for _, k := range m.kinds(path) {
			if k.level != "info" && k.what != "health" {
				continue
			}
			res, err := load.Run(ctx, load.Job{Addrs: addrs, Connections: busy, For: m.slice, Request: k.request, Status: k.status})
			if err != nil {
				return err
			}
			turns[k.what] = append(turns[k.what], res)
		}
	}
	for _, what := range []string{"health", "read", "create"} {
		m.out.Rates = append(m.out.Rates, ledger.Rate{What: what, Connections: busy, Processes: n, Service: speedOf(turns[what])})
	}
	m.stopAll()
	return nil
}

// size measures the packages that production needs, installed as production
// does.
func (m *measuring) size(ctx context.Context) error {
	if m.svc.Manager.Modules == "" { // installs into no folder of the project's
		return nil
	}
	modules := filepath.Join(m.project.ServiceDir(m.svc), filepath.FromSlash(m.svc.Manager.Modules))
	if err := os.RemoveAll(modules); err != nil {
		return err
	}
	var out tailBuffer
	if err := m.project.Install(ctx, m.svc, run.InstallProd, &out); err != nil {
		return fmt.Errorf("%w: %s", err, lastLines(out.String(), 6))
	}
	total := int64(0)
	err := filepath.WalkDir(modules, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	m.out.Install = round(float64(total)/(1<<20), 1)
	return err
}

// speedOf is the median of the turns, by rate.
func speedOf(turns []load.Result) ledger.Speed {
	var s ledger.Speed
	var rate, p50, p99 []float64
	for _, r := range turns {
		rate = append(rate, r.PerSecond())
		p50 = append(p50, r.P50.Seconds()*1000)
		p99 = append(p99, r.P99.Seconds()*1000)
		s.Faults += r.Faults
	}
	s.PerSecond, s.P50, s.P99 = round(median(rate), 0), round(median(p50), 2), round(median(p99), 2)
	return s
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	v := slices.Sorted(slices.Values(values))
	return v[len(v)/2]
}

func round(v float64, digits int) float64 {
	s := strconv.FormatFloat(v, 'f', digits, 64)
	out, _ := strconv.ParseFloat(s, 64)
	return out
}
