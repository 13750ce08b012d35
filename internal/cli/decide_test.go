package cli

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/render"
)

// without are layers of which some are missing.
type without struct {
	fs.FS
	prefix string
}

func (w without) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(w.FS, name)
	return slices.DeleteFunc(all, func(e fs.DirEntry) bool { return name == "." && strings.HasPrefix(e.Name(), w.prefix) }), err
}

// What is recommended may have no layer: decide says so, and gives no command
// that would fail.
func TestDecideWithoutALayer(t *testing.T) {
	all := layers
	layers = without{all, "ml-"}
	t.Cleanup(func() { layers = all })
	for _, c := range []struct {
		answers   guide.Answers
		want, not []string
	}{
		{guide.Answers{Knows: "python", Building: []string{"api"}, ML: "sklearn"},
			[]string{"Not all of it can be written yet", "scikit-learn is left out: there is no layer for it yet", "What you chose is never replaced"}, []string{"To make it"}},
		{guide.Answers{Knows: "python", Building: []string{"ml"}}, []string{"scikit-learn is left out", "To make it: fingerpost new my-service"}, nil},
	} {
		var out bytes.Buffer
		o := &decideOptions{Streams: Streams{Out: &out, Err: &out, In: strings.NewReader("")}}
		o.Answers = func(guide.Answers) (guide.Answers, error) { return c.answers, nil }
		if err := runDecide(o); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%+v: %q is not in\n%s", c.answers, want, &out)
			}
		}
		for _, not := range c.not {
			if strings.Contains(out.String(), not) {
				t.Errorf("%+v: %q is in\n%s", c.answers, not, &out)
			}
		}
	}
}

var errFull = errors.New("no space left")

// A full is a disk with no space left.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// What could not be printed was not done.
func TestOutputThatCannotBeWritten(t *testing.T) {
	s := Streams{Out: full{}, Err: io.Discard}
	same := func(a guide.Answers) (guide.Answers, error) { return a, nil }
	for _, asJSON := range []bool{false, true} {
		if err := runDecide(&decideOptions{Streams: s, Answers: same, JSON: asJSON}); !errors.Is(err, errFull) {
			t.Errorf("decide, JSON %v: %v", asJSON, err)
		}
		if err := runVersion(&versionOptions{Streams: s, JSON: asJSON}); !errors.Is(err, errFull) {
			t.Errorf("version, JSON %v: %v", asJSON, err)
		}
	}
}

// The file that a decision names for what to watch out for is in the repository
// that is written for it, whatever the framework.
func TestWatchedFilesAreWritten(t *testing.T) {
	catalog, menu, err := loadMenu()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, framework := range catalog.Choices("framework") {
		for _, a := range []guide.Answers{
			{Workload: "compute", Building: []string{"data"}},
			{Workload: "io", Frontend: "javascript"},
			{Values: []string{"throughput"}, Building: []string{"api"}},
			{Building: []string{"realtime"}, Feature: []string{"none"}},
		} {
			a.Framework, a.Shape, a.Name = framework.Value, guide.Single, "shop"
			d, err := guide.Decide(a, menu)
			if err != nil {
				t.Fatal(err)
			}
			p, err := plan.Build(catalog, a, d, Version)
			var missing *plan.MissingError
			if errors.As(err, &missing) {
				if d, _, err = nearestTo(catalog, menu, a, d); err == nil {
					p, err = plan.Build(catalog, a, d, Version)
				}
			}
			if err != nil {
				t.Errorf("%s: %v", framework.ID, err)
				continue
			}
			tree, _, err := render.Render(p)
			if err != nil {
				t.Errorf("%s: %v", framework.ID, err)
				continue
			}
			if len(d.WatchOut) == 0 {
				t.Errorf("%s: nothing to watch out for", framework.ID)
			}
			for _, w := range d.WatchOut {
				if tree.Get(w.File) == nil {
					t.Errorf("%s: %s names %s, which is not written", framework.ID, w.Rule, w.File)
				}
				checked++
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d files were looked for", checked)
	}
}
