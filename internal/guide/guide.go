// Package guide runs the rules of a decision guide: answers in, a recommended
// stack with its reasons out, and what would turn it. The rules, the menu they
// know and the words in which they explain themselves are rows of rules.toml;
// this package only counts, compares and checks that a choice fits.
//
// It asks nobody anything, reads no file of the user and knows no layer: what
// can be generated today is told to it as a Menu.
package guide

// The two shapes of a repository, and the services of a split.
const (
	Single = "single"
	Split  = "split"
)

// How sure the rules are of a recommendation.
const (
	Clear   = "clear"   // ahead, and no single answer would change the language
	Leaning = "leaning" // ahead, but not by much
	TossUp  = "toss-up" // next to nothing between them
)

// A Decision is a recommendation and everything that can be said about it.
type Decision struct {
	Recommendation Recommendation `json:"recommendation"`
	Confidence     string         `json:"confidence"`
	// Scores are the weights added up, by kind ("language", "shape",
	// "framework", ...), then by value.
	Scores map[string]map[string]int `json:"scores"`
	// Reasons spoke for the recommendation, the weightiest first; a weight of 0
	// marks what is worth knowing and decided nothing.
	Reasons []Reason `json:"reasons"`
	Against []Reason `json:"against"`
	// WatchOut is what the winner is weak in, and where that is dealt with.
	WatchOut []WatchOut `json:"watch_out"`
	RunnerUp *RunnerUp  `json:"runner_up"`
	// Flips are the smallest changes of answers that would turn the language or
	// the shape: all single ones, or where there is none the likeliest pairs.
	Flips []Flip `json:"flips"`
	// Overrides are choices that the person set and the rules would not have made.
	Overrides []Override `json:"overrides"`

	fired []hit
}

// A Recommendation is the stack of one repository.
type Recommendation struct {
	Shape    string    `json:"shape"` // Single or Split
	Services []Service `json:"services"`
}

// A Service is the stack of one program: app, or api and ml in a split. What
// it does not have is "".
type Service struct {
	Name      string   `json:"name"`
	Language  string   `json:"language"`
	Framework string   `json:"framework"`
	ORM       string   `json:"orm"`
	PM        string   `json:"pm"`
	Database  string   `json:"database"`
	ML        string   `json:"ml"`
	Features  []string `json:"features"`
}

// A Reason is one rule that fired.
type Reason struct {
	Rule    string `json:"rule"`
	Kind    string `json:"kind"`    // what it weighs in on: language, shape, framework, ..., or context
	Favours string `json:"favours"` // a value, several joined by ", ", or "" for context
	Weight  int    `json:"weight"`
	Because string `json:"because"`
	// Source is the heading of the guide, or Silent where the guide says
	// nothing and the reason is the field's.
	Source  string `json:"source"`
	Service string `json:"service,omitempty"` // in a split, which service it is about
}

// Silent is the source of a reason that the guide does not give.
const Silent = "the guide is silent; the field's reason"

// A WatchOut is a weakness of the winner and the file of the generated
// repository that deals with it.
type WatchOut struct {
	Rule    string `json:"rule"`
	What    string `json:"what"`
	Source  string `json:"source"`
	File    string `json:"file"` // slash-separated, from the root of the repository
	Service string `json:"service,omitempty"`
}

// A RunnerUp is the stack that would have been next, and what speaks for it.
type RunnerUp struct {
	Recommendation
	Reasons []Reason `json:"reasons"`
}

// A Flip is a change of one or two answers that turns the decision.
type Flip struct {
	Changes []Change `json:"changes"`
	To      Outcome  `json:"to"`
}

// A Change is one answer given differently.
type Change struct {
	Key   string `json:"key"`
	Op    string `json:"op"` // "set", or "add" and "remove" for a list
	Value string `json:"value"`
	Was   string `json:"was,omitempty"` // of "set": the value before
}

// An Outcome is what a flip turns to: the shape, and the languages of its
// services in order.
type Outcome struct {
	Shape     string   `json:"shape"`
	Languages []string `json:"languages"`
}

// An Override is one choice of the person against the rules.
type Override struct {
	Key     string `json:"key"`
	Value   string `json:"value"`
	Instead string `json:"instead"` // what the rules would have chosen
	Service string `json:"service,omitempty"`
}
