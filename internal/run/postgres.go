package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/fingerpost/fingerpost/internal/process"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrNoPostgres says that this machine has no PostgreSQL server programs.
var ErrNoPostgres = errors.New("PostgreSQL is not on this machine")

// PostgresOptions are the choices of StartPostgres. The zero value is right
// for a project that is worked on.
type PostgresOptions struct {
	Port int    // 0: any free one
	User string // the superuser that services connect as; "app" if empty
	// Throwaway trades safety for speed: the data need not survive a crash of
	// the machine. A killed server still has what it answered.
	Throwaway bool
}

// A Postgres is a PostgreSQL server with a data folder of its own, listening on
// the loopback address alone. The password is random and kept in the data
// folder: loopback is shared with every user of the machine.
type Postgres struct {
	Dir  string // data folder; not the one asked for where the server's user could not reach that
	Log  string // file with the server's messages
	Port int

	away     string // the folder made for it outside of the project, or ""
	bin      string
	user     string
	password string
	options  PostgresOptions
	account  *account

	mu    sync.Mutex
	proc  *Process // nil while stopped, and for a server that another process runs
	guest bool     // another process runs it
}

// passwordFile is kept in the data folder, which only the server's user reads.
const passwordFile = "fingerpost-password"

// StartPostgres starts the server of dataDir, making the data folder first
// where there is none. When another process runs that server already, it is
// used as it is, and Stop leaves it alone. The server never runs as root: see
// serverAccount. ErrNoPostgres where there are no programs for it.
func StartPostgres(ctx context.Context, dataDir string, o PostgresOptions) (*Postgres, error) {
	if o.User == "" {
		o.User = "app"
	}
	if _, _, err := serverPrograms(ctx, ""); err != nil {
		return nil, err // before any folder is made
	}
	acct, err := serverAccount()
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		return nil, err
	}
	if err := MakeState(filepath.Dir(dir)); err != nil {
		return nil, err
	}
	away := ""
	if acct != nil && !acct.reaches(filepath.Dir(dir)) {
		// A project below /root, as in a container. The data goes where the
		// server's user can be, under a name that this project finds again.
		sum := sha256.Sum256([]byte(dir))
		away = filepath.Join(persistentTemp(), awayPrefix+hex.EncodeToString(sum[:8]))
		sweepAway(persistentTemp())
		if err := ownFolder(away); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(away, awayProject), []byte(filepath.Dir(dir)), 0o644); err != nil {
			return nil, err
		}
		dir = filepath.Join(away, "data")
	}
	p := &Postgres{Dir: dir, Log: dir + ".log", away: away, user: o.User, options: o, account: acct}
	if err := p.prepare(ctx); err != nil {
		return nil, err
	}
	if p.attach(ctx) {
		return p, nil
	}
	if err := p.start(ctx, o.Port); err != nil {
		return nil, err
	}
	return p, nil
}

// Guest tells whether another process runs the server.
func (p *Postgres) Guest() bool { return p.guest }

// URL is how a service reaches the database.
func (p *Postgres) URL(database string) string {
	u := url.URL{Scheme: "postgresql", User: url.UserPassword(p.user, p.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(p.Port)), Path: "/" + database}
	return u.String()
}

// CreateDatabase makes a database; one that is there already is fine.
func (p *Postgres) CreateDatabase(ctx context.Context, name string) error {
	return createDatabase(ctx, p.URL("postgres"), name)
}

// DropDatabase removes a database and ends the connections to it.
func (p *Postgres) DropDatabase(ctx context.Context, name string) error {
	return p.exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
}

func createDatabase(ctx context.Context, admin, name string) error {
	err := execSQL(ctx, admin, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42P04" { // duplicate_database
		return nil
	}
	return err
}

func (p *Postgres) exec(ctx context.Context, sql string) error {
	return execSQL(ctx, p.URL("postgres"), sql)
}

func execSQL(ctx context.Context, url, sql string) error {
	conn, err := connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, sql)
	return err
}

func connect(ctx context.Context, url string) (*pgx.Conn, error) {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	c.ConnectTimeout = 3 * time.Second
	return pgx.ConnectConfig(ctx, c)
}

// Stop ends the server, cutting its connections. The data folder stays.
func (p *Postgres) Stop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	proc := p.proc
	if proc == nil {
		return nil
	}
	p.proc = nil
	for _, ask := range []struct {
		sig  os.Signal
		wait time.Duration
	}{{os.Interrupt, 20 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}} {
		if runtime.GOOS == "windows" {
			p.control("stop", "-m", "fast", "-t", "20")
		} else {
			_ = proc.Signal(ask.sig)
		}
		select {
		case <-proc.Done():
			proc.Kill()
			return nil
		case <-time.After(ask.wait):
		}
	}
	proc.Kill()
	return fmt.Errorf("PostgreSQL did not stop by itself and was killed; its messages are in %s", p.Log)
}

