package toolchain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
)

// reachTimeout bounds the question whether a place is there.
const reachTimeout = 5 * time.Second

// StandIn gives the variables that put a stand-in in the place of what cannot
// be fetched here; nil where that can be, or a person has seen to it. What the
// stand-in needs is fetched once, into the user's cache folder.
func (s *Set) StandIn(ctx context.Context, row record.StandIn) (map[string]string, error) {
	for _, key := range row.Unless {
		if os.Getenv(key) != "" {
			return nil, nil
		}
	}
	// A script is no program there.
	if runtime.GOOS == "windows" && row.Program != "" || reached(ctx, row.URL) {
		return nil, ctx.Err()
	}
	if row.Tool == "" && row.Program == "" {
		return row.Env, ctx.Err()
	}
	program, err := s.standIn(ctx, row)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		next := hint.Next(err)
		if next == "" {
			next = "let this machine reach it"
			if len(row.Unless) > 0 {
				next += ", or set " + strings.Join(row.Unless, " or ")
			}
		}
		return nil, hint.With(fmt.Errorf("%s cannot be fetched (%s does not answer), nor what stands in for it: %w", row.Replaces, row.URL, err), next)
	}
	if row.Tool != "" {
		s.take(row.Tool, program)
	}
	env := map[string]string{}
	for k, v := range row.Env {
		env[k] = strings.ReplaceAll(v, "{program}", program)
	}
	return env, nil
}

// reached tells whether a URL answers, and not with an error.
func reached(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode < 400
}

// standIn is the path of the program, which is made if it is not there. Its
// folder is named by all that goes into it.
func (s *Set) standIn(ctx context.Context, row record.StandIn) (string, error) {
	if s == nil || s.cache == "" {
		return "", errors.New("there is no cache folder")
	}
	sum := sha256.Sum256([]byte(strings.Join(slices.Concat([]string{row.Program}, row.Packages, row.PyPI), "\x00")))
	root := filepath.Join(filepath.Dir(s.cache), "stand-ins")
	dir := filepath.Join(root, hex.EncodeToString(sum[:8]))
	program := filepath.Join(dir, "program.mjs")
	if row.Tool != "" {
		program = besideProgram(row.Tool, dir)
		if row.Program != "" {
			program = filepath.Join(dir, "program", row.Tool)
		}
	}
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(ctx, filepath.Join(root, ".lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(program); err == nil {
		return program, nil // another process was faster
	}
	if row.Tool != "" {
		if err := s.beside(ctx, row.Tool, row.PyPI, dir); err != nil || row.Program == "" {
			return program, err
		}
		return program, besideScript(dir, program, row.Program)
	}
	stage, err := os.MkdirTemp(root, ".stage-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(stage)
	if err := s.packages(ctx, stage, row.Packages); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(stage, "program.mjs"), []byte(row.Program), 0o755); err != nil {
		return "", err
	}
	return program, os.Rename(stage, dir)
}
