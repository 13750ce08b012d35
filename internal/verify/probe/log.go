package probe

import (
	"encoding/json"
	"fmt"
	"time"
)

// A logLine is one line of the service's log.
type logLine struct {
	level, msg string
	id         string // request id, "" when it belongs to none
	method     string
	path       string
	status     int
	request    bool // the one line that a request gets: it has ms
	fields     map[string]any
}

// parseLine reads a line and says in what way it is not what the contract wants.
func parseLine(line string) (logLine, error) {
	var l logLine
	v, err := decode([]byte(line))
	if err != nil {
		return l, fmt.Errorf("not JSON")
	}
	m, isObject := v.(map[string]any)
	if !isObject {
		return l, fmt.Errorf("not a JSON object")
	}
	l.fields = m
	at, _ := m["time"].(string)
	if _, err := time.Parse(time.RFC3339Nano, at); err != nil {
		return l, fmt.Errorf("time %v is not RFC 3339", m["time"])
	}
	l.level, _ = m["level"].(string)
	switch l.level {
	case "debug", "info", "warn", "error":
	default:
		return l, fmt.Errorf("level %v is not debug, info, warn or error", m["level"])
	}
	var isText bool
	if l.msg, isText = m["msg"].(string); !isText {
		return l, fmt.Errorf("msg %v is not a text", m["msg"])
	}
	l.id, _ = m["requestId"].(string)
	ms, hasMS := m["ms"]
	if !hasMS {
		return l, nil
	}
	l.request = true
	if _, isNumber := ms.(json.Number); !isNumber {
		return l, fmt.Errorf("ms %v is not a number", ms)
	}
	l.method, _ = m["method"].(string)
	l.path, _ = m["path"].(string)
	status, _ := m["status"].(json.Number)
	n, err := status.Int64()
	if l.id == "" || l.method == "" || l.path == "" || err != nil {
		return l, fmt.Errorf("a request's line without requestId, method, path and status")
	}
	l.status = int(n)
	return l, nil
}
