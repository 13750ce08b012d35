"""Alive and ready, and the difference."""

from pathlib import Path

from flask.testing import FlaskClient

from app.main import create_app
from app.settings import Settings
from tests import database


def test_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {"status": "ok", "checks": {"database": "ok"}}


def test_a_query_does_not_matter(client: FlaskClient) -> None:
    assert client.get("/healthz?verbose=1&verbose=2").status_code == 200
    assert client.get("/readyz?verbose=1").status_code == 200


def test_alive_but_not_ready_without_the_database(tmp_path: Path) -> None:
    settings = Settings(database_url=database.away(tmp_path))
    with FlaskClient(create_app(settings)) as client:
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert ready.headers["content-type"] == "application/problem+json"
        assert ready.get_json()["checks"] == {"database": "failed"}
        notes = client.get("/api/notes")
        assert notes.status_code == 503
        assert notes.headers["content-type"] == "application/problem+json"
        assert int(notes.headers["retry-after"]) > 0