// Kill ends the server as a crash would.
func (p *Postgres) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.proc != nil {
		p.proc.Kill()
		p.proc = nil
	}
}

// Restart starts the server again on the port it had, after Stop or Kill, or
// stops it first.
func (p *Postgres) Restart(ctx context.Context) error {
	if err := p.Stop(); err != nil {
		return err
	}
	return p.start(ctx, p.Port)
}

// Remove stops the server and deletes its data folder and log.
func (p *Postgres) Remove() error {
	if err := p.Stop(); err != nil {
		return err
	}
	if p.away != "" {
		return os.RemoveAll(p.away)
	}
	return errors.Join(os.RemoveAll(p.Dir), os.RemoveAll(p.Log))
}

// attach uses the server of the data folder that another process runs.
func (p *Postgres) attach(ctx context.Context) bool {
	data, err := os.ReadFile(filepath.Join(p.Dir, "postmaster.pid"))
	lines := strings.Split(string(data), "\n")
	if err != nil || len(lines) < 4 {
		return false
	}
	port, err := strconv.Atoi(strings.TrimSpace(lines[3]))
	if err != nil {
		return false
	}
	p.Port = port
	conn, err := connect(ctx, p.URL("postgres"))
	if err != nil {
		return false
	}
	defer conn.Close(ctx)
	// Another server may listen on that port by now: it has to be ours.
	var dir string
	if err := conn.QueryRow(ctx, "SHOW data_directory").Scan(&dir); err != nil || !sameFile(dir, p.Dir) {
		return false
	}
	p.guest = true
	return true
}

func sameFile(a, b string) bool {
	fa, errA := os.Stat(a)
	fb, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(fa, fb)
}

// start starts the server and waits until it takes connections. A port that
// somebody else took in between, or the remains of a killed server, are reasons
// to try again.
func (p *Postgres) start(ctx context.Context, port int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	for try := 0; try < 10; try++ {
		p.Port = port
		if port == 0 {
			if p.Port, err = FreePort("127.0.0.1", 0, nil); err != nil {
				return err
			}
		}
		if err = p.startOnce(ctx); err == nil || ctx.Err() != nil {
			return err
		}
		if p.attach(ctx) {
			return nil
		}
		p.Port = port
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(300 * time.Millisecond):
		}
	}
	return err
}

func (p *Postgres) startOnce(ctx context.Context) error {
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{"-D", p.Dir, "-p", strconv.Itoa(p.Port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "logging_collector=off"}
	if p.options.Throwaway {
		// Not synchronous_commit: what was answered must survive a killed server.
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off")
	}
	cmd := p.command("postgres", args...)
	cmd.Stdout, cmd.Stderr = log, log
	// Not the usual signal, at which the server waits for its clients to leave.
	proc, err := process.StartUntil(cmd, syscall.SIGINT)
	if err != nil {
		return fmt.Errorf("starting PostgreSQL: %w", err)
	}
	limit := time.After(time.Minute)
	for {
		conn, err := connect(ctx, p.URL("postgres"))
		if err == nil {
			conn.Close(ctx)
			p.proc = proc
			return nil
		}
		select {
		case <-proc.Done():
			return fmt.Errorf("PostgreSQL did not start: %s", lastLine(p.Log))
		case <-ctx.Done():
			proc.Stop(5 * time.Second)
			return ctx.Err()
		case <-limit:
			proc.Stop(5 * time.Second)
			return fmt.Errorf("PostgreSQL does not take connections: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// command is a server program, as the server's user.
func (p *Postgres) command(name string, args ...string) *exec.Cmd {
	path := programIn(p.bin, name)
	if path == "" {
		path = filepath.Join(p.bin, name)
	}
	cmd := exec.Command(path, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	p.account.use(cmd)
	cmd.Dir = filepath.VolumeName(p.Dir) + string(filepath.Separator) // one that its user can be in
	for _, kv := range os.Environ() {
		// PGDATA, PGPORT and the like are about another server.
		if !strings.HasPrefix(kv, "PG") && !strings.HasPrefix(kv, "LC_") && !strings.HasPrefix(kv, "LANG") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C")
	return cmd
}

// control runs pg_ctl, where signals are not to be had.
func (p *Postgres) control(args ...string) {
	_ = p.command("pg_ctl", append([]string{"-D", p.Dir}, args...)...).Run()
}
