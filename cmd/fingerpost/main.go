// Command fingerpost chooses a backend stack with reasons and writes a starter
// repository that is proven to work.
package main

import (
	"os"

	"github.com/fingerpost/fingerpost/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], cli.System())) }
