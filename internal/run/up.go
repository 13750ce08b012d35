package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
)

// The settings that every service has by its contract.
const (
	hostSetting = "HOST"
	portSetting = "PORT"
	readyPath   = "/readyz"
	docsPath    = "/docs"
)

// UpOptions are the choices of Up. Nil functions are left out.
type UpOptions struct {
	Port    int           // of the first service; 0: its own, or the next free one
	Timeout time.Duration // until a service has to be ready; 0: one minute
	// Step runs a long step under a title; what f writes is its output.
	Step func(title string, f func(w io.Writer) error) error
	Say  func(line string) // news between steps
	// Output are the streams of a service that runs.
	Output func(svc *record.Service) (stdout, stderr io.Writer)
	// Backing are the choices for databases.
	Backing BackingOptions
}

// A Running is a service that was started.
type Running struct {
	Service *record.Service
	Process *Process
	URL     string // as http://localhost:3000
	Docs    string // of its page for people
}

// An Up is a project that runs.
type Up struct {
	Services []Running
	backings *Backings
	once     sync.Once
	err      error
}

// Up installs what is missing, starts the databases, migrates, starts every
// service for development and waits until each is ready. What was started when
// it fails is stopped again.
func (p *Project) Up(ctx context.Context, o UpOptions) (*Up, error) {
	o.fill()
	u := &Up{}
	if err := p.up(ctx, &o, u); err != nil {
		return nil, errors.Join(err, u.Stop())
	}
	return u, nil
}

func (o *UpOptions) fill() {
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	if o.Step == nil {
		o.Step = func(_ string, f func(io.Writer) error) error { return f(io.Discard) }
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	if o.Output == nil {
		o.Output = func(*record.Service) (io.Writer, io.Writer) { return io.Discard, io.Discard }
	}
}

func (p *Project) up(ctx context.Context, o *UpOptions, u *Up) error {
	if _, err := p.StandIn(ctx, o.Say); err != nil {
		return err
	}
	for svc := range p.services {
		made, err := p.MakeEnv(svc)
		if err != nil {
			return err
		}
		if made {
			o.Say(p.named(svc, "made .env from .env.example"))
		}
		if !p.NeedsInstall(svc) {
			continue
		}
		err = o.Step(p.named(svc, "install packages"), func(w io.Writer) error {
			_, err := p.EnsureInstalled(ctx, svc, w)
			return err
		})
		if err != nil {
			return err
		}
	}
	ports, err := p.ports(o)
	if err != nil {
		return err
	}
	if u.backings, err = p.StartBackings(ctx, o.Backing, o.Say); err != nil {
		return err
	}
	env := map[string]map[string]string{}
	for svc := range p.services {
		env[svc.Name] = p.moved(svc, ports)
		maps.Copy(env[svc.Name], u.backings.Env[svc.Name])
	}
	for svc := range p.services {
		for _, phase := range []string{"generate", "build", "train", "migrate"} {
			if len(svc.Tasks[phase]) == 0 {
				continue
			}
			err := o.Step(p.named(svc, phase), func(w io.Writer) error { return p.Task(ctx, svc, phase, env[svc.Name], w) })
			if err != nil {
				return err
			}
		}
	}
	// All are started before any is waited for: none needs another one to get ready.
	for svc := range p.services {
		if err := p.startService(ctx, o, u, svc, env[svc.Name], ports[svc.Name]); err != nil {
			return err
		}
	}
	for _, r := range u.Services {
		if err := p.waitReady(ctx, o, u, r); err != nil {
			return err
		}
	}
	return nil
}

// devPhase is the phase that serves in development.
func devPhase(svc *record.Service) string {
	if len(svc.Tasks["dev"]) == 0 {
		return "start"
	}
	return "dev"
}

func (p *Project) startService(ctx context.Context, o *UpOptions, u *Up, svc *record.Service, env map[string]string, port int) error {
	phase := devPhase(svc)
	stdout, stderr := o.Output(svc)
	o.Say(p.named(svc, "starting: "+record.Line(p.shown(svc, phase))))
	proc, err := p.Start(ctx, svc, phase, env, stdout, stderr)
	if err != nil {
		return err
	}
	host := "localhost"
	if h, _ := p.Setting(svc, hostSetting); h != "" && h != "127.0.0.1" && h != "0.0.0.0" && h != "::" && h != "localhost" {
		host = h
	}
	r := Running{Service: svc, Process: proc, URL: (&url.URL{Scheme: "http", Host: joinPort(host, port)}).String()}
	r.Docs = r.URL + docsPath
	u.Services = append(u.Services, r)
	return nil
}

// waitReady waits until a service is ready. When another one ends meanwhile, it
// is that one which has failed.
func (p *Project) waitReady(ctx context.Context, o *UpOptions, u *Up, r Running) error {
	timeout := o.Timeout
	if len(r.Service.Tasks["train"]) > 0 {
		timeout *= 3 // it loads what that has made
	}
	ready, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	failed := r
	others := make(chan Running, len(u.Services))
	for _, other := range u.Services {
		if other.Service == r.Service {
			continue
		}
		go func() {
			select {
			case <-other.Process.Done():
				others <- other
				cancel()
			case <-ready.Done():
			}
		}()
	}
	err := WaitReady(ready, r.URL+readyPath, r.Process)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case failed = <-others:
		if code, waited := failed.Process.Wait(); waited == nil {
			err = fmt.Errorf("the service ended with exit code %d", code)
		}
	default:
	}
	svc := failed.Service
	return hint.With(fmt.Errorf("%s: %w", p.display(svc), err), "see what it printed above, or run it by hand: "+p.words(svc, p.PersonArgv(svc, devPhase(svc))))
}

