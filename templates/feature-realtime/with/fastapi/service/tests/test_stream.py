"""The stream of changes: whole, in order, and where a client left it."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests import database
from tests.live import EVENTS, change, create, stream
from tests.server import Server, running


@pytest.fixture(scope="module")
def server(migrated: str) -> Generator[Server]:
    with running(DATABASE_URL=migrated, HEARTBEAT_SECONDS="1") as server:
        yield server
        server.stop()


def test_every_change_comes_as_the_note_is_read(server: Server) -> None:
    with stream(server) as watched:
        assert watched.headers["content-type"].startswith("text/event-stream")
        assert watched.headers["cache-control"] == "no-store"
        assert watched.headers["x-accel-buffering"] == "no"
        ready = watched.next()
        assert (ready.name, ready.data) == ("ready", f'{{"id":{ready.id}}}')

        title = 'Grüße 😀\u2028 "x" \\n'
        note_id = change(server, "POST", "/api/notes", title=title, body="a\r\n\ndata: x\n\n")["id"]
        path = f"/api/notes/{note_id}"
        created = watched.next()
        assert created.id > ready.id
        assert created.name == "created"
        note = server.http.get(path).text
        assert created.data == f'{{"id":{created.id},"change":"created","note":{note}}}'

        change(server, "PATCH", path, title="changed")
        server.http.patch(path, json={})  # changes nothing
        note = server.http.get(path).text
        change(server, "DELETE", path)
        for name in ("updated", "deleted"):
            event = watched.next()
            assert event.name == name
            assert event.data == f'{{"id":{event.id},"change":"{name}","note":{note}}}'


def test_many_changes_come_once_and_in_order_to_everyone(server: Server) -> None:
    with stream(server) as one, stream(server) as other, ThreadPoolExecutor(8) as threads:
        assert one.next().name == other.next().name == "ready"
        titles = [f"note {i}" for i in range(50)]
        list(threads.map(lambda title: create(server, title), titles))
        events = [one.next() for _ in titles]
        assert [other.next() for _ in titles] == events
    assert sorted(event.title for event in events) == sorted(titles)
    assert [event.id for event in events] == sorted({event.id for event in events})


def test_a_client_goes_on_where_it_was(server: Server) -> None:
    with stream(server) as watched:
        before = watched.next().id
    create(server, "missed")
    with stream(server, before) as watched:
        ready = watched.next()
        assert (ready.id, ready.name) == (before, "ready")
        assert watched.next().title == "missed"
        create(server, "seen")
        assert watched.next().title == "seen"


def test_what_is_not_known_any_more_begins_anew(server: Server) -> None:
    with stream(server, 2**53 - 1) as watched:
        reset = watched.next()
        assert (reset.name, reset.data) == ("reset", f'{{"id":{reset.id}}}')
        create(server, "after the reset")
        assert watched.next().title == "after the reset"


def test_a_sign_of_life(server: Server) -> None:
    with stream(server) as watched:
        watched.wait_for_ping()


@pytest.mark.parametrize(
    "last", ["x", "-1", "1.5", "1e3", "+1", "0x1", "1 2", str(2**53), "9" * 5000]
)
def test_an_event_id_that_is_none(client: TestClient, last: str) -> None:
    response = client.get(EVENTS, headers={"last-event-id": last})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in response.json()["errors"]] == ["Last-Event-ID"]


def test_everything_else_that_is_refused(client: TestClient) -> None:
    response = client.get(f"{EVENTS}?limit=1")
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["limit"]
    assert client.head(EVENTS).status_code == 405
    assert client.post(EVENTS, json={"title": "x"}).status_code == 405
    assert client.delete(EVENTS).status_code == 422
    assert client.get(f"{EVENTS}/").status_code == 404


def test_no_stream_without_the_database(tmp_path: Path) -> None:
    settings = Settings(database_url=database.away(tmp_path))
    with TestClient(create_app(settings)) as client:
        response = client.get(EVENTS)
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
