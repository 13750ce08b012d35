package cli

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fingerpost/fingerpost/internal/hint"
	"golang.org/x/text/unicode/norm"
)

// maxName leaves room for what is made from a name: host names and database
// names end at 63 characters, and a split appends its services' names.
const maxName = 50

// checkName tells whether name can be the name of a project on every system:
// a folder on Windows, macOS and Linux, a package of npm and of PyPI, a Docker
// image, a host. The rule is the intersection, so that a project can move.
func checkName(name string) error {
	fault := nameFault(name)
	if fault == "" {
		return nil
	}
	return hint.Misusef("try "+suggestName(name), "%q cannot be the name of a project: %s", name, fault)
}

// nameFault says what is wrong with name, or "".
func nameFault(name string) string {
	switch {
	case name == "":
		return "it is empty"
	case !utf8.ValidString(name):
		return "it is not valid UTF-8"
	case len(name) > maxName:
		return "it is longer than 50 characters"
	}
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '-', r == '_':
		case 'A' <= r && r <= 'Z':
			return "npm packages have no capital letters"
		case r == ' ':
			return "packages have no spaces in their names"
		case r == '.':
			return "a dot is no part of a host or an image name"
		case r == '/' || r == '\\':
			return "it is a path; the folder is given on its own"
		case r > unicode.MaxASCII:
			return "packages have only the letters a to z in their names"
		default:
			return "only a to z, 0 to 9, - and _ are allowed"
		}
	}
	first, last := name[0], name[len(name)-1]
	switch {
	case first < 'a' || first > 'z':
		return "it has to begin with a letter"
	case last == '-' || last == '_':
		return "it ends with " + string(last)
	case strings.Contains(name, "--"), strings.Contains(name, "__"), strings.Contains(name, "-_"), strings.Contains(name, "_-"):
		return "two separators stand side by side"
	case windowsDevice(name):
		return "it is the name of a device on Windows"
	case nodeNames[name]:
		return "it is a module of Node.js, or a name that npm keeps for itself"
	case pythonNames[strings.ReplaceAll(name, "-", "_")]:
		return "it is a module of Python's standard library, or a name that PyPI refuses"
	}
	return ""
}

// checkFolder tells whether base can be the name of a folder on every system.
func checkFolder(base string) error {
	var fault string
	switch {
	case !utf8.ValidString(base):
		fault = "it is not valid UTF-8"
	case len(base) > 255:
		fault = "it is longer than 255 bytes"
	case strings.ContainsAny(base, `<>:"|?*\`):
		fault = "Windows allows none of < > : \" | ? * \\ in it"
	case strings.HasSuffix(base, ".") || strings.HasSuffix(base, " "):
		fault = "Windows drops a dot or a space at the end"
	case strings.HasPrefix(base, " "):
		fault = "it begins with a space"
	case strings.HasPrefix(base, "-"):
		fault = "programs would take it for an option"
	case strings.ContainsFunc(base, unicode.IsControl):
		fault = "it has a control character in it"
	case windowsDevice(base):
		fault = "it is the name of a device on Windows"
	default:
		return nil
	}
	return hint.Misusef("try "+suggestName(base), "%q cannot be the name of a folder everywhere: %s", base, fault)
}

// windowsDevice tells whether Windows takes name for a device, whatever its
// case and whatever follows its first dot.
func windowsDevice(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$":
		return true
	}
	if rest, ok := strings.CutPrefix(stem, "COM"); ok {
		return portNumber(rest)
	}
	rest, ok := strings.CutPrefix(stem, "LPT")
	return ok && portNumber(rest)
}

func portNumber(s string) bool {
	switch s { // Windows takes the raised digits too
	case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
		return true
	}
	return false
}

// letters that do not fall apart into a letter of ASCII and a mark.
var foldLetters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "ł", "l", "ı", "i")

// suggestName makes the nearest name that checkName takes.
func suggestName(name string) string {
	var b strings.Builder
	previous := rune(0)
	for _, r := range strings.TrimSpace(name) {
		if unicode.IsUpper(r) && (unicode.IsLower(previous) || unicode.IsDigit(previous)) {
			b.WriteByte('-') // MyShop reads my-shop
		}
		previous = r
		b.WriteString(foldLetters.Replace(string(unicode.ToLower(r))))
	}
	var slug strings.Builder
	for _, r := range norm.NFKD.String(b.String()) {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			slug.WriteRune(r)
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’': // the accent of a letter, and don't
		default:
			if s := slug.String(); s != "" && !strings.HasSuffix(s, "-") {
				slug.WriteByte('-')
			}
		}
	}
	s := strings.Trim(slug.String(), "-")
	if s == "" {
		return "my-project"
	}
	if s[0] < 'a' || s[0] > 'z' {
		s = "app-" + s
	}
	if len(s) > maxName {
		s = strings.TrimRight(s[:maxName], "-")
	}
	if nameFault(s) != "" {
		s = strings.TrimRight(s[:min(len(s), maxName-len("-app"))], "-") + "-app"
	}
	return s
}

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// nodeNames are the built-in modules of Node.js 26 and the names that npm refuses.
var nodeNames = words(`
	assert async_hooks buffer child_process cluster console constants crypto dgram
	diagnostics_channel dns domain events fs http http2 https inspector module net os
	path perf_hooks process punycode querystring readline repl sea sqlite stream
	string_decoder sys test timers tls trace_events tty url util v8 vm wasi
	worker_threads zlib
	node_modules favicon node npm`)

// pythonNames are the public modules of the standard library of Python 3.11 to
// 3.14, and the names that PyPI refuses.
var pythonNames = words(`
	abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit
	audioop base64 bdb binascii bisect builtins bz2 calendar cgi cgitb chunk cmath cmd code
	codecs codeop collections colorsys compileall compression concurrent configparser
	contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm
	decimal difflib dis distutils doctest email encodings ensurepip enum errno faulthandler
	fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass
	gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp
	importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale logging
	lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt
	multiprocessing netrc nis nntplib nt ntpath numbers opcode operator optparse os
	ossaudiodev pathlib pdb pickle pickletools pip pipes pkgutil platform plistlib poplib
	posix posixpath pprint profile pstats pty pwd pyclbr pydoc pyexpat python queue quopri
	random re readline reprlib resource rlcompleter runpy sched secrets select selectors
	setuptools shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd
	sqlite3 ssl stat statistics string stringprep struct subprocess sunau symtable sys
	sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap this threading time
	timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo
	types typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser
	winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
	requirements`)
