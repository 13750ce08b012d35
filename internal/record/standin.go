package record

// A StandIn takes the place of something that a program of the project fetches
// by itself, from elsewhere than a package registry: where that place cannot
// be reached, a program made of registry packages does its work, or settings
// alone make another place do. It is for this tool's own runs alone; the
// project knows nothing of it.
type StandIn struct {
	Replaces string   `toml:"replaces"`           // what cannot be fetched
	By       string   `toml:"by"`                 // what does its work
	URL      string   `toml:"url"`                // something of that place: an answer below 400 means that there is no need
	Unless   []string `toml:"unless,omitempty"`   // variables by which a person has already seen to it
	Packages []string `toml:"packages,omitempty"` // of npm, which the program imports: name@version
	Program  string   `toml:"program,omitempty"`  // the program, with a #! line; in layer.toml the name of a file in programs/
	// Tool is the tool in whose place its own program comes from an environment
	// of the distributions PyPI, its own first: another one beside it does the work,
	// or Program, which that environment's interpreter runs.
	Tool string   `toml:"tool,omitempty"`
	PyPI []string `toml:"pypi,omitempty"` // name==version
	// Env are variables for all processes of the service; {program} is the path
	// of the program.
	Env map[string]string `toml:"env"`
}
