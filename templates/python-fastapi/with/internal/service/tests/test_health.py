"""Alive and ready, and the difference."""

from fastapi.testclient import TestClient


def test_alive_and_ready(served: TestClient) -> None:
    assert served.get("/healthz").json() == {"status": "ok"}
    assert served.get("/readyz").json() == {"status": "ok", "checks": {"model": "ok"}}


def test_a_query_does_not_matter(served: TestClient) -> None:
    assert served.get("/healthz?verbose=1&verbose=2").status_code == 200
    assert served.get("/readyz?verbose=1").status_code == 200


def test_alive_but_not_ready(client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.headers["content-type"] == "application/problem+json"
    assert ready.json()["checks"] == {"model": "loading"}
