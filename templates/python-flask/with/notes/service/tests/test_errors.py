"""Everything that is refused, and how: always as a problem, naming the fields that are wrong."""

import gzip
import json
import time
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import database

JSON = {"content-type": "application/json"}
MEBIBYTE = 1024 * 1024


def check_problem(response: TestResponse, status: int) -> dict[str, Any]:
    problem: dict[str, Any] = response.get_json()
    assert response.status_code == status, problem
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"]
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["status"] == status
    assert problem["detail"]
    assert set(problem) == {"type", "title", "status", "detail"} | (
        {"errors"} if status == 422 else set()
    )
    return problem


def check_fields(response: TestResponse, *fields: str) -> None:
    errors = check_problem(response, 422)["errors"]
    assert [set(error) for error in errors] == [{"field", "detail"}] * len(errors)
    assert sorted(error["field"] for error in errors) == sorted(fields)
    assert all(error["detail"] for error in errors)


@pytest.fixture
def note(client: FlaskClient) -> dict[str, Any]:
    note: dict[str, Any] = client.post("/api/notes", json={"title": "a title"}).get_json()
    return note


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/api",
        "/api//notes",
        "/api/notes/",
        "/API/notes",
        "/api/notes/1/",
        "/api/notes/1/x",
        "/docs/nope",
    ],
)
def test_no_such_route(client: FlaskClient, path: str) -> None:
    check_problem(client.get(path), 404)
    check_problem(client.post(path, data="{", headers={"content-type": "text/plain"}), 404)


@pytest.mark.parametrize("path", ["", "*", "//healthz", "//api/notes"])
def test_paths_that_are_none(client: FlaskClient, path: str) -> None:
    check_problem(client.get(environ_overrides={"PATH_INFO": path}), 404)


def test_no_such_note(client: FlaskClient) -> None:
    for path in ("/api/notes/999999999", f"/api/notes/{2**53 - 1}"):
        check_problem(client.get(path), 404)
        check_problem(client.patch(path, json={"title": "x"}), 404)
        check_problem(client.patch(path, json={}), 404)
        check_problem(client.delete(path), 404)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/notes", {"GET", "POST"}),
        ("/api/notes/1", {"GET", "PATCH", "DELETE"}),
        ("/healthz", {"GET"}),
        ("/readyz", {"GET"}),
        ("/openapi.json", {"GET"}),
        ("/docs", {"GET"}),
    ],
)
def test_a_wrong_method_names_the_right_ones(
    client: FlaskClient, path: str, allowed: set[str]
) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - allowed:
        response = client.open(path, method=method, data="{")
        check_problem(response, 405)
        named = response.headers["allow"].split(", ")
        assert sorted(named) == sorted({*allowed, "HEAD"})


@pytest.mark.parametrize(
    "body",
    [
        "{",
        '{"title": "x"',
        "nonsense",
        "[1,",
        "",
        '{"title": "x"} x',
        '{"title": NaN}',
        "[" * 99_999,
    ],
)
def test_malformed_json(client: FlaskClient, note: dict[str, Any], body: str) -> None:
    check_problem(client.post("/api/notes", data=body, headers=JSON), 400)
    check_problem(client.patch(f"/api/notes/{note['id']}", data=body, headers=JSON), 400)


@pytest.mark.parametrize("broken", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"])
def test_broken_utf_8(client: FlaskClient, note: dict[str, Any], broken: bytes) -> None:
    body = b'{"title": "' + broken + b'"}'
    check_problem(client.post("/api/notes", data=body, headers=JSON), 400)
    check_problem(client.patch(f"/api/notes/{note['id']}", data=body, headers=JSON), 400)


def test_utf_8_only(client: FlaskClient) -> None:
    body = '{"title": "x"}'.encode("utf-16")
    check_problem(client.post("/api/notes", data=body, headers=JSON), 400)


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/vnd.api+json"]
)
@pytest.mark.parametrize("body", ['{"title": "x"}', "{", '{"title": 1}', ""])
def test_json_only(client: FlaskClient, note: dict[str, Any], kind: str | None, body: str) -> None:
    headers = {"content-type": kind} if kind else {}
    for method, path in (
        ("POST", "/api/notes"),
        ("PATCH", f"/api/notes/{note['id']}"),
        ("PATCH", "/api/notes/x"),
    ):
        content = body.encode()
        check_problem(client.open(path, method=method, data=content, headers=headers), 415)


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip", "nonsense"])
def test_bodies_as_they_are_only(client: FlaskClient, note: dict[str, Any], coding: str) -> None:
    headers = {**JSON, "content-encoding": coding}
    for content in (b'{"title": "x"}', gzip.compress(b'{"title": "x"}')):
        for method, path in (("POST", "/api/notes"), ("PATCH", f"/api/notes/{note['id']}")):
            response = client.open(path, method=method, data=content, headers=headers)
            check_problem(response, 415)
            assert response.headers["accept-encoding"] == "identity"
    assert client.get("/api/notes").get_json()["items"] == [note]


