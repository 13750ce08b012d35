"""Clients of the stream and of the WebSocket, for tests against a running process."""

import json
from collections.abc import Generator
from contextlib import closing, contextmanager
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
    def title(self) -> str:
        title: str = json.loads(self.data)["note"]["title"]
        return title


class Stream:
    """Reads one event after the other."""

    def __init__(self, response: HTTPResponse) -> None:
        self.headers = response.headers
        self._response = response

    def next(self) -> Event:
        fields: dict[str, str] = {}
        while True:
            name, _, value = self._line().partition(": ")
            if name:
                fields[name] = value
            elif "event" in fields:
                return Event(int(fields["id"]), fields["event"], fields["data"])

    def wait_for_ping(self) -> None:
        while self._line() != ": ping":
            pass

    def rest(self) -> bytes:
        """What comes up to the end."""
        return self._response.read()

    def _line(self) -> str:
        line = self._response.readline()
        if not line:
            raise EOFError
        return line.decode().removesuffix("\n")


@contextmanager
def stream(server: Server, last: int | None = None) -> Generator[Stream]:
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=15)) as connection:
        connection.request("GET", EVENTS, headers=headers)
        with connection.getresponse() as response:
            assert response.status == 200, response.read()
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
    """Change something as clients do, and return what that answers."""
    headers = {"Content-Type": "application/json"}
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=15)) as connection:
        connection.request(method, path, json.dumps(body) if body else None, headers)
        response = connection.getresponse()
        content = response.read()
    assert response.status in {200, 201, 204}, content
    return json.loads(content) if content else None


def create(server: Server, title: str) -> int:
    note_id: int = change(server, "POST", "/api/notes", title=title)["id"]
    return note_id
