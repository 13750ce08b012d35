package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fingerpost/fingerpost/internal/process"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/run"
)

// The kinds of a README's shell blocks, which stand behind the language of a
// fence. Every block has one, so that nobody can forget to prove a new one.
const (
	onceBlock    = "once"    // each command ends, with exit status 0
	serverBlock  = "server"  // the same, but the last command serves until it is stopped
	dockerBlock  = "docker"  // needs an engine; the step image runs it
	exampleBlock = "example" // shows how, for a person to adapt or to answer its questions
	changeBlock  = "change"  // a step of a change to the project; with the diffs of its section it is made in a copy
)

var blockKinds = []string{onceBlock, serverBlock, dockerBlock, exampleBlock, changeBlock}

// A fence is a fenced block of a Markdown text.
type fence struct {
	line    int      // of its beginning
	info    []string // the words behind the backquotes
	text    []string // its lines, without the indentation of the fence
	heading string   // under which it stands
}

// fences finds the fenced blocks of a Markdown text.
func fences(markdown string) ([]fence, error) {
	var out []fence
	var now *fence
	var mark, indent, heading string
	n := 0
	for text := range strings.Lines(markdown) {
		n++
		text = strings.TrimRight(text, "\r\n")
		bare := strings.TrimLeft(text, " ")
		switch {
		case now == nil && strings.HasPrefix(bare, "```"):
			info := strings.TrimLeft(bare, "`")
			mark, indent = bare[:len(bare)-len(info)], text[:len(text)-len(bare)]
			now = &fence{line: n, info: strings.Fields(info), heading: heading}
		case now == nil && strings.HasPrefix(text, "#"):
			heading = strings.TrimSpace(strings.TrimLeft(text, "#"))
		case now != nil && strings.TrimRight(bare, " ") == mark:
			out, now = append(out, *now), nil
		case now != nil:
			now.text = append(now.text, strings.TrimPrefix(text, indent))
		}
	}
	if now != nil {
		return nil, fmt.Errorf("line %d: the block has no end", now.line)
	}
	return out, nil
}

// A shellBlock is a fenced block of commands.
type shellBlock struct {
	fence
	kind     string
	commands []string // one a line; a line that is continued is one command
}

// shellBlocks finds the blocks of shell commands in a Markdown text.
func shellBlocks(markdown string) ([]shellBlock, error) {
	all, err := fences(markdown)
	if err != nil {
		return nil, err
	}
	var out []shellBlock
	for _, f := range all {
		if len(f.info) == 0 || f.info[0] != "sh" {
			continue
		}
		b := shellBlock{fence: f}
		if len(f.info) == 2 {
			b.kind = f.info[1]
		}
		if !slices.Contains(blockKinds, b.kind) {
			return nil, fmt.Errorf("line %d: a block of shell commands has to say its kind, as in: ```sh %s", f.line, onceBlock)
		}
		open := ""
		for _, text := range f.text {
			if open == "" && (strings.TrimSpace(text) == "" || strings.HasPrefix(text, "#")) {
				continue
			}
			open += text
			if strings.HasSuffix(text, "\\") || strings.HasSuffix(text, "|") {
				open += "\n"
				continue
			}
			b.commands = append(b.commands, open)
			open = ""
		}
		if open != "" || len(b.commands) == 0 {
			return nil, fmt.Errorf("line %d: the block ends within a command, or is empty", f.line)
		}
		out = append(out, b)
	}
	return out, nil
}

// readme runs the commands of the service's README as they are written, from
// the first to the last, in the project itself: only a project of the run's own
// may be treated so.
func (p *proof) readme(ctx context.Context, svc *record.Service, w io.Writer) error {
	if !p.Own {
		return notApplicable{"the project is not ours to write in"}
	}
	data, err := os.ReadFile(filepath.Join(p.project.ServiceDir(svc), "README.md"))
	if errors.Is(err, os.ErrNotExist) {
		return notApplicable{"there is no README"}
	}
	if err != nil {
		return err
	}
	blocks, err := shellBlocks(string(data))
	if err != nil {
		return fmt.Errorf("README.md, %w", err)
	}
	r := &reader{proof: p, svc: svc, w: w}
	defer func() {
		_ = r.stop()
		if r.db != nil {
			r.db.close()
		}
	}()
	if err := r.prepare(ctx, blocks); err != nil {
		return err
	}
	for _, b := range blocks {
		if err := r.block(ctx, b); err != nil {
			return err
		}
	}
	if err := r.stop(); err != nil {
		return err
	}
	return passed{r.note()}
}

// A reader does what a README says.
type reader struct {
	*proof
	svc    *record.Service
	w      io.Writer
	port   string // in place of the one that the README names
	usual  string
	env    []string
	db     *database // where the README's default would be a server of the person's
	server *process.Process
	out    tailBuffer

	ran      int
	before   []string // steps that had run a command already
	examples int
	docker   int
}

