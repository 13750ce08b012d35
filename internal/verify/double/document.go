//go:build unix

package double

import (
	"encoding/json"
	"maps"
	"strconv"
)

type obj = map[string]any

// document is the double's OpenAPI document.
func (d *double) document() string {
	ref := func(name string) obj { return obj{"$ref": "#/components/schemas/" + name} }
	jsonOf := func(schema obj) obj { return obj{"application/json": obj{"schema": schema}} }
	answers := func(good int, content obj, bad ...int) obj {
		r := obj{"description": "done"}
		if content != nil {
			r["content"] = content
		}
		out := obj{strconv.Itoa(good): r}
		for _, b := range bad {
			if b == 415 && d.has("undocumented-415") {
				continue
			}
			out[strconv.Itoa(b)] = obj{"description": "a problem", "content": obj{"application/problem+json": obj{"schema": ref("Problem")}}}
		}
		return out
	}
	text := func(low, high int) obj {
		return obj{"type": "string", "minLength": low, "maxLength": high, "pattern": "^[^\\u0000]*$"}
	}
	integer := func(low, high int64) obj { return obj{"type": "integer", "minimum": low, "maximum": high} }
	fields := obj{"title": text(1, 200), "body": text(0, 100_000)}
	if d.has("document-too-wide") {
		fields["title"] = text(0, 300)
	}
	note := obj{"id": integer(1, maxID), "createdAt": obj{"type": "string", "format": "date-time"}, "updatedAt": obj{"type": "string", "format": "date-time"}}
	maps.Copy(note, fields)
	all := []string{"id", "title", "body", "createdAt", "updatedAt"}
	id := obj{"name": "id", "in": "path", "required": true, "schema": integer(1, maxID)}
	body := func(name string) obj { return obj{"required": true, "content": jsonOf(ref(name))} }
	paths := obj{
		"/healthz":      obj{"get": obj{"responses": answers(200, jsonOf(obj{"type": "object"}))}},
		"/readyz":       obj{"get": obj{"responses": answers(200, jsonOf(obj{"type": "object"}), 503)}},
		"/openapi.json": obj{"get": obj{"responses": answers(200, jsonOf(obj{"type": "object"}))}},
		"/docs":         obj{"get": obj{"responses": answers(200, obj{"text/html": obj{"schema": obj{"type": "string"}}})}},
		"/api/notes": obj{
			"get": obj{"parameters": []any{
				obj{"name": "limit", "in": "query", "schema": integer(1, 100)},
				obj{"name": "after", "in": "query", "schema": integer(0, maxID)}},
				"responses": answers(200, jsonOf(ref("Page")), 422, 503)},
			"post": obj{"requestBody": body("NewNote"), "responses": answers(201, jsonOf(ref("Note")), 400, 413, 415, 422, 503)},
		},
		"/api/notes/{id}": obj{
			"parameters": []any{id},
			"get":        obj{"responses": answers(200, jsonOf(ref("Note")), 404, 422, 503)},
			"patch":      obj{"requestBody": body("NoteChange"), "responses": answers(200, jsonOf(ref("Note")), 400, 404, 413, 415, 422, 503)},
			"delete":     obj{"responses": answers(204, nil, 404, 422, 503)},
		},
	}
	if d.live != nil {
		paths[eventsPath] = obj{"get": obj{
			"parameters": []any{obj{"name": "Last-Event-ID", "in": "header", "schema": integer(0, maxID)}},
			"responses":  answers(200, obj{"text/event-stream": obj{"schema": obj{"type": "string"}}}, 422, 503)}}
	}
	if d.ml != nil {
		status := 201
		if d.internal() {
			status = 200
			delete(paths, "/api/notes")
			delete(paths, "/api/notes/{id}")
		}
		paths[d.predictPath()] = obj{"post": obj{
			"parameters":  []any{obj{"name": "X-Deadline-Ms", "in": "header", "schema": integer(1, 60_000)}},
			"requestBody": obj{"required": true, "content": jsonOf(askedFor())},
			"responses":   answers(status, jsonOf(obj{"type": "object", "required": []string{"modelVersion", "predictions"}}), 400, 413, 415, 422, 503)}}
		paths[modelPath] = obj{"get": obj{"responses": answers(200, jsonOf(obj{"type": "object", "required": []string{"name", "version"}}), 422, 503)}}
	}
	if d.asks != nil {
		late := 504
		if d.has("pair-undescribed") {
			late = 503
		}
		paths[predictPath] = obj{"post": obj{
			"requestBody": obj{"required": true, "content": jsonOf(askedFor())},
			"responses":   answers(201, jsonOf(obj{"type": "object", "required": []string{"modelVersion", "predictions"}}), 400, 413, 415, 422, 502, 503, late)}}
	}
	if d.has("undescribed-route") {
		delete(paths, "/readyz")
	}
	doc := obj{
		"openapi": "3.1.0",
		"info":    obj{"title": "double", "version": "1"},
		"paths":   paths,
		"components": obj{"schemas": obj{
			"Note":       obj{"type": "object", "required": all, "additionalProperties": false, "properties": note},
			"NewNote":    obj{"type": "object", "required": []string{"title"}, "additionalProperties": false, "properties": fields},
			"NoteChange": obj{"type": "object", "additionalProperties": false, "properties": fields},
			"Page": obj{"type": "object", "required": []string{"items", "next"}, "properties": obj{
				"items": obj{"type": "array", "items": ref("Note")},
				"next":  obj{"type": []string{"integer", "null"}}}},
			"Problem": obj{"type": "object", "required": []string{"type", "title", "status", "detail"}, "properties": obj{
				"type": obj{"type": "string"}, "title": obj{"type": "string"}, "status": obj{"type": "integer"}, "detail": obj{"type": "string"}}},
		}},
	}
	data, _ := json.Marshal(doc)
	return string(data)
}

// askedFor is what a request for predictions has to be.
func askedFor() obj {
	length := obj{"type": "number", "minimum": 0.1, "maximum": 10}
	flower := obj{"type": "object", "additionalProperties": false, "required": mlFields, "properties": obj{}}
	for _, name := range mlFields {
		flower["properties"].(obj)[name] = length
	}
	return obj{"type": "object", "additionalProperties": false, "required": []string{"inputs"}, "properties": obj{
		"inputs": obj{"type": "array", "minItems": 1, "maxItems": mlInputs, "items": flower}}}
}
