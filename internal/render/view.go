package render

import (
	"reflect"
	"strings"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/tree"
)

// A View is what templates see of a plan.
type View struct {
	Project  Project
	Services []*ServiceView
	Answers  map[string]any
	Decision *guide.Decision
}

// A Project is the repository as a whole.
type Project struct {
	Name, Title, License, Shape, ID string
}

// A Choice is a layer as a person chose it.
type Choice struct{ ID, Value, Label, Hint string }

// A ServiceView is one service, its rows and its manager's commands.
type ServiceView struct {
	record.Service
	Framework, ORM, Database, PM, ML Choice
	Features                         []Choice
	Port                             int
}

func newView(p *plan.Plan) (*View, error) {
	v := &View{
		Project:  Project{Name: p.Name, Title: title(p.Name), License: p.License, Shape: p.Shape, ID: p.ID},
		Answers:  everyAnswer(p.Answers),
		Decision: p.Decision,
	}
	for _, s := range p.Services {
		sv := &ServiceView{
			Service: record.Service{
				Name: s.Name, Dir: s.Dir, Package: s.Package, Language: s.Language(), Words: s.Words(),
				Tasks: s.Rows.Tasks, Backing: s.Rows.Backing, Tools: s.Rows.Tools, Manager: s.Manager(), Next: s.Rows.Next, StandIns: s.Rows.StandIns, Downloads: s.Rows.Downloads,
			},
			Framework: chosen(s, "framework"), ORM: chosen(s, "orm"), Database: chosen(s, "database"), PM: chosen(s, "pm"), ML: chosen(s, "ml"),
			Port: s.Port(),
		}
		sv.Service.Framework, sv.Service.ORM, sv.Service.Database = sv.Framework.Value, sv.ORM.Value, sv.Database.Value
		sv.Service.PM, sv.Service.ML = sv.PM.Value, sv.ML.Value
		sv.Service.Features = []string{}
		for _, l := range s.Feature {
			sv.Features = append(sv.Features, choiceOf(l))
			sv.Service.Features = append(sv.Service.Features, l.Value)
		}
		v.Services = append(v.Services, sv)
	}
	// A setting may depend on the answers, as the front end's origin does.
	for i, s := range p.Services {
		sc := &scope{view: v, service: v.Services[i], plans: []*plan.Service{s}}
		for _, e := range s.Rows.Env {
			for _, field := range []*string{&e.Default, &e.Container, &e.CI, &e.Comment} {
				if !strings.Contains(*field, "<%") {
					continue
				}
				out, err := sc.execute("setting "+e.Key, []byte(*field))
				if err != nil {
					return nil, err
				}
				*field = string(out)
			}
			v.Services[i].Env = append(v.Services[i].Env, e)
		}
	}
	return v, nil
}

// everyAnswer is what was said, with an empty value for what was not, so that a
// template may ask for any key of the vocabulary and a misspelt one is an error.
func everyAnswer(a guide.Answers) map[string]any {
	m := a.Map()
	t := reflect.TypeFor[guide.Answers]()
	for i := range t.NumField() {
		key, _, _ := strings.Cut(t.Field(i).Tag.Get("toml"), ",")
		if _, said := m[key]; !said && key != "" {
			m[key] = reflect.Zero(t.Field(i).Type).Interface()
		}
	}
	return m
}

func (v *View) byName(name string) *ServiceView {
	for _, s := range v.Services {
		if s.Name == name {
			return s
		}
	}
	return nil
}

func chosen(s *plan.Service, kind string) Choice {
	if l := s.Chosen[kind]; l != nil {
		return choiceOf(l)
	}
	return Choice{}
}

func choiceOf(l *layer.Layer) Choice { return Choice{l.ID, l.Value, l.Label, l.Hint} }

// title makes a heading of a package name: my-shop becomes My Shop.
func title(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

// newRecord is the record of the project.
func newRecord(p *plan.Plan, v *View, t *tree.Tree) *record.Record {
	r := &record.Record{Format: record.Format, Tool: p.Tool, ID: p.ID, Name: p.Name, Shape: p.Shape, Answers: p.Answers.Map(), Files: map[string]string{}}
	for _, s := range v.Services {
		r.Services = append(r.Services, s.Service)
	}
	seen := map[string]bool{}
	for _, s := range p.Services {
		for _, l := range s.Layers {
			if !seen[l.ID] {
				seen[l.ID] = true
				r.Layers = append(r.Layers, record.Layer{ID: l.ID, Origin: l.Origin, Digest: l.Digest})
			}
		}
	}
	for _, f := range t.Files() {
		mode := "100644"
		if f.Exec {
			mode = "100755"
		}
		r.Files[f.Path] = mode + " " + tree.BlobID(f.Data)
	}
	return r
}
