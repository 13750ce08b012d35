package cli

import (
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/hint"
)

func TestCheckName(t *testing.T) {
	for _, c := range []struct{ name, fault, try string }{
		{"shop", "", ""},
		{"my-shop", "", ""},
		{"my_shop2", "", ""},
		{strings.Repeat("a", 50), "", ""},
		{"", "empty", "my-project"},
		{"MyShop", "capital", "my-shop"},
		{"HTTPServer", "capital", "httpserver"},
		{"my shop", "spaces", "my-shop"},
		{"shop.", "dot", "shop"},
		{"my.shop", "dot", "my-shop"},
		{" shop ", "spaces", "shop"},
		{"-shop", "begin with a letter", "shop"},
		{"3d", "begin with a letter", "app-3d"},
		{"shop-", "ends with -", "shop"},
		{"my--shop", "side by side", "my-shop"},
		{"my-_shop", "side by side", "my-shop"},
		{"café", "a to z", "cafe"},
		{"Straße", "capital", "strasse"},
		{"магазин", "a to z", "my-project"},
		{"店", "a to z", "my-project"},
		{"a/b", "path", "a-b"},
		{`a\b`, "path", "a-b"},
		{"a:b", "only a to z", "a-b"},
		{"shop\x00", "only a to z", "shop"},
		{"sh\xffop", "UTF-8", "sh-op"},
		{"don't", "only a to z", "dont"},
		{"con", "device", "con-app"},
		{"NUL", "capital", "nul-app"},
		{"com1", "device", "com1-app"},
		{"lpt0", "device", "lpt0-app"},
		{"com10", "", ""},
		{"http", "module of Node.js", "http-app"},
		{"node_modules", "npm", "node-modules"},
		{"json", "standard library", "json-app"},
		{"graphlib", "standard library", "graphlib-app"},
		{strings.Repeat("a", 51), "longer", strings.Repeat("a", 50)},
		{strings.Repeat("é", 40), "longer", strings.Repeat("e", 40)},
	} {
		err := checkName(c.name)
		if c.fault == "" {
			if err != nil {
				t.Errorf("%q: %v", c.name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%q: got %v, want a fault with %q", c.name, err, c.fault)
			continue
		}
		if got := hint.Next(err); got != "try "+c.try {
			t.Errorf("%q: hint %q, want %q", c.name, got, "try "+c.try)
		}
		if !hint.IsMisuse(err) {
			t.Errorf("%q: not a misuse", c.name)
		}
	}
}

// A suggestion that is refused in its turn would send a person in circles.
func FuzzSuggestName(f *testing.F) {
	for _, s := range []string{"", "con", "CON", "sys-", "3", "é", "my..shop", strings.Repeat("x-", 60), "node_modules", "ﬁle", "İ", "①"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if fault := nameFault(suggestName(s)); fault != "" {
			t.Errorf("%q: suggests %q: %s", s, suggestName(s), fault)
		}
	})
}

func TestCheckFolder(t *testing.T) {
	for _, good := range []string{"shop", "My Shop", "café", ".shop", "a.b", "com10", "console"} {
		if err := checkFolder(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"CON", "nul.txt", "aux .x", "COM¹", "lpt9", "shop.", "shop ", " shop", "-shop", "a:b", "a|b", `a\b`, "a\tb", "a\xff", strings.Repeat("a", 256)} {
		if err := checkFolder(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
