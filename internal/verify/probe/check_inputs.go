package probe

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// bodyLimit is the contract's largest body.
const bodyLimit = 1 << 20

var inputChecks = []Check{
	{ID: "malformed", Name: "answers malformed JSON and empty bodies with 400", Applies: withNotes,
		Reason: "a typo of the client must not look like a fault of the service",
		Run: func(t *T) {
			path := notePath(t.create("stays whole", "").ID)
			for _, body := range []string{"", "{", `{"title":`, `{"title":"a"`, `{"title":"a"}x`, `{"title":"a",}`, `{'title':'a'}`, "title=a", `{"title":"a` + "\n" + `b"}`, "[1,", "\x01", "}{"} {
				t.problem(t.text("POST", "/api/notes", body), 400)
				t.problem(t.text("PATCH", path, body), 400)
			}
			deep := strings.Repeat("[", 100_000)
			a := t.text("POST", "/api/notes", deep)
			t.problem(a, 400)
			closed := t.text("POST", "/api/notes", `{"title":`+strings.Repeat("[", 50_000)+strings.Repeat("]", 50_000)+"}")
			t.ok(closed.status == 400 || closed.status == 422, "POST of 50000 nested lists: status %d, want 400 or 422", closed.status)
			t.ok(t.note(t.get(path)).Title == "stays whole", "a refused PATCH changed the note")
		}},
	{ID: "utf8", Name: "answers broken UTF-8 with 400", Applies: withNotes,
		Reason: "bytes that are no text come back as question marks, or as a 500 of the database",
		Run: func(t *T) {
			path := notePath(t.create("whole text", "").ID)
			for _, bad := range []string{"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "a\x80b"} {
				t.problem(t.text("POST", "/api/notes", `{"title":"`+bad+`"}`), 400)
				t.problem(t.text("PATCH", path, `{"body":"`+bad+`"}`), 400)
			}
		}},
	{ID: "media-type", Name: "answers bodies that are not plain JSON with 415", Applies: withNotes,
		Reason: "reading a form as JSON, or JSON as a form, is how cross-site requests get in",
		Run: func(t *T) {
			path := notePath(t.create("typed", "").ID)
			good := []byte(`{"title":"typed"}`)
			for _, typ := range []string{"-", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", "text/json", "application/xml", "application/problem+json", "nonsense"} {
				for _, body := range [][]byte{good, []byte("not json"), []byte(`{"title":1}`)} {
					t.problem(t.do(t.service(), req{method: "POST", path: "/api/notes", body: body, typ: typ}), 415)
				}
				t.problem(t.do(t.service(), req{method: "PATCH", path: path, body: good, typ: typ}), 415)
			}
			for _, typ := range []string{"application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"} {
				t.status(t.do(t.service(), req{method: "POST", path: "/api/notes", body: good, typ: typ}), 201)
				t.status(t.do(t.service(), req{method: "PATCH", path: path, body: good, typ: typ}), 200)
			}
			// What is compressed is no JSON, and unpacking it is how 1 KB becomes 1 GB.
			for _, encoding := range []string{"gzip", "br", "deflate, gzip", "nonsense"} {
				coded := map[string]string{"Content-Encoding": encoding}
				t.problem(t.do(t.service(), req{method: "POST", path: "/api/notes", body: good, header: coded}), 415)
				t.problem(t.do(t.service(), req{method: "PATCH", path: path, body: good, header: coded}), 415)
			}
			t.status(t.do(t.service(), req{method: "POST", path: "/api/notes", body: good, header: map[string]string{"Content-Encoding": "identity"}}), 201)
		}},
	{ID: "too-large", Name: "answers bodies over 1 MiB with 413, declared or chunked", Applies: withNotes,
		Reason: "a limit that trusts Content-Length is no limit, and one that has to read everything first is no protection",
		Run:    checkTooLarge},
	{ID: "invalid", Name: "answers values that do not fit with 422 and the names of the fields", Applies: withNotes,
		Reason: "a form can show the error where it belongs only if the field has a name",
		Run:    checkInvalid},
	{ID: "nul", Name: "refuses NUL and lone surrogates in strings with 422", Applies: withNotes,
		Reason: "PostgreSQL stores neither, and the field's starters answer 500",
		Run: func(t *T) {
			path := notePath(t.create("no nul", "").ID)
			for _, bad := range []string{`\u0000`, `a\u0000b`, `\ud800`, `\udfff`, `a\udc00\ud800b`, `\ud83dx`} {
				for _, field := range []string{"title", "body"} {
					body := fmt.Sprintf(`{"title":"t","%s":"%s"}`, field, bad)
					t.problem(t.text("POST", "/api/notes", body), 422, field)
					t.problem(t.text("PATCH", path, fmt.Sprintf(`{"%s":"%s"}`, field, bad)), 422, field)
				}
			}
			t.problem(t.text("POST", "/api/notes", `{"title":"t","x\u0000y":1}`), 422)
			a := t.get("/api/notes/%00")
			t.problem(a, 422, "id")
		}},
	{ID: "big-numbers", Name: "refuses numbers past what a database can hold", Applies: withNotes,
		Reason: "2^63 overflows inside the driver, 2^53 is rounded on the way there",
		Run: func(t *T) {
			path := notePath(t.create("numbers", "").ID)
			for _, n := range []string{"9223372036854775807", "9223372036854775808", "18446744073709551616", "-9223372036854775809", "1e400", "-1e400", "0.1e-999"} {
				t.problem(t.text("POST", "/api/notes", `{"title":`+n+`}`), 422, "title")
				t.problem(t.text("PATCH", path, `{"body":`+n+`}`), 422, "body")
			}
			// A parser may have a limit of its own before the value is looked at.
			a := t.text("POST", "/api/notes", `{"title":`+strings.Repeat("9", 5000)+`}`)
			t.ok(a.status == 400 || a.status == 422, "POST of a number with 5000 digits: status %d, want 400 or 422", a.status)
			t.problem(a, a.status)
			for _, id := range []string{"9007199254740992", "9223372036854775807", "9223372036854775808", "18446744073709551616", strings.Repeat("9", 500)} {
				for _, method := range []string{"GET", "DELETE"} {
					t.problem(t.do(t.service(), req{method: method, path: "/api/notes/" + id}), 422, "id")
				}
				t.problem(t.send("PATCH", "/api/notes/"+id, map[string]string{"title": "x"}), 422, "id")
			}
		}},
	{ID: "bad-id", Name: "refuses ids that are no integer from 1 on with 422", Applies: withNotes,
		Reason: "an address that half parses finds the wrong note",
		Run: func(t *T) {
			for _, id := range []string{"0", "-1", "abc", "1.5", "1e3", "1.0", "0x1", "+1", "%201", "1%20", "null", "NaN", "%EF%BC%91", "1,2", "1_0", "%27"} {
				t.problem(t.get("/api/notes/"+id), 422, "id")
			}
			t.problem(t.do(t.service(), req{method: "DELETE", path: "/api/notes/abc"}), 422, "id")
			t.problem(t.send("PATCH", "/api/notes/abc", map[string]string{"title": "x"}), 422, "id")
			for _, path := range []string{"/api/notes/%", "/api/notes/%zz", "/api/notes/%ff", "/api/notes?limit=%", "/%c0%ae", "/api/notes/..%2f..%2fetc"} {
				a := t.get(path)
				t.ok(a.status >= 400 && a.status < 500, "%s: status %d, want a refusal", a.where(), a.status)
				t.problem(a, a.status)
			}
		}},
}

