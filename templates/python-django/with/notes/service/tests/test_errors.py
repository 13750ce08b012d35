"""All that the API refuses, and how: always as a problem, naming the fields that are wrong."""

import gzip
import json
import re
from typing import Any

import pytest
from django.test import Client

from tests.api import JSON, check_fields, check_problem

MEBIBYTE = 1024 * 1024

pytestmark = pytest.mark.django_db


@pytest.fixture
def note(client: Client) -> dict[str, Any]:
    note: dict[str, Any] = client.post("/api/notes", {"title": "x"}, content_type=JSON).json()
    return note


@pytest.mark.parametrize("path", ["/nope", "/api/nope", "/api/notes/1/x", "/api/notes/"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_unknown_paths(client: Client, path: str, method: str) -> None:
    check_problem(client.generic(method, path, "{", "text/plain"), 404)


def test_the_api_answers_browsers_as_programs(browser: Client) -> None:
    check_problem(browser.get("/api/nope"), 404)
    check_problem(browser.post("/api/notes", "{", content_type=JSON), 400)


def test_static_files_refuse_as_all_else_does(client: Client, browser: Client) -> None:
    (path,) = re.findall(r'src="([^"]*docs[^"]*)"', client.get("/docs").text)
    wrong_method = client.post(path)
    check_problem(wrong_method, 405)
    assert wrong_method["Allow"] == "GET, HEAD"
    beyond = {"range": "bytes=1000000-"}
    check_problem(client.get(path, headers=beyond), 416)
    page = browser.get(path, headers=beyond)
    assert page.status_code == 416
    assert "<p>The file is shorter than that.</p>" in page.text


def test_unknown_notes(client: Client) -> None:
    for note_id in (999_999_999, 2**53 - 1):
        path = f"/api/notes/{note_id}"
        check_problem(client.get(path), 404)
        check_problem(client.patch(path, {"title": "x"}, content_type=JSON), 404)
        check_problem(client.patch(path, {}, content_type=JSON), 404)
        check_problem(client.delete(path), 404)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", {"GET", "HEAD"}),
        ("/api/notes", {"GET", "POST"}),
        ("/api/notes/1", {"GET", "PATCH", "DELETE"}),
        ("/healthz", {"GET"}),
        ("/readyz", {"GET"}),
        ("/openapi.json", {"GET"}),
        ("/docs", {"GET"}),
    ],
)
def test_a_wrong_method_names_the_right_ones(path: str, allowed: set[str]) -> None:
    client = Client(enforce_csrf_checks=True)
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed:
        response = client.generic(method, path, "{", "text/plain")
        check_problem(response, 405)
        named = response["Allow"].split(", ")
        assert set(named) == allowed
        assert len(named) == len(allowed)
    assert (client.head(path).status_code < 400) == ("HEAD" in allowed)


@pytest.mark.parametrize(
    "body", ["{", '{"title": "x"', "nonsense", "[1,", '{"title": "x"} x', '{"title": NaN}']
)
def test_malformed_json(client: Client, note: dict[str, Any], body: str) -> None:
    check_problem(client.post("/api/notes", body, content_type=JSON), 400)
    check_problem(client.patch(f"/api/notes/{note['id']}", body, content_type=JSON), 400)


def test_an_empty_body(client: Client, note: dict[str, Any]) -> None:
    for method, path in (("POST", "/api/notes"), ("PATCH", f"/api/notes/{note['id']}")):
        check_problem(client.generic(method, path, CONTENT_TYPE=JSON), 400)


def test_json_that_nests_too_deeply(client: Client) -> None:
    check_problem(client.post("/api/notes", "[" * 100_000, content_type=JSON), 400)


@pytest.mark.parametrize("broken", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"])
def test_broken_utf_8(client: Client, note: dict[str, Any], broken: bytes) -> None:
    body = b'{"title": "' + broken + b'"}'
    check_problem(client.post("/api/notes", body, content_type=JSON), 400)
    check_problem(client.patch(f"/api/notes/{note['id']}", body, content_type=JSON), 400)


def test_utf_8_only(client: Client) -> None:
    body = '{"title": "x"}'.encode("utf-16")
    check_problem(client.post("/api/notes", body, content_type=JSON), 400)


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/vnd.api+json"]
)
@pytest.mark.parametrize("body", ['{"title": "x"}', "{", '{"title": 1}', ""])
def test_json_only(client: Client, note: dict[str, Any], kind: str, body: str) -> None:
    for method, path in (
        ("POST", "/api/notes"),
        ("PATCH", f"/api/notes/{note['id']}"),
        ("PATCH", "/api/notes/x"),
    ):
        check_problem(client.generic(method, path, body, kind), 415)


