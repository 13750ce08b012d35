"""What every answer has: an id, protective headers, and CORS only where it was asked for."""

import logging

import pytest
from django.test import Client
from pytest_django import Settings

from notes import selectors
from tests.api import PROBLEM

ORIGIN = "http://localhost:5173"

pytestmark = pytest.mark.django_db


def fail(*_: object, **__: object) -> None:
    raise RuntimeError("a secret")


@pytest.mark.parametrize("given", ["a", "A.b_c-9", "x" * 64])
def test_a_request_id_is_echoed(client: Client, given: str) -> None:
    for path in ("/healthz", "/api/notes", "/notes/", "/nope"):
        assert client.get(path, headers={"x-request-id": given})["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a/b", "é"])
def test_another_request_id_is_replaced(client: Client, given: str) -> None:
    headers = {"x-request-id": given}
    ids = {client.get("/healthz", headers=headers)["X-Request-Id"] for _ in range(2)}
    assert len(ids) == 2
    assert all(i.isalnum() and len(i) == 32 for i in ids)


@pytest.mark.parametrize(
    "path", ["/healthz", "/docs", "/api/notes", "/notes/", "/admin/login/", "/nope", "/api/notes/x"]
)
def test_protective_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")


def test_unknown_hosts_get_nothing(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    response = client.get("/notes/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert response["Content-Type"] == PROBLEM
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_fault_of_ours_is_logged_and_tells_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(selectors, "get_note", fail)
    with caplog.at_level(logging.ERROR):
        response = client.get("/api/notes/1", headers={"x-request-id": "mine"})
    assert response.status_code == 500
    assert response["Content-Type"] == PROBLEM
    assert response["X-Request-Id"] == "mine"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.json()["status"] == 500
    assert "secret" not in response.text
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.exc_info
    assert str(record.exc_info[1]) == "a secret"


def test_a_fault_of_ours_on_a_page(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "newest_first", fail)
    response = browser.get("/notes/")
    assert response.status_code == 500
    assert response["Content-Type"].startswith("text/html")
    assert "<h1>Internal Server Error</h1>" in response.text
    assert "secret" not in response.text


def test_no_cors_by_default(client: Client) -> None:
    response = client.get("/api/notes", headers={"origin": ORIGIN})
    assert not [name for name in response.headers if name.startswith("access-control-")]


def test_cors_for_a_known_origin(client: Client, settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
    for path in ("/api/notes", "/nope"):
        response = client.get(path, headers={"origin": ORIGIN})
        assert response["Access-Control-Allow-Origin"] == ORIGIN
        assert "x-request-id" in response["Access-Control-Expose-Headers"].lower()
        assert "location" in response["Access-Control-Expose-Headers"].lower()
        assert "origin" in response["Vary"].lower()


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_preflight_of_a_known_origin(client: Client, settings: Settings, method: str) -> None:
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
    headers = {
        "origin": ORIGIN,
        "access-control-request-method": method,
        "access-control-request-headers": "content-type, x-request-id",
    }
    response = client.options("/api/notes", headers=headers)
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == ORIGIN
    assert method in response["Access-Control-Allow-Methods"]
    assert response["X-Request-Id"]


def test_other_origins_get_nothing(client: Client, settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
    headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    assert "Access-Control-Allow-Origin" not in client.get("/api/notes", headers=headers)
    assert "Access-Control-Allow-Origin" not in client.options("/api/notes", headers=headers)
