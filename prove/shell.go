package main

import (
	"errors"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// script checks a shell script that starts at line of file: that it parses,
// and the slips that only show when it runs.
func script(file string, line int, body string, posix bool) []finding {
	lang := syntax.LangBash
	if posix {
		lang = syntax.LangPOSIX
	}
	parsed, err := syntax.NewParser(syntax.Variant(lang)).Parse(strings.NewReader(body), "")
	if err != nil {
		at := line
		var bad syntax.ParseError
		if errors.As(err, &bad) {
			at += int(bad.Pos.Line()) - 1
		}
		return []finding{{file, at, "shell", "the shell cannot read this: " + err.Error()}}
	}
	var found []finding
	syntax.Walk(parsed, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		var words []string
		for _, a := range call.Args {
			words = append(words, a.Lit())
		}
		at := line + int(call.Pos().Line()) - 1
		joined := strings.Join(words, " ")
		switch {
		case words[0] == "cd" && posix:
			found = append(found, finding{file, at, "shell-cd", "a cd in a RUN is gone with the next one; WORKDIR stays"})
		case words[0] == "sudo":
			found = append(found, finding{file, at, "shell-sudo", "there is no sudo here"})
		case words[0] == "apt-get" && strings.Contains(joined, " install") && !strings.Contains(joined, " -y") && !strings.Contains(joined, "--yes"):
			found = append(found, finding{file, at, "shell-apt", "apt-get install asks a question; give it --yes"})
		case (words[0] == "npm" || words[0] == "npx") && strings.Contains(joined, "@latest"), strings.HasPrefix(joined, "pip install") && !strings.Contains(joined, "==") && !strings.Contains(joined, "-r "):
			found = append(found, finding{file, at, "shell-pin", "installs whatever is newest that day; name a version"})
		}
		return true
	})
	return found
}