def test_no_compressed_bodies(client: Client) -> None:
    body = gzip.compress(b'{"title": "x"}')
    headers = {"content-encoding": "gzip"}
    check_problem(client.post("/api/notes", body, content_type=JSON, headers=headers), 415)


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_by_any_of_its_names(client: Client, kind: str) -> None:
    assert client.generic("POST", "/api/notes", '{"title":"x"}', kind).status_code == 201


@pytest.mark.parametrize("path", ["/api/notes", "/notes/new/", "/nope"])
def test_too_large(client: Client, path: str) -> None:
    body = json.dumps({"title": "x", "body": ""}).encode()
    fits = client.post("/api/notes", body.ljust(MEBIBYTE), content_type=JSON)
    assert fits.status_code == 201
    check_problem(client.post(path, body.ljust(MEBIBYTE + 1), content_type=JSON), 413)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("null", ["body"]),
        ("[]", ["body"]),
        ('"text"', ["body"]),
        ("1", ["body"]),
        ('{"title": null}', ["title"]),
        ('{"title": 1}', ["title"]),
        ('{"title": ["x"]}', ["title"]),
        ('{"title": ""}', ["title"]),
        (json.dumps({"title": "x" * 201}), ["title"]),
        ('{"title": "a\\u0000b"}', ["title"]),
        ('{"title": "\\ud800"}', ["title"]),
        ('{"title": "x", "body": null}', ["body"]),
        ('{"title": "x", "body": 1}', ["body"]),
        ('{"title": "x", "body": "a\\u0000b"}', ["body"]),
        ('{"title": "x", "body": "\\udfff"}', ["body"]),
        (json.dumps({"title": "x", "body": "x" * 100_001}), ["body"]),
        ('{"title": "x", "colour": "red"}', ["colour"]),
        ('{"title": "x", "id": 1}', ["id"]),
        ('{"title": "x", "createdAt": "2026-11-24T10:00:00Z"}', ["createdAt"]),
        ('{"title": "", "body": 1, "colour": "red"}', ["title", "body", "colour"]),
    ],
)
def test_values_that_do_not_fit(
    client: Client, note: dict[str, Any], body: str, fields: list[str]
) -> None:
    check_fields(client.post("/api/notes", body, content_type=JSON), *fields)
    path = f"/api/notes/{note['id']}"
    check_fields(client.patch(path, body, content_type=JSON), *fields)
    assert client.get("/api/notes").json()["items"] == [note], "nothing was made or changed"


def test_a_title_is_needed(client: Client) -> None:
    check_fields(client.post("/api/notes", {}, content_type=JSON), "title")
    body = {"body": "x", "Title": "x"}
    check_fields(client.post("/api/notes", body, content_type=JSON), "title", "Title")


def test_a_name_without_utf_8(client: Client) -> None:
    body = '{"title": "x", "\\ud800": 1}'
    check_problem(client.post("/api/notes", body, content_type=JSON), 422)


@pytest.mark.parametrize(
    "note_id",
    ["x", "0", "-1", "1.5", "1.0", "+1", "1_0", "%201", "1e3", "%00", "٣", str(2**53), "9" * 5000],
)
def test_ids_that_are_none(client: Client, note_id: str) -> None:
    path = f"/api/notes/{note_id}"
    check_fields(client.get(path), "id")
    check_fields(client.patch(path, {"title": "x"}, content_type=JSON), "id")
    check_fields(client.delete(path), "id")


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("limit=0", ["limit"]),
        ("limit=101", ["limit"]),
        ("limit=-1", ["limit"]),
        ("limit=x", ["limit"]),
        ("limit=", ["limit"]),
        (f"limit={2**63}", ["limit"]),
        ("limit=%2B1", ["limit"]),
        ("limit=1.0", ["limit"]),
        ("limit=1&limit=2", ["limit"]),
        ("after=-1", ["after"]),
        ("after=1.5", ["after"]),
        (f"after={2**53}", ["after"]),
        (f"after={2**63}", ["after"]),
        ("offset=1", ["offset"]),
        ("limit=0&after=x", ["limit", "after"]),
        ("limit=0&offset=1&page=1", ["offset", "page"]),
    ],
)
def test_queries_that_do_not_fit(client: Client, query: str, fields: list[str]) -> None:
    check_fields(client.get(f"/api/notes?{query}"), *fields)


def test_queries_where_none_is_taken(client: Client, note: dict[str, Any]) -> None:
    path = f"/api/notes/{note['id']}?verbose=1"
    body = {"title": "x"}
    check_fields(client.post("/api/notes?verbose=1", body, content_type=JSON), "verbose")
    check_fields(client.get(path), "verbose")
    check_fields(client.patch(path, body, content_type=JSON), "verbose")
    check_fields(client.delete(path), "verbose")
    assert client.get("/api/notes").json()["items"] == [note]
