"""Several processes are one service, and outlive the connections that they listen on."""

import time
from collections.abc import Generator

import pytest

from tests import database
from tests.live import create, socket, stream
from tests.server import Server, running


@pytest.fixture(scope="module")
def servers(migrated: str) -> Generator[tuple[Server, Server]]:
    with running(DATABASE_URL=migrated) as one, running(DATABASE_URL=migrated) as other:
        yield one, other
        one.stop()
        other.stop()


def test_changes_reach_all_processes(servers: tuple[Server, Server]) -> None:
    one, other = servers
    with stream(one) as here, stream(other) as there:
        assert here.next().name == there.next().name == "ready"
        for server in (one, other):
            create(server, "seen")
            assert here.next() == there.next()
        create(one, "seen here")
        last = here.next()
    create(other, "by the other")
    with stream(other, last.id) as there:
        assert there.next().id == last.id
        assert there.next().title == "by the other"


@pytest.mark.parametrize("text", ["Hello", "Grüße 😀", "😀" * 1000, '"' * 1000, "\x01" * 1000])
def test_chat_and_notifications_reach_all_processes(
    servers: tuple[Server, Server], text: str
) -> None:
    one, other = servers
    with socket(one) as here, socket(other) as there, socket(other) as outside:
        for client in (here, there):
            assert client.ask("join", room="lobby")["type"] == "joined"
        said = here.ask("chat", room="lobby", text=text)
        assert (said["from"], said["text"]) == (here.client, text)
        assert there.receive() == said
        there.say("notify", to=here.client, text=text)
        notification = here.receive()
        assert (notification["from"], notification["text"]) == (there.client, text)
        for client in (here, there, outside):
            assert client.is_quiet()


def test_what_was_said_by_no_service_is_harmless(
    servers: tuple[Server, Server], migrated: str
) -> None:
    one, _ = servers
    with socket(one) as client:
        client.ask("join", room="lobby")
        database.execute(migrated, "SELECT pg_notify('realtime', '{}')")
        assert client.ask("chat", room="lobby", text="still there")["text"] == "still there"


def test_lost_connections_end_no_stream(servers: tuple[Server, Server], migrated: str) -> None:
    one, other = servers
    with stream(one) as watched, socket(one) as here, socket(other) as there:
        watched.next()
        here.ask("subscribe")
        for client in (here, there):
            client.ask("join", room="lobby")
        database.execute(
            migrated,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        note_id = create(other, "after the outage")
        assert watched.next().title == "after the outage"
        assert here.receive()["note"]["id"] == note_id
        time.sleep(1)  # by then, both listen again
        assert there.ask("chat", room="lobby", text="still there?")["text"] == "still there?"
        assert here.receive()["text"] == "still there?"


def test_changes_in_one_transaction_and_in_many(
    servers: tuple[Server, Server], migrated: str
) -> None:
    """Ids of events grow in the order of the commits, whoever writes at the same time."""
    one, other = servers
    with stream(one) as watched:
        watched.next()
        database.execute(
            migrated,
            "INSERT INTO notes (title, body, created_at, updated_at)"
            " SELECT 'bulk', '', now(), now() FROM generate_series(1, 300)",
        )
        create(other, "last")
        events = [watched.next() for _ in range(301)]
    assert [event.title for event in events] == ["bulk"] * 300 + ["last"]
    assert [event.id for event in events] == sorted({event.id for event in events})
