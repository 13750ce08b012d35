"""The WebSocket: who may connect, what can be said, and who hears it."""

import json
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from http.client import HTTPResponse
from pathlib import Path
from socket import create_connection

import pytest
from django.test import Client
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests import database, live
from tests.api import check_problem
from tests.server import Server, running

ORIGIN = "https://app.example"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
)


@pytest.fixture(scope="module")
def server(migrated: str) -> Generator[Server]:
    with running(DATABASE_URL=migrated, CORS_ORIGINS=ORIGIN) as server:
        yield server
        log = server.stop()
        assert not [entry for entry in log if entry["level"] not in {"info", "warn"}]


def test_changes_are_heard_between_subscribe_and_unsubscribe(server: Server) -> None:
    with live.socket(server) as socket, live.socket(server) as other:
        start = socket.ask("subscribe")
        assert start == {"type": "subscribed", "lastEventId": socket.last_event_id}
        note = live.create(server, "heard")
        change = socket.receive()
        assert change == {"type": "change", "id": change["id"], "change": "created", "note": note}
        assert change["id"] > socket.last_event_id
        assert socket.ask("subscribe")["type"] == "error"
        assert socket.ask("unsubscribe") == {"type": "unsubscribed"}
        live.create(server, "not heard")
        assert socket.hears_nothing()
        assert other.hears_nothing()
        resumed = socket.ask("subscribe", lastEventId=change["id"])
        assert resumed == {"type": "subscribed", "lastEventId": change["id"]}
        assert socket.receive()["note"]["title"] == "not heard"
        socket.ask("unsubscribe")
        assert socket.ask("subscribe", lastEventId=2**53 - 1)["type"] == "reset"


def test_rooms(server: Server) -> None:
    with live.socket(server) as ann, live.socket(server) as ben, live.socket(server) as eve:
        for socket in (ann, ben):
            assert socket.ask("join", room="lobby") == {"type": "joined", "room": "lobby"}
        eve.ask("join", room="other")
        text = "ä😀" * 500
        said = ann.ask("chat", room="lobby", text=text)
        assert list(said) == ["type", "room", "from", "text", "at"]
        assert said["at"].endswith("Z")
        age = datetime.now(UTC) - datetime.fromisoformat(said.pop("at"))
        assert abs(age) < timedelta(minutes=1)
        assert said == {"type": "chat", "room": "lobby", "from": ann.client, "text": text}
        assert ben.receive()["text"] == text
        assert ben.ask("leave", room="lobby") == {"type": "left", "room": "lobby"}
        ann.ask("chat", room="lobby", text="alone")
        assert ben.hears_nothing()
        assert eve.hears_nothing()
        assert ben.ask("chat", room="lobby", text="from outside")["type"] == "error"
        assert ann.hears_nothing()


def test_a_notification_is_for_one(server: Server) -> None:
    with live.socket(server) as ann, live.socket(server) as ben, live.socket(server) as eve:
        ann.connection.send(json.dumps({"type": "notify", "to": ben.client, "text": "Lunch?"}))
        told = ben.receive()
        assert list(told) == ["type", "from", "text", "at"]
        assert (told["type"], told["from"], told["text"]) == ("notification", ann.client, "Lunch?")
        ann.connection.send(json.dumps({"type": "notify", "to": "nobody", "text": "Lunch?"}))
        assert ann.hears_nothing()
        assert eve.hears_nothing()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        '{"type": "nothing"}',
        '{"type": "ping", "x": 1}',
        '{"type": "join"}',
        '{"type": "join", "room": ""}',
        '{"type": "join", "room": 7}',
        '{"type": "join", "room": "\\ud800"}',
        json.dumps({"type": "join", "room": "x" * 65}),
        json.dumps({"type": "notify", "to": "x", "text": "x" * 1001}),
        '{"type": "subscribe", "lastEventId": -1}',
        '{"type": "subscribe", "lastEventId": 1.5}',
        "[" * 8000,
    ],
)
def test_what_makes_no_sense_is_answered(server: Server, text: str) -> None:
    with live.socket(server) as socket:
        socket.connection.send(text)
        error = socket.receive()
        assert list(error) == ["type", "detail"]
        assert error["type"] == "error"
        assert error["detail"]
        assert socket.hears_nothing()


