//go:build unix

// Package double is a service that keeps the contract, in the fewest lines that
// do, with defects that can be switched on: the probe and the steps of a proof
// are shown to pass on it and to fail on each defect. Its stores stand for
// SQLite (a file, and the lock that SQLite's writers take) and for PostgreSQL
// (a Server that can be locked and taken away).
// Only tests import it; it is no example of how to write a service.
package double

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

type double struct {
	defect  string
	log     *slog.Logger
	store   store
	mu      sync.Mutex
	length  int64 // of the store, as far as it has been read
	notes   map[int64]dnote
	lastID  int64
	origins []string
	level   slog.LevelVar
	seq     int
	live    *live // nil without the feature
	ml      *ml   // nil where nothing is predicted
	asks    *asks // nil where nobody is asked for predictions
}

type dnote struct {
	ID        int64  `json:"id"`
	Title     string `json:"title"`
	Body      string `json:"body"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
}

// has tells whether the service has this defect.
func (d *double) has(defect string) bool { return d.defect == defect }

type fault struct {
	status int
	detail string
	fields [][2]string
}

func (f fault) Error() string { return f.detail }

// The contract's limits.
const (
	maxID     = 1<<53 - 1
	bodyLimit = 1 << 20
)

var goodID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func notePath(id int64) string { return "/api/notes/" + strconv.FormatInt(id, 10) }

var (
	errAway   = fault{status: 503, detail: "the database does not answer"}
	errSchema = errors.New("no such table: notes")
)

// Main runs the service, or with an argument its migrate or seed, as the process
// that the test binary is when it is started again. Besides the settings of the
// contract it reads DOUBLE_KIND, sqlite, postgresql or none, LIVE, PREDICTIONS and
// ASKS, which are not empty with the real-time part, the one that predicts and
// the one that asks another service, and DEFECT. Without a store it keeps no
// notes, and predicts for another service. It returns the exit code.
func Main(args []string) int {
	d := &double{defect: os.Getenv("DEFECT"), notes: map[int64]dnote{}}
	d.log = slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: &d.level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.LevelKey {
			a.Value = slog.StringValue(strings.ToLower(a.Value.String()))
		}
		return a
	}}))
	var bad []string
	port, err := strconv.Atoi(os.Getenv("PORT"))
	if err != nil || port < 1 || port > 65535 {
		bad = append(bad, "PORT has to be a number from 1 to 65535")
	}
	level := os.Getenv("LOG_LEVEL")
	levels := map[string]slog.Level{"": slog.LevelInfo, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	if l, ok := levels[level]; ok {
		d.level.Set(l)
	} else {
		bad = append(bad, "LOG_LEVEL has to be debug, info, warn or error")
	}
	if d.has("ignores-level") {
		d.level.Set(slog.LevelDebug)
	}
	u, err := url.Parse(os.Getenv("DATABASE_URL"))
	if os.Getenv("DOUBLE_KIND") == "none" {
		d.store = noStore{}
	} else if want := os.Getenv("DOUBLE_KIND"); err != nil || u.Scheme != want {
		bad = append(bad, "DATABASE_URL has to be a "+want+" address")
	} else if want == "sqlite" {
		d.store = &fileStore{path: u.Path[1:], d: d}
	} else {
		d.store = &serverStore{base: "http://" + u.Host, name: strings.TrimPrefix(u.Path, "/")}
		if n := os.Getenv("DATABASE_POOL_SIZE"); n != "" {
			if i, err := strconv.Atoi(n); err != nil || i < 1 {
				bad = append(bad, "DATABASE_POOL_SIZE has to be a number from 1 on")
			}
		}
	}
	if os.Getenv("LIVE") != "" {
		var wrong string
		if d.live, wrong = newLive(d); wrong != "" {
			bad = append(bad, wrong)
		}
	}
	if os.Getenv("PREDICTIONS") != "" {
		var wrong []string
		d.ml, wrong = newML(d)
		bad = append(bad, wrong...)
	}
	if os.Getenv("ASKS") != "" {
		var wrong []string
		d.asks, wrong = newAsks(d)
		bad = append(bad, wrong...)
	}
	if len(bad) > 0 {
		sep := "; "
		if d.has("two-lines") {
			sep = "\n"
		}
		if d.has("first-setting-only") {
			bad = bad[:1]
		}
		fmt.Fprintln(os.Stderr, "double: "+strings.Join(bad, sep))
		if d.has("settings-exit") {
			return 3
		}
		return 1
	}
	if len(args) > 0 {
		return d.task(args[0])
	}
	return d.serve(port)
}

func (d *double) task(phase string) int {
	if phase == "train" {
		if err := errors.Join(os.MkdirAll(d.ml.dir, 0o755), WriteModel(d.ml.dir)); err != nil {
			fmt.Println(err)
			return 1
		}
		return 0
	}
	if phase == "migrate" {
		if err := d.store.migrate(d.has("migrate-wipes")); err != nil {
			fmt.Println(err)
			return 1
		}
		return 0
	}
	if err := d.load(); err != nil {
		fmt.Println(err)
		return 1
	}
	if len(d.notes) == 0 || d.has("seed-doubles") {
		for _, title := range []string{"seeded", "seeded too"} {
			if _, err := d.create(title, ""); err != nil {
				fmt.Println(err)
				return 1
			}
		}
	}
	return 0
}

func (d *double) serve(port int) int {
	if d.has("warns") {
		d.log.Warn("deprecated setting")
	}
	if d.has("stderr") {
		fmt.Fprintln(os.Stderr, "(node) ExperimentalWarning")
	}
	for _, o := range strings.Split(os.Getenv("CORS_ORIGINS"), ",") {
		if o != "" {
			d.origins = append(d.origins, o)
		}
	}
	host := os.Getenv("HOST")
	if host == "" {
		host = "127.0.0.1"
		if d.has("all-hosts") {
			host = ""
		}
	}
	if err := d.store.ping(); d.has("needs-database") && err != nil && !errors.Is(err, errSchema) {
		fmt.Fprintln(os.Stderr, "no database")
		return 1
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	d.log.Info("listening")
	if d.has("no-level") {
		fmt.Printf("{\"time\":%q,\"msg\":\"x\"}\n", time.Now().Format(time.RFC3339))
	}
	if d.has("prints") {
		fmt.Println("listening on", port)
	}
	srv := &http.Server{Handler: http.HandlerFunc(d.handle), ErrorLog: slog.NewLogLogger(slog.NewJSONHandler(io.Discard, nil), slog.LevelInfo)}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	if !d.has("no-sigint") {
		signal.Notify(stop, syscall.SIGINT)
	}
	if !d.has("needs-reader") {
		signal.Ignore(syscall.SIGPIPE) // Go ends a process whose stdout nobody reads
	}
	if d.ml != nil && d.has("ml-loads-first") {
		d.ml.load()
	} else if d.ml != nil {
		go d.ml.load()
	}
	go srv.Serve(lenient{l})
	if d.live != nil {
		go d.live.run()
	}
	if d.asks != nil {
		go d.asks.look()
	}
	<-stop
	if d.has("drops-requests") {
		return 0
	}
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Second)
	defer cancel()
	if d.live != nil {
		d.live.stop()
	}
	srv.Shutdown(ctx)
	if d.has("pair-orphan") {
		_ = exec.Command("sleep", "5").Start()
	}
	d.log.Info("stopped")
	if d.has("exit-code") {
		return 143
	}
	return 0
}

// lenient lets requests through whose path is not well escaped, that have no
// Host or an odd Expect: net/http would answer them itself, in plain text.
type lenient struct{ net.Listener }

type lenientConn struct{ net.Conn }

func (l lenient) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return lenientConn{c}, err
}

var badEscape = regexp.MustCompile(`^([A-Z]+ /[^ ?]*)(%|%zz) HTTP`)

// hostless is a head without Host, which HTTP/1.0 allows.
var hostless = regexp.MustCompile(`^(GET /healthz HTTP/1\.)1(\r\nConnection: close\r\n\r\n)$`)

func (c lenientConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p[:min(len(p), max(1, len(p)-2))])
	fixed := badEscape.ReplaceAll(p[:n], []byte("${1}%25 HTTP"))
	fixed = hostless.ReplaceAll(fixed, []byte("${1}0${2}"))
	fixed = bytes.Replace(fixed, []byte("\r\nExpect: 200"), []byte("\r\nExpekt: 200"), 1)
	return copy(p, fixed), err
}
