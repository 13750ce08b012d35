"""Clients of the stream and of the WebSocket, against a running process."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any, NamedTuple

from websockets.sync.client import ClientConnection, connect

from tests.server import Server

EVENTS = "/api/notes/events"


class Event(NamedTuple):
    id: int
    name: str
    data: str

    @property
    def note(self) -> dict[str, Any]:
        note: dict[str, Any] = json.loads(self.data)["note"]
        return note


class Stream:
    """Reads one event after the other."""

    def __init__(self, response: HTTPResponse) -> None:
        self.response = response

    def line(self) -> str:
        return self.response.readline().decode()

    def next(self) -> Event:
        fields: dict[str, str] = {}
        while line := self.line():
            name, _, value = line.removesuffix("\n").partition(": ")
            if name:
                fields[name] = value
            elif "id" in fields:
                return Event(int(fields["id"]), fields["event"], fields["data"])
        raise EOFError

    def titles(self, count: int) -> list[str]:
        return [self.next().note["title"] for _ in range(count)]


@contextmanager
def stream(server: Server, last: int | None = None) -> Generator[Stream]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=15)
    try:
        connection.request("GET", EVENTS, headers={} if last is None else {"Last-Event-ID": last})
        response = connection.getresponse()
        assert response.status == 200, response.read()
        yield Stream(response)
    finally:
        connection.close()


class Socket:
    """A WebSocket that has been welcomed."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        welcome = self.receive()
        assert list(welcome) == ["type", "client", "lastEventId"]
        assert welcome["type"] == "welcome"
        self.client: str = welcome["client"]
        self.last_event_id: int = welcome["lastEventId"]

    def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.connection.recv(timeout=15))
        return message

    def ask(self, kind: str, **members: object) -> dict[str, Any]:
        """Send a message and return the next one that comes."""
        self.connection.send(json.dumps({"type": kind, **members}))
        return self.receive()

    def hears_nothing(self) -> bool:
        """Whether nothing else has come before this question."""
        return self.ask("ping") == {"type": "pong"}


@contextmanager
def socket(server: Server, **options: Any) -> Generator[Socket]:  # noqa: ANN401  # of websockets
    url = f"ws://127.0.0.1:{server.port}/ws"
    with connect(url, proxy=None, max_size=None, open_timeout=30, **options) as connection:
        yield Socket(connection)


def create(server: Server, title: str = "a title", body: str = "") -> dict[str, Any]:
    response, text = server.ask("POST", "/api/notes", {"title": title, "body": body})
    assert response.status == 201, text
    note: dict[str, Any] = json.loads(text)
    return note