func checkInvalid(t *T) {
	n := t.create("valid", "stays")
	path := notePath(n.ID)
	long := strings.Repeat("x", 201)
	huge := strings.Repeat("x", 100_001)
	for _, c := range []struct {
		body   string
		fields []string
	}{
		{`{}`, []string{"title"}},
		{`{"body":"only"}`, []string{"title"}},
		{`{"title":""}`, []string{"title"}},
		{`{"title":"` + long + `"}`, []string{"title"}},
		{`{"title":"` + strings.Repeat("😀", 201) + `"}`, []string{"title"}},
		{`{"title":"t","body":"` + huge + `"}`, []string{"body"}},
		{`{"title":"t","body":null}`, []string{"body"}},
		{`{"title":"t","body":["x"]}`, []string{"body"}},
		{`{"title":"t","colour":"red"}`, []string{"colour"}},
		{`{"title":"t","id":7}`, []string{"id"}},
		{`{"title":"t","createdAt":"2020-01-01T00:00:00Z"}`, []string{"createdAt"}},
		{`{"title":"","body":7,"x":1}`, []string{"title", "body", "x"}},
		{`{"body":7}`, []string{"title", "body"}},
		{`{"Title":"t"}`, []string{"title", "Title"}},
		{`{"title":"t","__proto__":{"x":1}}`, []string{"__proto__"}},
		{`{"title":"t","constructor":1}`, []string{"constructor"}},
	} {
		t.problem(t.text("POST", "/api/notes", c.body), 422, c.fields...)
	}
	for _, v := range []string{"null", "1", "1.5", "true", `["x"]`, `{"a":1}`} {
		t.problem(t.text("POST", "/api/notes", `{"title":`+v+`}`), 422, "title")
		t.problem(t.text("PATCH", path, `{"title":`+v+`}`), 422, "title")
		t.problem(t.text("PATCH", path, `{"body":`+v+`}`), 422, "body")
	}
	for _, whole := range []string{"[]", `"text"`, "1", "null", "true", `[{"title":"t"}]`} {
		t.problem(t.text("POST", "/api/notes", whole), 422, "body")
		t.problem(t.text("PATCH", path, whole), 422, "body")
	}
	t.problem(t.text("PATCH", path, `{"title":"`+long+`"}`), 422, "title")
	t.problem(t.text("PATCH", path, `{"title":""}`), 422, "title")
	t.problem(t.text("PATCH", path, `{"body":"`+huge+`"}`), 422, "body")
	t.problem(t.text("PATCH", path, `{"colour":"red"}`), 422, "colour")
	t.problem(t.text("PATCH", path, `{"title":"good","id":1}`), 422, "id")
	t.ok(t.note(t.get(path)).raw == n.raw, "a refused PATCH changed the note")
	t.status(t.send("POST", "/api/notes", map[string]string{"title": long[:200], "body": huge[:100_000]}), 201)
	t.status(t.send("PATCH", path, map[string]string{"title": long[:200], "body": huge[:100_000]}), 200)
}

