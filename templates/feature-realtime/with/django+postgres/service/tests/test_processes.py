"""With PostgreSQL: several processes reach each other, also after the database was away."""

from collections.abc import Collection, Generator

import psycopg
import pytest

from tests import database, live
from tests.server import Server, running


@pytest.fixture
def servers(database_url: str) -> Generator[tuple[Server, Server]]:
    with running(DATABASE_URL=database_url) as one, running(DATABASE_URL=database_url) as other:
        wait_for_listeners(database_url)
        yield one, other
        one.stop()
        other.stop()


def test_processes_reach_each_other(servers: tuple[Server, Server]) -> None:
    one, other = servers
    with live.stream(one) as stream, live.socket(one) as ann, live.socket(other) as ben:
        stream.next()
        ben.ask("subscribe")
        for server in servers:
            note = live.create(server)
            assert stream.next().note == note
            assert ben.receive()["note"] == note
        ben.ask("unsubscribe")
        for socket in (ann, ben):
            socket.ask("join", room="lobby")
        longest = "😀" * 1000
        assert ann.ask("chat", room="lobby", text=longest)["text"] == longest
        assert ben.receive()["text"] == longest
        assert ben.ask("notify", to=ben.client, text="\0\x1f")["text"] == "\0\x1f"
        assert ann.hears_nothing()


def test_all_goes_on_after_connections_were_lost(
    servers: tuple[Server, Server], database_url: str
) -> None:
    one, other = servers
    with live.stream(one) as stream, live.socket(one) as ann, live.socket(other) as ben:
        stream.next()
        for socket in (ann, ben):
            socket.ask("join", room="lobby")
        gone = wait_for_listeners(database_url)
        database.execute(
            database_url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        for server in servers:
            server.wait_until("/readyz")
        note = live.create(other)
        assert stream.next().note == note
        wait_for_listeners(database_url, gone)
        ann.ask("chat", room="lobby", text="still there?")
        assert ben.receive()["text"] == "still there?"


def wait_for_listeners(url: str, gone: Collection[int] = ()) -> set[int]:
    """Wait until both processes listen, on other connections than these; return which."""
    query = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
        "AND query = 'LISTEN realtime' AND state = 'idle' AND pid <> ALL (%s)"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(300):
            listening = connection.execute(query, [list(gone)]).fetchall()
            if len(listening) == 2:
                return {pid for (pid,) in listening}
            connection.execute("SELECT pg_sleep(0.1)")
    raise AssertionError("they do not listen")