def test_identity_is_no_coding(client: FlaskClient) -> None:
    headers = {"content-encoding": "Identity"}
    response = client.post("/api/notes", json={"title": "x"}, headers=headers)
    assert response.status_code == 201


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_by_any_of_its_names(client: FlaskClient, kind: str) -> None:
    headers = {"content-type": kind}
    assert client.post("/api/notes", data='{"title":"x"}', headers=headers).status_code == 201


def test_too_large(client: FlaskClient, note: dict[str, Any]) -> None:
    def send(method: str, path: str, size: int) -> list[TestResponse]:
        """The answers to a body of that size, with its length declared and without."""
        body = b'{"title": "x", "body": ""}'.ljust(size)
        declared = client.open(path, method=method, data=body, headers=JSON)
        chunked = client.open(
            path,
            method=method,
            input_stream=BytesIO(body),
            headers={**JSON, "transfer-encoding": "chunked"},
            environ_base={"wsgi.input_terminated": True},  # as servers that take such bodies say
        )
        return [declared, chunked]

    for response in send("POST", "/api/notes", MEBIBYTE):
        assert response.status_code == 201
    for size in (MEBIBYTE + 1, MEBIBYTE + 2, 3 * MEBIBYTE):
        for response in send("POST", "/api/notes", size):
            check_problem(response, 413)
        for response in send("PATCH", f"/api/notes/{note['id']}", size):
            check_problem(response, 413)


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
    client: FlaskClient, note: dict[str, Any], body: str, fields: list[str]
) -> None:
    check_fields(client.post("/api/notes", data=body, headers=JSON), *fields)
    path = f"/api/notes/{note['id']}"
    check_fields(client.patch(path, data=body, headers=JSON), *fields)
    assert client.get("/api/notes").get_json()["items"] == [note], "nothing was made or changed"


def test_a_title_is_needed(client: FlaskClient) -> None:
    check_fields(client.post("/api/notes", json={}), "title")
    check_fields(client.post("/api/notes", json={"body": "x", "Title": "x"}), "title", "Title")


def test_a_name_without_utf_8(client: FlaskClient) -> None:
    body = '{"title": "x", "\\ud800": 1}'
    check_problem(client.post("/api/notes", data=body, headers=JSON), 422)


@pytest.mark.parametrize(
    "note_id",
    ["x", "0", "-1", "1.5", "1.0", "+1", "1_0", "%201", "1e3", "%00", "٣", str(2**53), "9" * 5000],
)
def test_ids_that_are_none(client: FlaskClient, note_id: str) -> None:
    path = f"/api/notes/{note_id}"
    check_fields(client.get(path), "id")
    check_fields(client.patch(path, json={"title": "x"}), "id")
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
        ("after=-1", ["after"]),
        ("after=1.5", ["after"]),
        (f"after={2**53}", ["after"]),
        (f"after={2**63}", ["after"]),
        ("offset=1", ["offset"]),
        ("offset=1&offset=2", ["offset"]),
        ("limit=1&limit=2", ["limit"]),
        ("limit=1&limit=1", ["limit"]),
        ("after=1&limit=1&after=2", ["after"]),
        ("limit=1&limit=2&after=1&after=2", ["limit", "after"]),
        ("limit=0&after=x&page=1", ["limit", "after", "page"]),
    ],
)
def test_queries_that_do_not_fit(client: FlaskClient, query: str, fields: list[str]) -> None:
    check_fields(client.get(f"/api/notes?{query}"), *fields)


@pytest.mark.parametrize("query", ["verbose=1", "verbose", "verbose=1&verbose=2", "limit=1"])
def test_queries_where_none_is_taken(client: FlaskClient, note: dict[str, Any], query: str) -> None:
    path = f"/api/notes/{note['id']}?{query}"
    name = query.partition("=")[0]
    check_fields(client.post(f"/api/notes?{query}", json={"title": "x"}), name)
    check_fields(client.get(path), name)
    check_fields(client.patch(path, json={"title": "x"}), name)
    check_fields(client.delete(path), name)
    assert client.get("/api/notes").get_json()["items"] == [note]


def test_a_locked_database(
    client: FlaskClient, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with database.locked(database_url):
        started = time.monotonic()
        response = client.post("/api/notes", json={"title": "hunter2"})
        assert 1 < time.monotonic() - started < 7, "waits for the lock, but not for long"
        check_problem(response, 503)
        assert int(response.headers["retry-after"]) > 0
        assert client.get("/healthz").status_code == 200
    assert "the database is away" in caplog.text
    assert "hunter2" not in caplog.text
    assert client.post("/api/notes", json={"title": "x"}).status_code == 201
    assert len(client.get("/api/notes").get_json()["items"]) == 1
