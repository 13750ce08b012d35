package doc

import (
	"path"
	"strings"
)

// isLines tells whether the file is a list of lines.
func isLines(file string) bool {
	base := path.Base(file)
	return base == ".gitattributes" || base == ".npmrc" || isEnv(base) ||
		strings.HasPrefix(base, ".") && strings.HasSuffix(base, "ignore")
}

// isEnv tells whether the lines are KEY=value.
func isEnv(base string) bool { return base == ".env" || strings.HasPrefix(base, ".env.") }

// lineKey is the name that a line gives a value to, where that must be one
// value; "" for lines that merge as they are.
func lineKey(base, line string) string {
	if !isEnv(base) && base != ".npmrc" {
		return ""
	}
	key, _, ok := strings.Cut(line, "=")
	key = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(key), "export "))
	if !ok || strings.HasSuffix(key, "[]") {
		return ""
	}
	return key
}

// mergeLines keeps the owner's lines as they stand and adds the lines that the
// others bring, without their comments. A key of an env file has one value.
func mergeLines(file string, parts []Part) ([]byte, error) {
	base := path.Base(file)
	var out []string
	seen := map[string]bool{}
	values := map[string]*Value{} // by key, for files of KEY=value
	for i := range parts {
		p := &parts[i]
		text, err := p.text()
		if err != nil {
			return nil, err
		}
		for n, line := range strings.Split(string(text), "\n") {
			line = strings.TrimRight(line, " \t\r")
			plain := strings.TrimSpace(line)
			comment := strings.HasPrefix(plain, "#") || base == ".npmrc" && strings.HasPrefix(plain, ";")
			switch {
			case plain == "":
				if i == 0 && len(out) > 0 && out[len(out)-1] != "" {
					out = append(out, "")
				}
				continue
			case comment:
				if i == 0 {
					out = append(out, line)
				}
				continue
			case seen[line]:
				continue
			}
			if key := lineKey(base, line); key != "" {
				_, value, _ := strings.Cut(line, "=")
				v := &Value{text: value, part: p, line: n + 1}
				if old := values[key]; old != nil {
					return nil, conflict([]string{key}, old, v)
				}
				values[key] = v
			}
			seen[line] = true
			out = append(out, line)
		}
		for len(out) > 0 && out[len(out)-1] == "" {
			out = out[:len(out)-1]
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return []byte(strings.Join(out, "\n") + "\n"), nil
}
