"""The WebSocket: what it answers, whom it lets speak to whom, and what it does not take."""

import json
from collections.abc import Generator

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from tests.live import change, create, socket
from tests.server import Server, running

ORIGIN = "https://app.example"


@pytest.fixture(scope="module")
def server(migrated: str) -> Generator[Server]:
    with running(DATABASE_URL=migrated, HEARTBEAT_SECONDS="1", CORS_ORIGINS=ORIGIN) as server:
        yield server
        log = server.stop()
    assert {entry["level"] for entry in log} == {"info"}, "clients are no fault of ours"


def test_changes_for_those_who_asked(server: Server) -> None:
    with socket(server) as one, socket(server) as other:
        subscribed = one.ask("subscribe")
        assert subscribed.keys() == {"type", "lastEventId"}
        assert subscribed["type"] == "subscribed"
        assert subscribed["lastEventId"] >= one.last_event_id
        note = change(server, "POST", "/api/notes", title="pushed 😀")
        pushed = one.receive()
        assert pushed == {"type": "change", "id": pushed["id"], "change": "created", "note": note}
        assert other.is_quiet()
        assert one.ask("unsubscribe") == {"type": "unsubscribed"}
        create(server, "for nobody")
        assert one.is_quiet()
        # It goes on where it was, and there are both.
        assert one.ask("subscribe", lastEventId=pushed["id"] - 1)["type"] == "subscribed"
        assert [one.receive()["note"]["title"] for _ in range(2)] == ["pushed 😀", "for nobody"]
        assert one.ask("subscribe")["type"] == "error", "twice"
        assert other.ask("subscribe", lastEventId=2**53 - 1)["type"] == "reset"


def test_chat_stays_in_its_room(server: Server) -> None:
    with socket(server) as one, socket(server) as other, socket(server) as outside:
        for each, room in ((one, "lobby"), (other, "lobby"), (outside, "elsewhere")):
            assert each.ask("join", room=room) == {"type": "joined", "room": room}
        text = "Grüße 😀 <b>\u2028"
        said = one.ask("chat", room="lobby", text=text)
        expected = {"type": "chat", "room": "lobby", "from": one.client, "text": text}
        assert said == {**expected, "at": said["at"]}
        assert other.receive() == said
        assert outside.is_quiet()
        assert outside.ask("chat", room="lobby", text="me too")["type"] == "error"
        assert other.ask("leave", room="lobby") == {"type": "left", "room": "lobby"}
        assert one.ask("chat", room="lobby", text="alone")["text"] == "alone"
        assert other.is_quiet()
        for i in range(20):
            assert other.ask("join", room=f"room {i}")["type"] == "joined"
        assert other.ask("join", room="room 0")["type"] == "joined", "it is there already"
        assert other.ask("join", room="one too many")["type"] == "error"


def test_a_notification_is_for_one(server: Server) -> None:
    with socket(server) as one, socket(server) as other:
        one.say("notify", to=other.client, text="Lunch?")
        notification = other.receive()
        expected = {"type": "notification", "from": one.client, "text": "Lunch?"}
        assert notification == {**expected, "at": notification["at"]}
        assert one.is_quiet()
        gone = other.client
    with socket(server) as one:
        one.say("notify", to=gone, text="too late")
        assert one.is_quiet()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"type":"nothing"}',
        '{"type":["ping"]}',
        '{"type":"ping","more":1}',
        '{"type":"join"}',
        '{"type":"join","room":""}',
        '{"type":"join","room":7}',
        json.dumps({"type": "join", "room": "x" * 65}),
        '{"type":"join","room":"\\ud800"}',
        json.dumps({"type": "notify", "to": "x", "text": "x" * 1001}),
        '{"type":"subscribe","lastEventId":-1}',
        '{"type":"subscribe","lastEventId":"1"}',
        '{"type":"subscribe","lastEventId":1.5}',
        "[" * 8000,
    ],
)
def test_what_is_no_message_is_an_error(server: Server, text: str) -> None:
    with socket(server) as client:
        error = client.answer_to(text)
        assert error.keys() == {"type", "detail"}
        assert error["type"] == "error"
        assert error["detail"]
        assert client.is_quiet()


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("x" * (16 * 1024 + 1), 1009),
        ("x" * 5_000_000, 1009),
        (["x" * 10_000, "x" * 10_000], 1009),
        (b'{"type":"ping"}', 1003),
    ],
)
def test_what_ends_the_connection(
    server: Server, message: str | bytes | list[str], code: int
) -> None:
    with socket(server) as other, socket(server) as client:
        with pytest.raises(ConnectionClosedError) as closed:
            client.answer_to(message)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == code
        assert other.is_quiet()


def test_text_that_is_none(server: Server) -> None:
    with socket(server) as client, pytest.raises(ConnectionClosedError):
        client.answer_to(b"\xff", text=True)


@pytest.mark.parametrize("origin", [None, ORIGIN, "own"])
def test_origins_that_may(server: Server, origin: str | None) -> None:
    own = f"http://127.0.0.1:{server.port}"
    headers = {} if origin is None else {"Origin": own if origin == "own" else origin}
    with socket(server, **headers) as client:
        assert client.is_quiet()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "x", "["])
def test_origins_that_may_not(server: Server, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, socket(server, Origin=origin):
        pass
    response = refused.value.response
    assert response.status_code == 403
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"]
    assert json.loads(response.body or b"")["status"] == 403
