package run

import (
	"os"
	"runtime"
	"sort"
	"strings"
)

// parseEnv reads the lines of a .env file the way the generated services do:
// KEY=value, an export in front, quotes around the value, comments. Within
// double quotes \n is a new line; nothing is expanded.
func parseEnv(text string) map[string]string {
	out := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		line = strings.TrimSpace(strings.TrimPrefix(line, "export "))
		key, value, ok := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		if !ok || key == "" || strings.HasPrefix(key, "#") {
			continue
		}
		out[key] = envValue(strings.TrimSpace(value))
	}
	return out
}

func envValue(v string) string {
	if len(v) > 0 && strings.ContainsRune(`"'`+"`", rune(v[0])) {
		quote := v[:1]
		if end := strings.Index(v[1:], quote); end >= 0 {
			inner := v[1 : 1+end]
			if quote == `"` {
				inner = strings.ReplaceAll(inner, `\n`, "\n")
			}
			return inner
		}
	}
	if i := strings.Index(v, " #"); i >= 0 {
		v = v[:i]
	} else if strings.HasPrefix(v, "#") {
		return ""
	}
	return strings.TrimSpace(v)
}

// envKey is a variable's name as the system compares it.
func envKey(k string) string {
	if runtime.GOOS == "windows" {
		return strings.ToUpper(k)
	}
	return k
}

// overlay is env with the values of extra in place of its own.
func overlay(env []string, extra map[string]string) []string {
	if len(extra) == 0 {
		return env
	}
	set := map[string]bool{}
	for k := range extra {
		set[envKey(k)] = true
	}
	out := make([]string, 0, len(env)+len(extra))
	for _, kv := range env {
		if k, _, _ := strings.Cut(kv, "="); !set[envKey(k)] {
			out = append(out, kv)
		}
	}
	keys := make([]string, 0, len(extra))
	for k := range extra {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		out = append(out, k+"="+extra[k])
	}
	return out
}

// frontPath puts dirs in front of PATH.
func frontPath(env []string, dirs []string) []string {
	if len(dirs) == 0 {
		return env
	}
	for i, kv := range env {
		if k, v, _ := strings.Cut(kv, "="); envKey(k) == "PATH" {
			out := append([]string{}, env...)
			out[i] = k + "=" + strings.Join(append(append([]string{}, dirs...), v), string(os.PathListSeparator))
			return out
		}
	}
	return append(append([]string{}, env...), "PATH="+strings.Join(dirs, string(os.PathListSeparator)))
}
