//go:build !linux

package verify

import (
	"runtime"

	"github.com/fingerpost/fingerpost/ledger"
)

// machine says where a measurement is made.
func machine() ledger.Machine {
	return ledger.Machine{System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU()}
}

// memory is only read on Linux.
func memory(int) float64 { return 0 }