// prepare gives the commands what they have on a person's machine, and a port
// and a database that no other proof uses.
func (r *reader) prepare(ctx context.Context, blocks []shellBlock) error {
	port, err := run.FreePort("127.0.0.1", 0, nil)
	if err != nil {
		return err
	}
	r.port = strconv.Itoa(port)
	for _, row := range r.svc.Env {
		if row.Key == "PORT" {
			r.usual = row.Default
		}
	}
	extra := map[string]string{"PORT": r.port}
	if len(r.svc.Backing) > 0 {
		db, err := r.database(ctx, r.svc)
		if err != nil {
			return notProven{err.Error()}
		}
		r.db = db
		extra["DATABASE_URL"] = db.url
	}
	if url := r.besides[r.svc.Name]; url != "" {
		extra[besideSetting] = url
	}
	home := filepath.Join(r.Scratch, "readme")
	bin := filepath.Join(home, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	// An answer that says no fails the command, and nobody waits for ever.
	curl := "fail-with-body\nsilent\nshow-error\nmax-time = 20\n"
	if err := os.WriteFile(filepath.Join(home, ".curlrc"), []byte(curl), 0o644); err != nil {
		return err
	}
	extra["CURL_HOME"] = home
	for _, b := range blocks {
		for _, c := range b.commands {
			name := strings.Fields(c)[0]
			if full := r.project.Tools.Command(name); full != nil {
				script := "#!/bin/sh\nexec " + record.Line(full) + " \"$@\"\n"
				if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755); err != nil {
					return err
				}
			}
		}
	}
	r.env = r.project.Shell(r.svc, bin, extra)
	return nil
}

// block runs the commands of one block.
func (r *reader) block(ctx context.Context, b shellBlock) error {
	switch b.kind {
	case changeBlock:
		return nil
	case exampleBlock:
		r.examples++
		return nil
	case dockerBlock:
		r.docker++
		return nil
	}
	for i, c := range b.commands {
		if b.kind == serverBlock && i == len(b.commands)-1 {
			if err := r.serve(ctx, c); err != nil {
				return fmt.Errorf("README.md, the block at line %d: %s: %w", b.line, c, err)
			}
			break
		}
		// What a step has run already in the same words is not run twice.
		if step := r.typedAs[c]; step != "" {
			if !slices.Contains(r.before, step) {
				r.before = append(r.before, step)
			}
			continue
		}
		var out tailBuffer
		cmd := r.shell(ctx, c)
		cmd.Stdout, cmd.Stderr = io.MultiWriter(&out, r.w), io.MultiWriter(&out, r.w)
		cmd.WaitDelay = 5 * time.Second
		ownGroup(cmd)
		if err := cmd.Run(); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("README.md, the block at line %d: %s: %w: %s", b.line, c, err, lastLines(out.String(), 8))
		}
		r.ran++
	}
	return nil
}

// shell is a command of the README for a shell in the service's folder.
func (r *reader) shell(ctx context.Context, command string) *exec.Cmd {
	text := command
	if r.usual != "" {
		text = strings.ReplaceAll(text, "localhost:"+r.usual, "localhost:"+r.port)
	}
	fmt.Fprintf(r.w, "$ %s\n", text)
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", text)
	cmd.Dir, cmd.Env = r.project.ServiceDir(r.svc), r.env
	return cmd
}

// serve starts the service and leaves it running for the blocks that follow.
func (r *reader) serve(ctx context.Context, command string) error {
	if err := r.stop(); err != nil {
		return err
	}
	cmd := r.shell(ctx, command)
	r.out = tailBuffer{}
	both := io.MultiWriter(&r.out, r.w)
	server, err := process.Start(&exec.Cmd{Path: cmd.Path, Args: cmd.Args, Dir: cmd.Dir, Env: cmd.Env, Stdout: both, Stderr: both})
	if err != nil {
		return err
	}
	r.server = server
	limit, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	if err := run.WaitReady(limit, "http://127.0.0.1:"+r.port+"/readyz", server); err != nil {
		return fmt.Errorf("%w: %s", err, lastLines(r.out.String(), 8))
	}
	r.ran++
	return nil
}

// stop ends the server, if one is running. It has to end when it is asked to.
func (r *reader) stop() error {
	if r.server == nil {
		return nil
	}
	server := r.server
	r.server = nil
	began := time.Now()
	const grace = 15 * time.Second
	_, err := server.Stop(grace)
	if err == nil && time.Since(began) >= grace {
		return errors.New("README.md: the server does not end when it is asked to")
	}
	return err
}

// note says what ran, and what was put in another's place or left out.
func (r *reader) note() string {
	parts := []string{fmt.Sprintf("%d commands run", r.ran)}
	if len(r.before) > 0 {
		parts = append(parts, "in the same words before: "+strings.Join(r.before, ", "))
	}
	replaced := "the port"
	if r.db != nil {
		replaced += " and the database"
	}
	parts = append(parts, replaced+" replaced")
	if r.docker > 0 {
		parts = append(parts, fmt.Sprintf("left to the step image: %d", r.docker))
	}
	if r.examples > 0 {
		parts = append(parts, fmt.Sprintf("examples to adapt: %d", r.examples))
	}
	return strings.Join(parts, "; ")
}
