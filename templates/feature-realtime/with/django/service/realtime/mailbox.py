"""What waits for one client until it can be written."""

import asyncio
from collections import deque

MAX_WAITING = 1024 * 1024  # bytes, for a client that reads too slowly


class Closed(Exception):  # noqa: N818  # no error: nothing more will come
    """Nothing more will come."""


class TooSlow(Closed):
    """The client has not read what waits for it."""


class Mailbox:
    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._size = 0
        self._changed = asyncio.Event()
        self._end: Closed | None = None

    @property
    def is_closed(self) -> bool:
        return self._end is not None

    def put(self, text: str) -> None:
        if self._end:
            return
        self._waiting.append(text)
        self._size += len(text.encode())
        if self._size > MAX_WAITING:
            self._waiting.clear()
            self.close(TooSlow())
        self._changed.set()

    def close(self, end: Closed) -> None:
        """End it after what waits already."""
        self._end = self._end or end
        self._changed.set()

    async def get(self) -> str:
        """Raises Closed once there is nothing more."""
        while not self._waiting:
            if self._end:
                raise self._end
            self._changed.clear()
            await self._changed.wait()
        text = self._waiting.popleft()
        self._size -= len(text.encode())
        self._changed.set()
        return text

    async def empty(self) -> None:
        """Return once nothing waits any more."""
        while self._waiting:
            self._changed.clear()
            await self._changed.wait()


class Streams:
    """The mailboxes of all open streams, none of which ends by itself."""

    def __init__(self) -> None:
        self._open: set[Mailbox] = set()
        self._are_ended = False

    def add(self, mailbox: Mailbox) -> None:
        self._open.add(mailbox)
        if self._are_ended:
            mailbox.close(Closed())

    def remove(self, mailbox: Mailbox) -> None:
        self._open.remove(mailbox)

    def end(self) -> None:
        self._are_ended = True
        for mailbox in self._open:
            mailbox.close(Closed())


streams = Streams()
