package verify

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// maxOutput bounds what is kept of a step's output.
const maxOutput = 1 << 20

// A tailBuffer keeps the end of what a step printed.
type tailBuffer struct {
	mu   sync.Mutex
	data []byte
}

func (b *tailBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = append(b.data, p...)
	if over := len(b.data) - maxOutput; over > 0 {
		b.data = append([]byte(nil), b.data[over:]...)
	}
	return len(p), nil
}

func (b *tailBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.data)
}

var (
	escape = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")
	// warning is how the programs in use begin one.
	warning = regexp.MustCompile(`(?i)(^|\W)(warn(ing)?|[a-z]*Warning)(\b|:)`)
	// countOfNone are summaries that say that there is none.
	countOfNone = regexp.MustCompile(`(?i)\b(0|no) warnings?\b|^# `)
	// ofTheMachine are warnings about how this machine is set up, which no
	// template can help.
	ofTheMachine = regexp.MustCompile(`(?i)unknown (env|user|project|global|builtin|cli) config|failed to hardlink files|UV_LINK_MODE|If the cache and target directories|running pip as the 'root' user|cache is (owned|disabled)|a new release of pip`)
)

// warnings are the lines of a step's output that warn.
func warnings(output string) []string {
	var out []string
	for _, line := range strings.Split(output, "\n") {
		line = strings.TrimSpace(escape.ReplaceAllString(line, ""))
		if warning.MatchString(line) && !countOfNone.MatchString(line) && !ofTheMachine.MatchString(line) {
			out = append(out, line)
		}
	}
	return out
}

// lastLines are the last lines of output that say something.
func lastLines(output string, n int) string {
	var out []string
	for _, line := range strings.Split(output, "\n") {
		line = strings.TrimSpace(escape.ReplaceAllString(line, ""))
		if line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out[max(0, len(out)-n):], " | ")
}

// What the test runners in use print at the end: node --test (its own form and
// TAP), pytest, vitest.
var (
	testsRun = []*regexp.Regexp{
		regexp.MustCompile(`(?m)^(?:ℹ|#) pass (\d+)`),
		regexp.MustCompile(`(?m)^=* ?.*?(\d+) passed`),
		regexp.MustCompile(`(?m)^\s*Tests\s+.*?(\d+) passed`),
	}
	testsSkipped = []*regexp.Regexp{
		regexp.MustCompile(`(?m)^(?:ℹ|#) (?:skipped|todo) (\d+)`),
		regexp.MustCompile(`(?m)\b(\d+) (?:skipped|xfailed|xpassed|deselected|todo)\b`),
	}
)

// fewestTests is the least that a service's own tests may be: a runner that
// finds none is content with itself.
const fewestTests = 5

// countTests judges what a test run printed: how many tests passed, and that
// none was left out.
func countTests(output string) error {
	text := escape.ReplaceAllString(output, "")
	passed := 0
	for _, p := range testsRun {
		for _, m := range p.FindAllStringSubmatch(text, -1) {
			n, _ := strconv.Atoi(m[1])
			passed = max(passed, n)
		}
	}
	if passed < fewestTests {
		return fmt.Errorf("%d tests passed, want %d at least: %s", passed, fewestTests, lastLines(output, 4))
	}
	for _, p := range testsSkipped {
		for _, m := range p.FindAllStringSubmatch(text, -1) {
			if m[1] != "0" {
				return fmt.Errorf("tests are left out: %s", m[0])
			}
		}
	}
	return nil
}

// covered finds the line of all files in the tables of the usual programs: of
// several figures in it the first one with a decimal point or a percent sign
// is that of the lines.
var covered = regexp.MustCompile(`(?mi)^\W*(?:all files|total)\b[^%\n]*?(\d+\.\d+|\d+(?:\.\d+)?%)`)

// coverage is the part of the lines that the tests reach, in per cent.
func coverage(output string) (float64, error) {
	m := covered.FindStringSubmatch(escape.ReplaceAllString(output, ""))
	if m == nil {
		return 0, fmt.Errorf("the output has no figure for all files: %s", lastLines(output, 4))
	}
	return strconv.ParseFloat(strings.TrimSuffix(m[1], "%"), 64)
}
