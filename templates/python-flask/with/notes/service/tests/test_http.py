"""What every answer has: an id, protective headers, and CORS only where it was asked for."""

import logging
from collections.abc import Generator

import pytest
from flask.testing import FlaskClient

from app.logs import request_id
from app.main import create_app
from app.notes import store
from app.settings import Settings

ORIGIN = "http://localhost:5173"


@pytest.fixture
def cross_origin(settings: Settings) -> Generator[FlaskClient]:
    app = create_app(settings.model_copy(update={"cors_origins": (ORIGIN,)}))
    yield app.test_client()
    app.extensions["database"].close()


def fail(*_: object, **__: object) -> None:
    raise RuntimeError("a secret")


@pytest.mark.parametrize("given", ["a", "A.b_c-9", "x" * 64])
def test_a_request_id_is_echoed(client: FlaskClient, given: str) -> None:
    for path in ("/healthz", "/api/notes", "/nope"):
        assert client.get(path, headers={"x-request-id": given}).headers["x-request-id"] == given


def test_a_request_id_is_forgotten_after_the_request(client: FlaskClient) -> None:
    client.get("/healthz")
    assert request_id.get() is None


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a/b", "é"])
def test_another_request_id_is_replaced(client: FlaskClient, given: str) -> None:
    headers = {"x-request-id": given}
    ids = {client.get("/healthz", headers=headers).headers["x-request-id"] for _ in range(2)}
    assert len(ids) == 2
    assert all(i.isalnum() and len(i) == 32 for i in ids)


@pytest.mark.parametrize("path", ["/healthz", "/docs", "/api/notes", "/nope", "/api/notes/x"])
def test_protective_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert "x-powered-by" not in headers


def test_a_fault_of_ours_is_logged_and_tells_nothing(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(store, "get", fail)
    with caplog.at_level(logging.ERROR):
        response = client.get("/api/notes/1", headers={"x-request-id": "mine"})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"] == "mine"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.get_json()["status"] == 500
    assert "secret" not in response.text
    (record,) = caplog.records
    assert record.name == "app.problems"
    assert record.exc_info
    assert str(record.exc_info[1]) == "a secret"


def test_no_cors_by_default(client: FlaskClient) -> None:
    response = client.get("/api/notes", headers={"origin": ORIGIN})
    assert not [name for name, _ in response.headers if name.lower().startswith("access-")]
    preflight = client.options(
        "/api/notes", headers={"origin": ORIGIN, "access-control-request-method": "POST"}
    )
    assert preflight.status_code == 405


def test_cors_for_a_known_origin(cross_origin: FlaskClient) -> None:
    for path in ("/api/notes", "/nope"):
        response = cross_origin.get(path, headers={"origin": ORIGIN})
        assert response.headers["access-control-allow-origin"] == ORIGIN
        assert "x-request-id" in response.headers["access-control-expose-headers"].lower()
        assert "location" in response.headers["access-control-expose-headers"].lower()
        assert "origin" in response.headers["vary"].lower()


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_preflight_of_a_known_origin(cross_origin: FlaskClient, method: str) -> None:
    response = cross_origin.options(
        "/api/notes",
        headers={
            "origin": ORIGIN,
            "access-control-request-method": method,
            "access-control-request-headers": "content-type, x-request-id",
        },
    )
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert method in response.headers["access-control-allow-methods"]
    assert "x-request-id" in response.headers


def test_other_origins_get_nothing(cross_origin: FlaskClient) -> None:
    headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    response = cross_origin.get("/api/notes", headers=headers)
    assert "access-control-allow-origin" not in response.headers
    preflight = cross_origin.options("/api/notes", headers=headers)
    assert preflight.status_code == 400
    assert preflight.headers["content-type"] == "application/problem+json"
    assert "access-control-allow-origin" not in preflight.headers
