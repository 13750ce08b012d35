"""Streams and WebSockets that are open: what waits for each of them, and how they are cut off."""

import socket
from collections import deque
from contextlib import suppress
from threading import Lock, Timer
from typing import NamedTuple

from app.realtime.events import Event
from app.realtime.messages import MAX_WAITING, Message

MAX_CONNECTIONS = 256  # of a process: each has a thread
TOO_SLOW = (1013, "too slow")
PATIENCE = 0.5  # seconds at the end of the process, for clients that do not read


class Backlog(NamedTuple):
    """Events that are stored, and have to be read first: those after `start`, up to `end`."""

    start: int
    end: int


Item = str | Event | Backlog


class Connection:
    """What waits for one client, in order.

    The thread that serves it waits for the client and for this object, with a selector: something
    that was put here makes it readable until `silence` is called.
    """

    def __init__(self, client: socket.socket) -> None:
        self.client = client
        self.is_closed = False
        self.code = 1000  # for the close of a WebSocket
        self.reason = ""
        self._lock = Lock()
        self._items: deque[Item] = deque()
        self._size = 0
        self._is_awake = False
        self._bell, self._button = socket.socketpair()

    def fileno(self) -> int:
        return self._bell.fileno()

    def say(self, message: Message) -> None:
        self.put(message.model_dump_json())

    def put(self, *items: Item) -> None:
        with self._lock:
            if self.is_closed:
                return
            self._items.extend(items)
            self._size += sum(map(_size, items))
            if self._size > MAX_WAITING:
                self._close(*TOO_SLOW)
            self._wake()

    def put_back(self, item: Item) -> None:
        """What was taken, but not written."""
        with self._lock:
            if not self.is_closed:
                self._items.appendleft(item)
                self._size += _size(item)

    def take(self) -> Item | None:
        with self._lock:
            if not self._items:
                return None
            item = self._items.popleft()
            self._size -= _size(item)
            return item

    def is_empty(self) -> bool:
        return not self._items

    def silence(self) -> None:
        with self._lock:
            self._is_awake = False
            self._bell.recv(1)

    def close(self, code: int, reason: str) -> None:
        with self._lock:
            if not self.is_closed:
                self._close(code, reason)
                self._wake()

    def cut(self) -> None:
        """Whoever reads or writes there stops to wait."""
        with suppress(OSError):  # it is closed already
            self.client.shutdown(socket.SHUT_RDWR)

    def dispose(self) -> None:
        with self._lock:
            self._close(self.code, self.reason)
            self._bell.close()
            self._button.close()

    def _close(self, code: int, reason: str) -> None:
        self.is_closed = True
        self.code, self.reason = code, reason
        self._items.clear()

    def _wake(self) -> None:
        if not self._is_awake:
            self._is_awake = True
            self._button.send(b"!")


class StreamConnection(Connection):
    def _close(self, code: int, reason: str) -> None:
        super()._close(code, reason)
        if self._size > MAX_WAITING:
            self.cut()  # its thread may be writing, for as long as the client does not read


def _size(item: Item) -> int:
    match item:
        case Event():
            return len(item.sse)
        case str():
            return len(item)
        case _:
            return 0


class Full(Exception):  # noqa: N818  # it is no error of ours
    """There are as many connections as there can be."""


class Connections:
    """All that are open in this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: set[Connection] = set()
        self._is_closed = False

    def add(self, connection: Connection) -> None:
        with self._lock:
            if self._is_closed or len(self._open) >= MAX_CONNECTIONS:
                connection.dispose()
                raise Full
            self._open.add(connection)

    def remove(self, connection: Connection) -> None:
        with self._lock:
            self._open.discard(connection)
        connection.dispose()

    def close(self) -> None:
        """End all of them, and take no others."""
        with self._lock:
            self._is_closed = True
            left = list(self._open)
        for connection in left:
            connection.close(1001, "shutting down")
        last_word = Timer(PATIENCE, self._cut)
        last_word.daemon = True
        last_word.start()

    def _cut(self) -> None:
        with self._lock:
            for connection in self._open:
                connection.cut()
