"""The stream of changes: whole, in order, and where a client left it."""

import json
import os
import signal
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPException
from pathlib import Path
from socket import socketpair

import pytest
from flask.testing import FlaskClient

from app.main import create_app
from app.realtime.connections import MAX_CONNECTIONS
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
        assert watched.headers["content-type"] == "text/event-stream"
        assert watched.headers["cache-control"] == "no-store"
        assert watched.headers["x-accel-buffering"] == "no"
        assert watched.headers["x-request-id"]
        ready = watched.next()
        assert (ready.name, ready.data) == ("ready", f'{{"id":{ready.id}}}')

        title = 'Grüße 😀\u2028 "x" \\n'
        created = change(server, "POST", "/api/notes", title=title, body="a\r\n\ndata: x\n\n")
        path = f"/api/notes/{created['id']}"
        event = watched.next()
        assert event.id > ready.id
        assert event.name == "created"
        note = server.ask("GET", path).content.decode()
        assert event.data == f'{{"id":{event.id},"change":"created","note":{note}}}'

        change(server, "PATCH", path, title="changed")
        server.ask("PATCH", path, {})  # changes nothing
        note = server.ask("GET", path).content.decode()
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
    titles = [f"missed {i}" for i in range(30)]  # more than are read at a time
    for title in titles:
        create(server, title)
    with stream(server, before) as watched:
        ready = watched.next()
        assert (ready.id, ready.name) == (before, "ready")
        assert [watched.next().title for _ in titles] == titles
        create(server, "seen")
        assert watched.next().title == "seen"
        with stream(server, before) as other:
            assert other.next() == ready
            assert [other.next().title for _ in titles] == titles
            assert other.next().title == "seen"
            create(server, "seen by both")
            assert watched.next() == other.next()


def test_what_is_not_known_any_more_begins_anew(server: Server) -> None:
    with stream(server, 2**53 - 1) as watched:
        reset = watched.next()
        assert (reset.name, reset.data) == ("reset", f'{{"id":{reset.id}}}')
        create(server, "after the reset")
        assert watched.next().title == "after the reset"


def test_a_sign_of_life(server: Server) -> None:
    with stream(server) as watched:
        watched.wait_for_ping()
        watched.wait_for_ping()


def test_as_many_streams_as_there_can_be_leave_the_api_its_threads(migrated: str) -> None:
    with running(DATABASE_URL=migrated, HEARTBEAT_SECONDS="300") as server:
        with ExitStack() as stack:
            streams = [stack.enter_context(stream(server)) for _ in range(MAX_CONNECTIONS)]
            for each in streams:
                each.next()
            refused = server.ask("GET", EVENTS)
            assert refused.status == 503
            assert refused.headers["retry-after"]
            assert refused.headers["content-type"] == "application/problem+json"
            create(server, "for everyone")
            assert {each.next().title for each in streams} == {"for everyone"}
        time.sleep(0.5)  # that they have gone is noticed
        with stream(server) as watched:
            watched.next()
        server.stop()


def test_a_client_that_is_gone_leaves_one_line_in_the_log(migrated: str) -> None:
    with running(DATABASE_URL=migrated, HEARTBEAT_SECONDS="300") as server:
        with stream(server) as watched:
            watched.next()
            request_id = watched.headers["x-request-id"]
        time.sleep(0.5)
        log = server.stop()
    (line,) = [entry for entry in log if entry.get("path") == EVENTS]
    assert (line["method"], line["status"], line["level"]) == ("GET", 200, "info")
    assert line["requestId"] == request_id
    assert line["ms"] < 500, "it was not there any longer"


@pytest.mark.parametrize(
    "last", ["x", "-1", "1.5", "1e3", "+1", "0x1", "1 2", str(2**53), "9" * 5000]
)
def test_an_event_id_that_is_none(client: FlaskClient, last: str) -> None:
    response = client.get(EVENTS, headers={"last-event-id": last})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in (response.json or {})["errors"]] == ["Last-Event-ID"]


def test_everything_else_that_is_refused(client: FlaskClient) -> None:
    response = client.get(f"{EVENTS}?limit=1")
    assert response.status_code == 422
    assert [error["field"] for error in (response.json or {})["errors"]] == ["limit"]
    assert client.post(EVENTS, json={"title": "x"}).status_code == 405
    assert client.delete(EVENTS).status_code == 422
    assert client.get(f"{EVENTS}/").status_code == 404
    head = client.head(EVENTS)
    assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream")


def test_the_contract_has_the_stream(client: FlaskClient) -> None:
    operation = json.loads(client.get("/openapi.json").data)["paths"][EVENTS]["get"]
    (parameter,) = operation["parameters"]
    assert (parameter["name"], parameter["in"]) == ("Last-Event-ID", "header")
    assert not parameter["required"]
    assert parameter["schema"] == {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}


def test_no_stream_without_the_database(tmp_path: Path) -> None:
    app = create_app(Settings(database_url=database.away(tmp_path)))
    try:
        here, there = socketpair()
        with here, there:
            environ = {"gunicorn.socket": here}
            response = app.test_client().get(EVENTS, environ_overrides=environ)
    finally:
        app.extensions["database"].close()
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"


def test_a_killed_process_loses_nothing(migrated: str) -> None:
    with running(DATABASE_URL=migrated) as server, stream(server) as watched:
        before = watched.next().id
        create(server, "seen")
        seen = watched.next()
        create(server, "not seen")
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.communicate()
        with pytest.raises((OSError, HTTPException)):
            watched.rest()
    with running(DATABASE_URL=migrated) as server:
        create(server, "while away")
        with stream(server, seen.id) as watched:
            assert watched.next().name == "ready"
            assert [watched.next().title for _ in range(2)] == ["not seen", "while away"]
        with stream(server, before) as watched:
            assert watched.next().id == before
            assert watched.next() == seen
        server.stop()
