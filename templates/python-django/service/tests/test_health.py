"""Alive and ready, and the difference."""

from pathlib import Path

import pytest
from django.test import Client

from tests import database
from tests.server import running


@pytest.mark.django_db
def test_alive_and_ready(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok", "checks": {"database": "ok"}}


def test_alive_but_not_ready_without_the_database(migrated: str, tmp_path: Path) -> None:
    with running("/healthz", DATABASE_URL=database.away(tmp_path)) as server:
        ready, body = server.ask("GET", "/readyz")
        assert ready.status == 503
        assert ready.headers["Content-Type"] == "application/problem+json"
        assert '"checks": {"database": "failed"}' in body
        notes, _ = server.ask("GET", "/api/notes")
        assert notes.status == 503
        assert notes.headers["Content-Type"] == "application/problem+json"
        assert int(notes.headers["Retry-After"]) > 0
        page, body = server.ask("GET", "/notes/", Accept="text/html")
        assert page.status == 503
        assert page.headers["Content-Type"].startswith("text/html")
        assert "The database does not answer." in body
        server.stop()