def test_a_client_is_in_twenty_rooms_at_most(server: Server) -> None:
    with live.socket(server) as socket:
        for number in range(20):
            assert socket.ask("join", room=f"{number}")["type"] == "joined"
        assert socket.ask("join", room="20")["type"] == "error"
        assert socket.ask("join", room="0")["type"] == "joined"
        socket.ask("leave", room="0")
        assert socket.ask("join", room="20")["type"] == "joined"


@pytest.mark.parametrize(
    ("message", "code"), [("x" * 16_385, 1009), ("x" * 1_000_000, 1009), (b"{}", 1003)]
)
def test_what_ends_the_connection(server: Server, message: str | bytes, code: int) -> None:
    with live.socket(server, compression=None) as socket:
        socket.connection.send(json.dumps({"type": "ping"}).ljust(16_384))
        assert socket.receive() == {"type": "pong"}
        with pytest.raises(ConnectionClosed) as closed:  # maybe while it is still sent
            socket.connection.send(message)
            socket.receive()
    assert closed.value.rcvd
    assert closed.value.rcvd.code == code


def test_text_that_is_no_utf8_ends_the_connection(server: Server) -> None:
    with live.socket(server) as socket, pytest.raises(ConnectionClosed) as closed:
        socket.connection.send(b"\xff", text=True)
        socket.receive()
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 1007


def test_origins(server: Server) -> None:
    for origin in (ORIGIN, f"http://127.0.0.1:{server.port}"):
        with live.socket(server, origin=origin) as socket:
            assert socket.hears_nothing()
    for origin in ("https://evil.example", f"https://127.0.0.1:{server.port}", "null"):
        with pytest.raises(InvalidStatus) as refused, live.socket(server, origin=origin):
            pass
        response = refused.value.response
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.headers["X-Request-Id"]
        assert (response.status_code, json.loads(response.body)["status"]) == (403, 403)


def test_other_hosts_and_paths_have_none(server: Server) -> None:
    headers = {"Host": "evil.example"}
    with pytest.raises(InvalidStatus, match="400"), live.socket(server, additional_headers=headers):
        pass
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
    for path, key, status in (("/nope", KEY, 404), ("/ws", "", 426), ("/ws", "short", 426)):
        answer, body = server.ask("GET", path, **upgrade, Sec_WebSocket_Key=key)
        assert (answer.status, json.loads(body)["status"]) == (status, status)


def test_no_handshake_before_an_answer_is_out(server: Server) -> None:
    stream = f"GET {live.EVENTS} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with create_connection(("127.0.0.1", server.port), timeout=15) as client:
        client.sendall(f"{stream}{HANDSHAKE}".encode())
        received = b""
        while b"event: ready" not in received:
            received += client.recv(4096)
        live.create(server)
        while b"event: created" not in received:
            received += client.recv(4096)
    assert b" 101 " not in received


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("GET", "POST", 426),
        ("GET", "DELETE", 426),
        ("Version: 13", "Version: 8", 426),
        ("Sec-WebSocket-Key", f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Key", 426),
        ("Host", "Sec-WebSocket-Version: 13\r\nHost", 426),
        ("\r\n\r\n", "\r\nContent-Length: 2\r\n\r\n{}", 426),
        ("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 426),
        ("Host", f"Cookie: {'x' * 10_000}\r\nHost", 400),
        ("Host", "X-Y: z\r\n" * 200 + "Host", 400),
    ],
)
def test_every_other_handshake_is_answered(server: Server, old: str, new: str, status: int) -> None:
    address = ("127.0.0.1", server.port)
    with create_connection(address, timeout=15) as client, HTTPResponse(client) as response:
        client.sendall(HANDSHAKE.replace(old, new, 1).encode())
        response.begin()
        assert response.status == status
        assert response.headers["Content-Type"] == "application/problem+json"
        assert json.loads(response.read())["status"] == status


@pytest.mark.django_db
def test_what_is_no_handshake(client: Client) -> None:
    for method in ("GET", "POST"):
        response = client.generic(method, "/ws")
        check_problem(response, 426)
        assert response["Upgrade"] == "websocket"


def test_no_welcome_without_the_database(tmp_path: Path) -> None:
    with running("/healthz", DATABASE_URL=database.away(tmp_path)) as server:
        with pytest.raises(InvalidStatus, match="503"), live.socket(server):
            pass
        server.stop()
