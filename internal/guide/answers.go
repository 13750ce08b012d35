package guide

// Answers is what a person said, in the vocabulary that questions, flags,
// answer files, JSON and the record share. "" and nil mean not said; an empty
// list that is not nil was asked for and answered with nothing.
type Answers struct {
	Goal     string   `toml:"goal,omitempty" json:"goal,omitempty"`
	Knows    string   `toml:"knows,omitempty" json:"knows,omitempty"`
	Building []string `toml:"building,omitempty" json:"building,omitempty"`
	Workload string   `toml:"workload,omitempty" json:"workload,omitempty"`
	Frontend string   `toml:"frontend,omitempty" json:"frontend,omitempty"`
	Values   []string `toml:"values,omitempty" json:"values,omitempty"`
	Shape    string   `toml:"shape,omitempty" json:"shape,omitempty"`

	// Set by the person and never overruled. In a split they mean the API service,
	// but ML means the other and Feature both.
	Language  string   `toml:"language,omitempty" json:"language,omitempty"`
	Framework string   `toml:"framework,omitempty" json:"framework,omitempty"`
	ORM       string   `toml:"orm,omitempty" json:"orm,omitempty"`
	PM        string   `toml:"pm,omitempty" json:"pm,omitempty"`
	Database  string   `toml:"database,omitempty" json:"database,omitempty"`
	ML        string   `toml:"ml,omitempty" json:"ml,omitempty"`
	Feature   []string `toml:"feature,omitempty" json:"feature,omitempty"`
	// Services are the same choices for one service of a split, by its name.
	Services map[string]ServiceAnswers `toml:"services,omitempty" json:"services,omitempty"`

	Name    string `toml:"name,omitempty" json:"name,omitempty"`
	License string `toml:"license,omitempty" json:"license,omitempty"`

	// at says where a key was read ("answers.toml:4"), for errors.
	at map[string]string
}

// ServiceAnswers are the choices that a person set for one service.
type ServiceAnswers struct {
	Language  string   `toml:"language,omitempty" json:"language,omitempty"`
	Framework string   `toml:"framework,omitempty" json:"framework,omitempty"`
	ORM       string   `toml:"orm,omitempty" json:"orm,omitempty"`
	PM        string   `toml:"pm,omitempty" json:"pm,omitempty"`
	Database  string   `toml:"database,omitempty" json:"database,omitempty"`
	ML        string   `toml:"ml,omitempty" json:"ml,omitempty"`
	Feature   []string `toml:"feature,omitempty" json:"feature,omitempty"`
}

// A slot is one key of the vocabulary: exactly one of one and many is set.
type slot struct {
	key  string
	one  *string
	many *[]string
}

// slots lists the keys in their order, each with its place in a.
func (a *Answers) slots() []slot {
	return append([]slot{
		{key: "goal", one: &a.Goal}, {key: "knows", one: &a.Knows}, {key: "building", many: &a.Building},
		{key: "workload", one: &a.Workload}, {key: "frontend", one: &a.Frontend}, {key: "values", many: &a.Values},
		{key: "shape", one: &a.Shape},
		{key: "language", one: &a.Language}, {key: "framework", one: &a.Framework}, {key: "orm", one: &a.ORM},
		{key: "pm", one: &a.PM}, {key: "database", one: &a.Database}, {key: "ml", one: &a.ML}, {key: "feature", many: &a.Feature},
	}, slot{key: "name", one: &a.Name}, slot{key: "license", one: &a.License})
}

func (s *ServiceAnswers) slots() []slot {
	return []slot{
		{key: "language", one: &s.Language}, {key: "framework", one: &s.Framework}, {key: "orm", one: &s.ORM},
		{key: "pm", one: &s.PM}, {key: "database", one: &s.Database}, {key: "ml", one: &s.ML}, {key: "feature", many: &s.Feature},
	}
}

func (s slot) set() bool {
	if s.many != nil {
		return *s.many != nil
	}
	return *s.one != ""
}

// Map is only what was said, for the record and for JSON.
func (a Answers) Map() map[string]any {
	m := mapOf(a.slots())
	for name, s := range a.Services {
		of := mapOf(s.slots())
		if len(of) == 0 {
			continue
		}
		services, _ := m["services"].(map[string]any)
		if services == nil {
			services = map[string]any{}
			m["services"] = services
		}
		services[name] = of
	}
	return m
}

func mapOf(slots []slot) map[string]any {
	m := map[string]any{}
	for _, s := range slots {
		switch {
		case !s.set():
		case s.many != nil:
			m[s.key] = append([]string{}, *s.many...)
		default:
			m[s.key] = *s.one
		}
	}
	return m
}
