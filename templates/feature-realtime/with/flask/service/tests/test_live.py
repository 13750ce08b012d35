"""The page, its setting, and how everything ends."""

import json
import socket
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pydantic import ValidationError
from websockets.exceptions import ConnectionClosed

from app.settings import Settings
from tests import live
from tests.server import Server, running

HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@contextmanager
def deaf(server: Server, head: str) -> Generator[socket.socket]:
    """A client that reads only what it is told to."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(15)
        client.connect(("127.0.0.1", server.port))
        client.sendall(head.encode())
        yield client


def read_to(client: socket.socket, text: bytes) -> int:
    """How many bytes came up to this text."""
    received = bytearray()
    while text not in received[-len(text) - 4096 :]:
        more = client.recv(4096)
        assert more, f"ended without {text!r}"
        received += more
    return len(received)


def read_to_end(client: socket.socket) -> int:
    """How many bytes came."""
    received = 0
    while more := client.recv(65536):
        received += len(more)
    return received


def frame(message: dict[str, object]) -> bytes:
    text = json.dumps(message).encode()
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/live", "text/html"), ("/live.js", "text/javascript"), ("/live.css", "text/css")],
)
def test_the_page(client: FlaskClient, path: str, kind: str) -> None:
    with client.get(path) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(kind)
        assert response.headers["content-security-policy"].startswith("default-src 'self'")
    assert client.get(f"{path}/").status_code == 404


def test_no_handshake(client: FlaskClient) -> None:
    response = client.get("/ws")
    assert response.status_code == 426
    assert response.headers["upgrade"] == "websocket"
    assert response.headers["content-type"] == "application/problem+json"


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
        server.process.terminate()
        asked = time.monotonic()
        for each in streams:
            assert each.rest() == b""
        for client in sockets:
            with pytest.raises(ConnectionClosed) as closed:
                client.receive()
            assert closed.value.rcvd
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "shutting down")
        server.process.wait(timeout=10)
        assert time.monotonic() - asked < 6, "as if requests were in flight"
        log = server.wait()
    assert {entry["level"] for entry in log} == {"info"}


def test_a_process_without_its_parent_ends_too(database_url: str) -> None:
    with running(DATABASE_URL=database_url) as server, live.stream(server) as watched:
        watched.next()
        killed = time.monotonic()
        server.process.kill()
        assert watched.rest() == b""
        server.process.communicate(timeout=15)  # until nobody can write there any more
        assert time.monotonic() - killed < 6


def test_who_does_not_read_is_cut_off_and_holds_nobody_up(database_url: str) -> None:
    with (
        running(DATABASE_URL=database_url, HEARTBEAT_SECONDS="300") as server,
        live.stream(server) as watched,
        deaf(server, HANDSHAKE) as slow_socket,
        deaf(server, f"GET {live.EVENTS} HTTP/1.1\r\nHost: localhost\r\n\r\n") as slow_stream,
        deaf(server, HANDSHAKE) as stuck_socket,
        deaf(server, f"GET {live.EVENTS} HTTP/1.1\r\nHost: localhost\r\n\r\n") as stuck_stream,
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
        assert read_to(slow_socket, b"\x03\xf5too slow") < changes * 100_000  # 1013
        assert read_to_end(slow_stream) < changes * 100_000
        server.process.terminate()
        server.process.wait(timeout=6)  # whoever still does not read
        server.wait()


def test_the_page_is_part_of_the_service() -> None:
    public = Path(__file__).parent.parent / "public"
    script = (public / "live.js").read_text("utf-8")
    assert live.EVENTS in script