// shown is the first of the commands that a person would type.
func (p *Project) shown(svc *record.Service, phase string) []string {
	if typed := p.PersonArgv(svc, phase); len(typed) > 0 {
		return typed[len(typed)-1]
	}
	return nil
}

// services yields each service of the record.
func (p *Project) services(yield func(*record.Service) bool) {
	for i := range p.Record.Services {
		if !yield(&p.Record.Services[i]) {
			return
		}
	}
}

// named puts the service's name in front where there are several.
func (p *Project) named(svc *record.Service, text string) string {
	if len(p.Record.Services) > 1 {
		return svc.Name + ": " + text
	}
	return text
}

// ports picks a port for each service and says where it is not its own.
func (p *Project) ports(o *UpOptions) (map[string]int, error) {
	out := map[string]int{}
	taken := map[int]bool{}
	for svc := range p.services {
		text, _ := p.Setting(svc, portSetting)
		want, err := strconv.Atoi(text)
		if err != nil || want < 1 || want > 65535 {
			return nil, hint.Errorf("give a number from 1 to 65535 in .env", "%s: %s is not a port: %q", p.display(svc), portSetting, text)
		}
		host, _ := p.Setting(svc, hostSetting)
		if len(out) == 0 && o.Port != 0 {
			if !portFree(host, o.Port) {
				return nil, hint.Errorf("leave out --port to take the next free one", "port %d is taken", o.Port)
			}
			want = o.Port
		}
		port, err := FreePort(host, want, taken)
		if err != nil {
			return nil, err
		}
		if port != want {
			o.Say(p.named(svc, fmt.Sprintf("port %d is taken, using %d", want, port)))
		}
		taken[port] = true
		out[svc.Name] = port
	}
	return out, nil
}

// moved are the settings of a service that follow from the ports: its own, and
// the addresses of services that had to move, where a setting's default is one.
func (p *Project) moved(svc *record.Service, ports map[string]int) map[string]string {
	out := map[string]string{portSetting: strconv.Itoa(ports[svc.Name])}
	for other := range p.services {
		if other == svc {
			continue
		}
		own := ""
		for _, e := range other.Env {
			if e.Key == portSetting {
				own = e.Default
			}
		}
		for _, e := range svc.Env {
			value, chosen := p.chosen(svc, e.Key)
			u, err := url.Parse(value)
			if chosen || own == "" || err != nil || u.Port() != own || !slices.Contains([]string{"localhost", "127.0.0.1"}, u.Hostname()) {
				continue
			}
			u.Host = joinPort(u.Hostname(), ports[other.Name])
			out[e.Key] = u.String()
		}
	}
	return out
}

func joinPort(host string, port int) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(port)
}

// Wait returns when ctx ends, with nil, or when a service ends by itself, with
// an error that says which and how.
func (u *Up) Wait(ctx context.Context) error {
	ended := make(chan Running, len(u.Services))
	for _, r := range u.Services {
		go func() {
			<-r.Process.Done()
			ended <- r
		}()
	}
	select {
	case <-ctx.Done():
		return nil
	case r := <-ended:
		if ctx.Err() != nil {
			return nil
		}
		code, err := r.Process.Wait()
		if err != nil {
			return err
		}
		return hint.Errorf("see what it printed above", "%s ended with exit code %d", r.Service.Name, code)
	}
}

// Stop stops everything that Up started: the services together, each with ten
// seconds to finish what it is doing, then the databases.
func (u *Up) Stop() error {
	u.once.Do(func() {
		var wg sync.WaitGroup
		for _, r := range u.Services {
			wg.Go(func() { _, _ = r.Process.Stop(stopGrace) })
		}
		wg.Wait()
		if u.backings != nil {
			u.err = u.backings.Stop()
		}
	})
	return u.err
}

// Kill ends the services at once, for a person who does not want to wait; Stop
// does the rest.
func (u *Up) Kill() {
	for _, r := range u.Services {
		r.Process.Kill()
	}
}