// chunk is what one write of a large body carries.
const chunk = 64 << 10

func checkTooLarge(t *T) {
	in := t.service()
	path := notePath(t.create("small", "").ID)
	for _, target := range [][2]string{{"POST", "/api/notes"}, {"PATCH", path}} {
		// Declared: the length alone is enough, no byte of the body is sent.
		w := t.dial(in)
		w.head(target[0], target[1], "Content-Type: application/json", "Content-Length: 10737418240")
		a, err := w.answer(5 * time.Second)
		if t.ok(err == nil, "%s %s declared as 10 GiB: no answer: %v", target[0], target[1], err) {
			t.problem(a, 413)
		}
		w.close()
		// Declared and sent, one byte too long.
		t.large(in, target, false)
		// Chunked: nothing is known before it has been read.
		t.large(in, target, true)
	}
	fits := `{"title":"exactly 1 MiB"` + strings.Repeat(" ", bodyLimit-len(`{"title":"exactly 1 MiB"}`)) + `}`
	t.status(t.text("POST", "/api/notes", fits), 201)
	t.status(t.get("/healthz"), 200)
}

func (t *T) large(in *instance, target [2]string, chunked bool) {
	w := t.dial(in)
	defer w.close()
	total := bodyLimit + 1
	how, header := "declared", fmt.Sprintf("Content-Length: %d", total)
	if chunked {
		how, header = "chunked", "Transfer-Encoding: chunked"
	}
	w.head(target[0], target[1], "Content-Type: application/json", header)
	go func() {
		// Errors are the server's right: it may close before all has come.
		text := `{"title":"large","body":"` + strings.Repeat("x", total)
		for sent := 0; sent < total; sent += chunk {
			n := min(chunk, total-sent)
			piece := text[sent : sent+n]
			if chunked {
				piece = fmt.Sprintf("%x\r\n%s\r\n", n, piece)
			}
			if _, err := io.WriteString(w.conn, piece); err != nil {
				return
			}
		}
		if chunked {
			io.WriteString(w.conn, "0\r\n\r\n")
		}
	}()
	a, err := w.answer(15 * time.Second)
	if t.ok(err == nil, "%s %s of 1 MiB and a byte, %s: no answer: %v", target[0], target[1], how, err) {
		t.problem(a, 413)
	}
}
