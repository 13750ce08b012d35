//go:build unix

package run

import (
	"context"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/toolchain"
)

// What is large is told of before it is fetched, as large as it is where a
// stand-in brings something else, and not again.
func TestLargeDownloads(t *testing.T) {
	p := littleProject(t, nil)
	p.Tools = toolchain.Find(context.Background(), nil)
	svc := &p.Record.Services[0]
	here := []string{runtime.GOOS + "/" + runtime.GOARCH}
	svc.Downloads = []record.Download{
		{What: "A library", Megabytes: 360, Disk: 1500, On: here},
		{What: "A small one", Megabytes: 300, Disk: 1000, On: here},
		{What: "Another system's", Megabytes: 4000, Disk: 5000, On: []string{"plan9"}},
		{What: "A larger one", Megabytes: 3000, Disk: 5300, On: []string{runtime.GOOS}, StandIn: "the small index"},
	}
	said := func() string {
		var lines []string
		p.SayDownloads(svc, func(line string) { lines = append(lines, line) })
		return strings.Join(lines, "\n")
	}
	const first = "A library is large: up to 360 MB to download and 1.5 GB on the disk, which takes about 50 seconds at 100 Mbit/s"
	const second = "A larger one is large: up to 3.0 GB to download and 5.3 GB on the disk, which takes about 5 minutes at 100 Mbit/s"
	if got := said(); got != first {
		t.Errorf("said\n%s", got)
	}
	if got, want := p.Large(), []string{first, "where the small index cannot be reached: " + second}; !slices.Equal(got, want) {
		t.Errorf("large:\n%s", strings.Join(got, "\n"))
	}
	svc.StandIns = []record.StandIn{{Replaces: "the small index", By: "the large one", URL: "http://127.0.0.1:1", Env: map[string]string{"FROM": "there"}}}
	if _, err := p.StandIn(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if got := said(); got != first+"\n"+second {
		t.Errorf("with a stand-in it said\n%s", got)
	}
	if !slices.Contains(p.Environ(svc, nil), "FROM=there") {
		t.Error("the settings that stand in reach no process")
	}
	write(t, filepath.Join(p.Dir, "manifest"), "one\n")
	if _, err := p.EnsureInstalled(context.Background(), svc, nil); err != nil {
		t.Fatal(err)
	}
	if got := said(); got != "" {
		t.Errorf("after the install it said\n%s", got)
	}
}

func TestSystems(t *testing.T) {
	for list, want := range map[string]bool{"linux": true, "linux/amd64": true, "linux/arm64": false, "windows": false, "": false, "windows,linux/amd64": true} {
		if got := onSystem(strings.Split(list, ","), "linux", "amd64"); got != want {
			t.Errorf("%q: %v", list, got)
		}
	}
}
