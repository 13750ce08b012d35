"""Alive and ready, and the difference."""

from flask.testing import FlaskClient


def test_alive_and_ready(served: FlaskClient) -> None:
    assert served.get("/healthz").get_json() == {"status": "ok"}
    assert served.get("/readyz").get_json() == {"status": "ok", "checks": {"model": "ok"}}


def test_a_query_does_not_matter(served: FlaskClient) -> None:
    assert served.get("/healthz?verbose=1&verbose=2").status_code == 200
    assert served.get("/readyz?verbose=1").status_code == 200


def test_alive_but_not_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.headers["content-type"] == "application/problem+json"
    assert ready.get_json()["checks"] == {"model": "loading"}
