package guide

// A Choice is one value of one kind that a stack can be made of.
type Choice struct {
	Kind     string // framework, orm, database, pm, ml, feature; app for what joins by itself
	Value    string // what a person types
	Label    string
	Hint     string
	Language string   // of what it is for, or "" for every language
	Needs    []string // words that other choices of the same service must give
	Gives    []string // words that it gives to its service
	// Brings are choices of other kinds that come with this one, by kind: no
	// other value of that kind fits beside it.
	Brings    map[string]string
	Available bool // there is a layer for it
}

// A Menu is what can be chosen.
type Menu struct{ Choices []Choice }
