//go:build unix

package run

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fingerpost/fingerpost/internal/record"
)

// The programs of the projects in these tests are this test binary under
// another name, so that they need neither a runtime nor a network.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "little" {
		os.Exit(little(os.Args[1:]))
	}
	os.Exit(m.Run())
}

func little(args []string) int {
	switch args[0] {
	case "serve": // a service that does what the contract says
		ready, err := time.ParseDuration(os.Getenv("READY_AFTER"))
		if err != nil {
			ready = 0
		}
		began := time.Now()
		if os.Getenv("WITH_CHILD") != "" {
			leave(os.Getenv("WITH_CHILD"))
		}
		srv := &http.Server{Addr: os.Getenv("HOST") + ":" + os.Getenv("PORT")}
		srv.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/readyz" && time.Since(began) < ready {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			fmt.Fprintf(w, "%s %s", os.Getenv("OTHER_URL"), os.Getenv("DATABASE_URL"))
		})
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		go func() {
			<-stop
			srv.Close()
		}()
		fmt.Println(`{"msg":"listening"}`)
		if err := srv.ListenAndServe(); err != http.ErrServerClosed {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	case "stubborn": // ignores the request to end
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("here")
		time.Sleep(time.Minute)
		return 0
	case "child": // leaves a child in the background and ends
		leave(args[1])
		return 0
	case "hold": // the same, and stays
		leave(args[1])
		time.Sleep(time.Minute)
		return 0
	case "sleep":
		time.Sleep(time.Minute)
		return 0
	case "say":
		fmt.Println(strings.Join(args[1:], " "))
		return 0
	case "env":
		fmt.Println(os.Getenv(args[1]))
		return 0
	case "fail":
		fmt.Fprintln(os.Stderr, "it broke")
		code, _ := strconv.Atoi(args[1])
		return code
	case "install": // makes the modules folder and writes down how it was called
		if err := os.MkdirAll("modules", 0o755); err != nil {
			return 1
		}
		f, err := os.OpenFile("installs.txt", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return 1
		}
		fmt.Fprintln(f, args[1])
		f.Close()
		if args[1] == "any" {
			os.WriteFile("lock", []byte("made\n"), 0o644)
		}
		return 0
	}
	return 64
}

// leave starts a child that outlives its parent, and writes its id to file.
func leave(file string) {
	cmd := exec.Command(os.Args[0], "sleep")
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	if err := os.WriteFile(file, []byte(strconv.Itoa(cmd.Process.Pid)), 0o644); err != nil {
		panic(err)
	}
}

// littleProject is a project of one service, or of one for each name, whose
// tools are the program little in its own bin folder.
func littleProject(t *testing.T, tasks map[string][]record.Step, names ...string) *Project {
	t.Helper()
	dir := t.TempDir()
	r := &record.Record{Format: 1, Name: "small", Shape: "single"}
	if len(names) == 0 {
		names = []string{"app"}
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		at := "."
		if len(names) > 1 {
			at = "services/" + name
		}
		bin := filepath.Join(dir, filepath.FromSlash(at), "bin")
		if err := os.MkdirAll(bin, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(exe, filepath.Join(bin, "little")); err != nil {
			t.Fatal(err)
		}
		r.Services = append(r.Services, record.Service{
			Name: name, Dir: at, Package: "small", Tasks: tasks,
			Env: []record.Env{{Key: "HOST", Default: "127.0.0.1"}, {Key: "PORT", Default: strconv.Itoa(freePort(t))}},
			Manager: record.Manager{
				Name: "little", Manifest: "manifest", Lock: []string{"lock"}, Modules: "modules", BinDirs: []string{"bin"},
				Install: [][]string{{"bin/little", "install", "any"}}, InstallFrozen: [][]string{{"bin/little", "install", "frozen"}},
				InstallProd: [][]string{{"bin/little", "install", "prod"}}, Run: []string{"little", "run", "{script}"}, Exec: []string{"little", "{bin}"},
			},
		})
	}
	if err := os.WriteFile(filepath.Join(dir, record.FileName), r.Marshal(), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func step(args ...string) []record.Step { return []record.Step{{Bin: "little", Args: args}} }

func freePort(t *testing.T) int {
	t.Helper()
	port, err := FreePort("127.0.0.1", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// gone tells whether no process of this id runs within two seconds. One that
// ended and that nobody has collected yet counts as gone.
func gone(pid int) bool {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if syscall.Kill(pid, 0) != nil {
			return true
		}
		if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && strings.Contains(string(stat), ") Z ") {
			return true
		}
	}
	return false
}

func readPid(t *testing.T, file string) int {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		data, _ := os.ReadFile(file)
		if pid, err := strconv.Atoi(string(data)); err == nil {
			return pid
		}
	}
	t.Fatalf("no process id in %s", file)
	return 0
}
