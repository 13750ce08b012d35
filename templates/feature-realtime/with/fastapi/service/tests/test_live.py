"""The page, its setting, and how everything ends: by the client, by SIGTERM, by a kill."""

import json
import socket
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError
from websockets.exceptions import ConnectionClosed

from app.settings import Settings
from tests import live
from tests.server import Server, running

HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
STREAM = f"GET {live.EVENTS} HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextmanager
def deaf(server: Server, head: str) -> Generator[socket.socket]:
    """A client that reads only what it is told to."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(15)
        client.connect(("127.0.0.1", server.port))
        client.sendall(head.encode())
        yield client


def read_to(client: socket.socket, text: bytes) -> bytes:
    """What came up to this text."""
    received = bytearray()
    while text not in received[-len(text) - 4096 :]:
        more = client.recv(4096)
        assert more, f"ended without {text!r}"
        received += more
    return bytes(received)


def frame(message: dict[str, object]) -> bytes:
    text = json.dumps(message).encode()
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/live", "text/html"), ("/live.js", "text/javascript"), ("/live.css", "text/css")],
)
def test_the_page(client: TestClient, path: str, kind: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(kind)
    assert response.headers["content-security-policy"].startswith("default-src 'self'")
    assert client.get(f"{path}/").status_code == 404


@pytest.mark.parametrize("seconds", ["0", "301", "often", "1.5"])
def test_a_heartbeat_that_is_none(seconds: str) -> None:
    with pytest.raises(ValidationError, match="heartbeat_seconds"):
        Settings.model_validate({"heartbeat_seconds": seconds})


def test_sigterm_ends_everything_at_once(database_url: str) -> None:
    with running(DATABASE_URL=database_url) as server, ExitStack() as stack:
        streams = [stack.enter_context(live.stream(server)) for _ in range(3)]
        sockets = [stack.enter_context(live.socket(server)) for _ in range(3)]
        for each in streams:
            each.next()
        for client in sockets:
            client.ask("subscribe")
        silent = stack.enter_context(deaf(server, HANDSHAKE))  # and answers no close
        read_to(silent, b"welcome")
        server.http.close()
        server.process.terminate()
        asked = time.monotonic()
        for each in streams:
            assert each.rest() == b""
        for client in sockets:
            with pytest.raises(ConnectionClosed) as closed:
                client.receive()
            assert closed.value.rcvd
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "shutting down")
        server.process.wait(timeout=15)
        assert time.monotonic() - asked < 6  # mostly much less; with answers in flight up to 8
        log = server.wait()
    assert {entry["level"] for entry in log} == {"info"}


def test_who_does_not_read_is_cut_off_and_holds_nobody_up(database_url: str) -> None:
    with (
        running(DATABASE_URL=database_url, HEARTBEAT_SECONDS="300") as server,
        live.stream(server) as watched,
        deaf(server, HANDSHAKE) as slow_socket,
        deaf(server, STREAM) as slow_stream,
        deaf(server, HANDSHAKE) as stuck_socket,
        deaf(server, STREAM) as stuck_stream,
    ):
        watched.next()
        for client in (slow_socket, stuck_socket):
            read_to(client, b"welcome")
            client.sendall(frame({"type": "subscribe"}))
            read_to(client, b"subscribed")
        for client in (slow_stream, stuck_stream):
            read_to(client, b"ready")
        path = f"/api/notes/{live.create(server, 'grows')}"
        watched.next()
        changes = 80  # of 100 kB: more than the system buffers
        for i in range(changes):
            body = f"{i} ".ljust(100_000, "x")
            live.change(server, "PATCH", path, body=body)
            assert body in watched.next().data
        assert len(read_to(slow_socket, b"\x03\xf5too slow")) < changes * 100_000  # 1013
        assert len(read_to(slow_stream, b"\r\n0\r\n\r\n")) < changes * 100_000
        server.http.close()
        log = server.stop()
    # Nobody had to be waited for until the time was over, which would have been an error.
    assert {entry["level"] for entry in log} == {"info"}


def test_who_reads_nothing_of_a_stream_is_cut_off(database_url: str) -> None:
    with (
        running(DATABASE_URL=database_url, HEARTBEAT_SECONDS="1") as server,
        deaf(server, STREAM) as client,
    ):
        read_to(client, b"ready")
        path = f"/api/notes/{live.create(server, 'grows')}"
        for i in range(80):
            live.change(server, "PATCH", path, body=f"{i} ".ljust(100_000, "x"))
        time.sleep(4)  # heartbeats: it has two
        asked = datetime.now(UTC)
        log = server.stop()
    (line,) = [entry for entry in log if entry.get("path") == live.EVENTS]
    assert datetime.fromisoformat(line["time"]) < asked
    assert {entry["level"] for entry in log} == {"info"}


def test_a_client_that_is_gone_leaves_one_line_in_the_log(migrated: str) -> None:
    with running(DATABASE_URL=migrated, HEARTBEAT_SECONDS="1") as server:
        with live.stream(server) as watched:
            watched.next()
        log = server.stop()
    (line,) = [entry for entry in log if entry.get("path") == live.EVENTS]
    assert (line["method"], line["status"], line["level"]) == ("GET", 200, "info")


def test_a_stream_ends_with_its_client_whatever_it_asked_besides(migrated: str) -> None:
    with running(DATABASE_URL=migrated, HEARTBEAT_SECONDS="1") as server:
        with deaf(server, STREAM + HANDSHAKE) as one, deaf(server, STREAM * 2) as other:
            for client in (one, other):
                read_to(client, b"ready")
            live.create(server, "seen")
            for client in (one, other):
                assert b" 101 " not in read_to(client, b"event: created")
        time.sleep(4)  # heartbeats: by the second one it is known that nobody hears them
        asked = datetime.now(UTC)
        log = server.stop()
    ended = [entry["time"] for entry in log if entry.get("path") == live.EVENTS]
    assert len(ended) == 2
    assert all(datetime.fromisoformat(time) < asked for time in ended)
    assert {entry["level"] for entry in log} == {"info"}


def test_a_killed_process_loses_nothing(migrated: str) -> None:
    with running(DATABASE_URL=migrated) as server, live.stream(server) as watched:
        before = watched.next().id
        live.create(server, "seen")
        seen = watched.next()
        live.create(server, "not seen")
        server.process.kill()
        server.process.communicate()
        with pytest.raises((OSError, HTTPException)):
            watched.rest()
    with running(DATABASE_URL=migrated) as server:
        live.create(server, "while away")
        with live.stream(server, seen.id) as watched:
            assert watched.next().name == "ready"
            assert [watched.next().title for _ in range(2)] == ["not seen", "while away"]
        with live.stream(server, before) as watched:
            assert watched.next().id == before
            assert watched.next() == seen
        server.stop()


def test_the_page_is_part_of_the_service() -> None:
    public = Path(__file__).parent.parent / "public"
    script = (public / "live.js").read_text("utf-8")
    assert live.EVENTS in script
