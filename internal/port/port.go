// Package port finds a port for a service that is about to start.
//
// Listening on port zero and closing is not enough: the system gives the same
// number to the next outgoing connection or listener before the service is up.
// The ports here lie below those that any common system hands out by itself,
// and none is given twice by one process.
package port

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
)

// The range that is chosen from: above the usual ports of services, below
// Linux's ephemeral ports (from 32768) and those of macOS and Windows (from
// 49152).
const (
	first = 20000
	last  = 32767
)

var (
	mu    sync.Mutex
	given = map[int]bool{}
)

// Free is a port of this machine's loopback on which nothing listens and which
// this process was not given before. Where nothing of the range is left it is
// an error.
func Free() (int, error) {
	mu.Lock()
	defer mu.Unlock()
	for range 2000 {
		p := first + rand.IntN(last-first+1)
		if given[p] || !open(p) {
			continue
		}
		given[p] = true
		return p, nil
	}
	return 0, errors.New("no free port on the loopback address")
}

// open tells whether a service could listen on the port, by every name of the
// loopback that this machine has.
func open(p int) bool {
	text := strconv.Itoa(p)
	for _, host := range []string{"127.0.0.1", "::1"} {
		if c, err := net.Dial("tcp", net.JoinHostPort(host, text)); err == nil {
			c.Close()
			return false
		}
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", text))
	if err != nil {
		return false
	}
	l.Close()
	return true
}
