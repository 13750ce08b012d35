"""What every answer has and every line of the log, and what is refused at any path."""

import logging

import pytest
from fastapi.testclient import TestClient

from app.logs import trace_id
from model.runner import NotReadyError, Runner

PATHS = ("/healthz", "/docs", "/v1/model", "/nope")
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize("given", ["a", "A.b_c-9", "x" * 64])
def test_a_request_id_is_echoed(client: TestClient, given: str) -> None:
    for path in PATHS:
        assert client.get(path, headers={"x-request-id": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a/b", "é".encode()])
def test_another_request_id_is_replaced(client: TestClient, given: str | bytes) -> None:
    headers = [(b"x-request-id", given.encode() if isinstance(given, str) else given)]
    ids = {client.get("/healthz", headers=headers).headers["x-request-id"] for _ in range(2)}
    assert len(ids) == 2
    assert all(i.isalnum() and len(i) == 32 for i in ids)


@pytest.mark.parametrize(
    ("given", "trace"),
    [
        (f"00-{TRACE}-b7ad6b7169203331-01", TRACE),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", None),
        (f"00-{TRACE.upper()}-b7ad6b7169203331-01", None),
        (f"00-{TRACE}-b7ad6b7169203331", None),
        ("", None),
    ],
)
def test_whose_trace_it_is(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, given: str, trace: str | None
) -> None:
    seen = []

    def card(_: Runner) -> None:
        seen.append(trace_id.get())
        raise NotReadyError

    monkeypatch.setattr(Runner, "card", card)
    client.get("/v1/model", headers={"traceparent": given})
    assert seen == [trace]


@pytest.mark.parametrize("path", PATHS)
def test_protective_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert not [name for name in headers if name.startswith("access-control-")]


def test_a_fault_of_ours_is_logged_and_tells_nothing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Runner) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(Runner, "card", fail)
    with caplog.at_level(logging.ERROR):
        response = client.get("/v1/model", headers={"x-request-id": "mine"})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"] == "mine"
    assert "secret" not in response.text
    (record,) = caplog.records
    assert record.exc_info
    assert str(record.exc_info[1]) == "a secret"


@pytest.mark.parametrize("path", ["/nope", "/v1", "/v1/predict/", "/V1/predict", "/docs/nope"])
def test_no_such_route(client: TestClient, path: str) -> None:
    for response in (client.get(path), client.post(path, content="{")):
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("path", "allowed"), [("/v1/predict", "POST"), ("/v1/model", "GET")])
def test_a_wrong_method_names_the_right_one(client: TestClient, path: str, allowed: str) -> None:
    response = client.delete(path)
    assert response.status_code == 405
    assert allowed in response.headers["allow"].split(", ")
    assert response.headers["content-type"] == "application/problem+json"
