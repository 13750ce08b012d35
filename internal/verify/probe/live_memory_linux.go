package probe

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// memory is what a process and those that it started hold, in bytes; false
// where that cannot be read.
func memory(pid int) (int64, bool) {
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	children := map[int][]int{}
	for _, path := range all {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
		id, err1 := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if len(fields) < 2 || err1 != nil {
			continue
		}
		if parent, err := strconv.Atoi(string(fields[1])); err == nil {
			children[parent] = append(children[parent], id)
		}
	}
	var total int64
	for todo := []int{pid}; len(todo) > 0; todo = todo[1:] {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", todo[0]))
		if fields := bytes.Fields(data); err == nil && len(fields) > 1 {
			pages, _ := strconv.ParseInt(string(fields[1]), 10, 64)
			total += pages * int64(os.Getpagesize())
		}
		todo = append(todo, children[todo[0]]...)
	}
	return total, total > 0
}
