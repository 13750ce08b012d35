"""Clients of the stream and of the WebSocket, for tests against a running process."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx2
from websockets.sync.client import ClientConnection, connect

from tests.server import Server

EVENTS = "/api/notes/events"


class Event(NamedTuple):
    id: int
    name: str
    data: str

    @property
    def title(self) -> str:
        title: str = json.loads(self.data)["note"]["title"]
        return title


class Stream:
    """Reads one event after the other."""

    def __init__(self, response: httpx2.Response) -> None:
        self.headers = response.headers
        self._lines = _lines(response)

    def next(self) -> Event:
        fields: dict[str, str] = {}
        for line in self._lines:
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value
            elif fields:
                return Event(int(fields["id"]), fields["event"], fields["data"])
        raise EOFError

    def wait_for_ping(self) -> None:
        assert ": ping" in self._lines

    def rest(self) -> list[str]:
        """What comes up to the end, apart from signs of life."""
        return [line for line in self._lines if line not in {"", ": ping"}]


def _lines(response: httpx2.Response) -> Generator[str]:
    """The lines of the format, which are not all those of str.splitlines."""
    rest = b""
    for piece in response.iter_bytes():
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.decode() for line in lines)


@contextmanager
def stream(server: Server, last: int | None = None) -> Generator[Stream]:
    headers = {} if last is None else {"last-event-id": str(last)}
    with (
        httpx2.Client(base_url=server.http.base_url, timeout=15) as http,
        http.stream("GET", EVENTS, headers=headers) as response,
    ):
        assert response.status_code == 200, response.read()
        yield Stream(response)


class Socket:
    """A WebSocket that has been welcomed."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        welcome = self.receive()
        assert welcome["type"] == "welcome"
        self.client: str = welcome["client"]
        self.last_event_id: int = welcome["lastEventId"]

    def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.connection.recv(timeout=15))
        return message

    def say(self, kind: str, **members: object) -> None:
        self.connection.send(json.dumps({"type": kind, **members}))

    def ask(self, kind: str, **members: object) -> dict[str, Any]:
        """Say something and return the next message that comes."""
        self.say(kind, **members)
        return self.receive()

    def answer_to(
        self, raw: str | bytes | list[str], *, text: bool | None = None
    ) -> dict[str, Any]:
        """Send this as it is and return the next message that comes."""
        self.connection.send(raw, text=text)
        return self.receive()

    def is_quiet(self) -> bool:
        """Whether nothing else has come before this question."""
        return self.ask("ping") == {"type": "pong"}


@contextmanager
def socket(server: Server, **headers: str) -> Generator[Socket]:
    url = f"ws://127.0.0.1:{server.port}/ws"
    with connect(url, additional_headers=headers, compression=None, proxy=None) as connection:
        yield Socket(connection)


def change(server: Server, method: str, path: str, **body: str) -> Any:  # noqa: ANN401
    response = server.http.request(method, path, json=body or None)
    assert response.is_success, response.text
    return response.json() if response.content else None


def create(server: Server, title: str) -> int:
    note_id: int = change(server, "POST", "/api/notes", title=title)["id"]
    return note_id
