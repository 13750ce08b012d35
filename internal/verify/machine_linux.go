package verify

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/fingerpost/fingerpost/ledger"
)

// machine says where a measurement is made; never the machine's name.
func machine() ledger.Machine {
	m := ledger.Machine{System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU()}
	if v, ok := field("/proc/cpuinfo", "model name"); ok {
		m.Processor = v
	}
	if v, ok := field("/proc/meminfo", "MemTotal"); ok {
		kib, _ := strconv.ParseFloat(strings.TrimSuffix(v, " kB"), 64)
		m.Memory = round(kib/(1<<20), 0)
	}
	return m
}

// field reads "name : value" out of a file of /proc.
func field(path, name string) (string, bool) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", false
	}
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value), true
		}
	}
	return "", false
}

// memory is what a process and all that it started hold, in MiB: the
// proportional set size, which counts a shared page once. 0 where it cannot be
// read.
func memory(pid int) float64 {
	total := 0.0
	for _, p := range family(pid) {
		v, ok := field(fmt.Sprintf("/proc/%d/smaps_rollup", p), "Pss")
		if !ok {
			continue
		}
		kib, _ := strconv.ParseFloat(strings.TrimSuffix(v, " kB"), 64)
		total += kib / 1024
	}
	return round(total, 1)
}

// family is a process and its descendants.
func family(pid int) []int {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// The command's name may hold anything, but its closing bracket is the last.
		fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
		id, err1 := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if len(fields) < 2 || err1 != nil {
			continue
		}
		parent, _ := strconv.Atoi(string(fields[1]))
		children[parent] = append(children[parent], id)
	}
	out := []int{pid}
	for i := 0; i < len(out); i++ {
		out = append(out, children[out[i]]...)
	}
	return out
}
