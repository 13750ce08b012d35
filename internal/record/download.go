package record

// A Download is something large among the packages of a service, which a
// person is told of before it is fetched.
type Download struct {
	What      string   `toml:"what"`      // its name in a message
	Megabytes int      `toml:"megabytes"` // to fetch, with all that it needs
	Disk      int      `toml:"disk"`      // megabytes on the disk
	On        []string `toml:"on"`        // systems, as "linux" or "linux/amd64"
	// StandIn is what a row of StandIns replaces: only where that is done, this
	// is what is fetched.
	StandIn string `toml:"stand_in,omitempty"`
}
