package ask

import "github.com/fingerpost/fingerpost/internal/guide"

// A field is one answer that a person is asked for.
type field struct {
	Question
	multi bool
	get   func(*guide.Answers) []string
	set   func(*guide.Answers, []string)
}

// one makes a field with a single value, kept at what at returns.
func one(q Question, at func(*guide.Answers) *string) field {
	return field{
		Question: q,
		get: func(a *guide.Answers) []string {
			if v := *at(a); v != "" {
				return []string{v}
			}
			return nil
		},
		set: func(a *guide.Answers, values []string) {
			*at(a) = ""
			if len(values) > 0 {
				*at(a) = values[0]
			}
		},
	}
}

// many makes a field with any number of values. An empty list that is not nil
// was asked for and answered with nothing.
func many(q Question, at func(*guide.Answers) *[]string) field {
	return field{
		Question: q,
		multi:    true,
		get:      func(a *guide.Answers) []string { return *at(a) },
		set:      func(a *guide.Answers, values []string) { *at(a) = values },
	}
}

// asked are the questions that lead to a recommendation, in order.
var asked = []field{
	many(Question{
		Key: "building", Short: "Building", Text: "What are you building?", Help: "Pick all that fit.",
		Options: []Option{
			{"api", "An API", "for web pages, apps, other programs"},
			{"realtime", "Real-time features", "chat, notifications, live updates"},
			{"content", "A content site", "articles, pages, an admin area"},
			{"ml", "Machine learning", "serve a model's predictions"},
			{"data", "Data processing", "imports, reports, analysis"},
		},
	}, func(a *guide.Answers) *[]string { return &a.Building }),
	one(Question{
		Key: "knows", Short: "You work in", Text: "What do you work in today?", Help: "You, or the team that will keep this running.",
		Options: []Option{
			{"javascript", "JavaScript or TypeScript", ""},
			{"python", "Python", ""},
			{"both", "Both", ""},
			{"neither", "Neither", "or not much of either"},
		},
	}, func(a *guide.Answers) *string { return &a.Knows }),
	one(Question{
		Key: "workload", Short: "Work", Text: "What will it spend its time on?", Help: "If you are not sure, it is ordinary.", Default: []string{"ordinary"},
		Options: []Option{
			{"io", "Waiting", "many open connections, calls to other services"},
			{"ordinary", "Ordinary requests", "read something, change something, answer"},
			{"compute", "Computing", "numbers, images, models"},
		},
	}, func(a *guide.Answers) *string { return &a.Workload }),
	one(Question{
		Key: "frontend", Short: "Front end", Text: "What stands in front of it?", Help: "A JavaScript front end makes one language for all possible.",
		Options: []Option{
			{"javascript", "A JavaScript front end", "React, Vue, Svelte, plain"},
			{"mobile", "A mobile app", ""},
			{"other", "Something else", "pages made on the server, a desktop program"},
			{"none", "Nothing", "other programs call it"},
		},
	}, func(a *guide.Answers) *string { return &a.Frontend }),
	many(Question{
		Key: "values", Short: "Counts most", Text: "What counts most for you?", Help: "Pick what would make you choose one over the other.",
		Options: []Option{
			{"readability", "Readable code", ""},
			{"prototyping", "A fast start", "something to show soon"},
			{"throughput", "Throughput", "many requests at once"},
			{"structure", "Structure", "conventions for a growing team"},
			{"lightweight", "Little weight", "few parts, nothing to take out"},
		},
	}, func(a *guide.Answers) *[]string { return &a.Values }),
}

// reviewed are answers that have a default and are asked only when a person
// wants to change them.
var reviewed = []field{
	one(Question{
		Key: "goal", Short: "Goal", Text: "What is this project for?", Help: "Learning adds a tour of the repository and speaks to your career.", Default: []string{"product"},
		Options: []Option{
			{"product", "A product", "something that others will use"},
			{"learning", "Learning", "choosing a language for yourself"},
		},
	}, func(a *guide.Answers) *string { return &a.Goal }),
	one(Question{
		Key: "license", Short: "License", Text: "Which license?", Help: "None keeps all rights with you.", Default: []string{"none"},
		Options: LicenseOptions(),
	}, func(a *guide.Answers) *string { return &a.License }),
}

// LicenseOptions are the licenses that templates/base-repo has a text for, and none.
func LicenseOptions() []Option {
	return []Option{
		{"none", "None", "all rights reserved"},
		{"MIT", "MIT", "do what you like, keep the notice"},
		{"Apache-2.0", "Apache 2.0", "the same, with a patent grant"},
		{"BSD-3-Clause", "BSD 3-Clause", "as MIT, without use of your name"},
		{"ISC", "ISC", "MIT in fewer words"},
	}
}

// Missing lists the keys of the questions that a does not answer, in order.
func Missing(a guide.Answers) []string {
	var keys []string
	for _, f := range asked {
		if f.get(&a) == nil {
			keys = append(keys, f.Key)
		}
	}
	return keys
}

// answer puts the question of f, with what a says now as the default.
func (f field) answer(p Prompter, a *guide.Answers) error {
	q := f.Question
	if now := f.get(a); now != nil {
		q.Default = now
	}
	if f.multi {
		values, err := p.MultiSelect(q)
		if err != nil {
			return err
		}
		f.set(a, values)
		return nil
	}
	value, err := p.Select(q)
	if err != nil {
		return err
	}
	f.set(a, []string{value})
	return nil
}
