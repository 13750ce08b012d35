"""Who is connected, in which rooms, and what waits for them."""

import asyncio
import uuid
from collections import defaultdict, deque

from app.realtime.messages import MAX_WAITING, Delivery, Message


class Client:
    """The service's side of one WebSocket: what is sent waits here until it can be written."""

    def __init__(self) -> None:
        self.id = str(uuid.uuid4())
        self.rooms: set[str] = set()
        self.code = 1000  # for the close
        self.reason = ""
        self._is_closed = False
        self._waiting: deque[str] = deque()
        self._size = 0
        self._changed = asyncio.Event()
        self._written = asyncio.Event()

    def send(self, message: Message | str) -> None:
        if self._is_closed:
            return
        text = message if isinstance(message, str) else message.model_dump_json()
        self._waiting.append(text)
        self._size += len(text)
        self._changed.set()
        if self._size > MAX_WAITING:
            self.close(1013, "too slow")

    def close(self, code: int, reason: str = "") -> None:
        if self._is_closed:
            return
        self.code, self.reason = code, reason
        self._is_closed = True
        self._waiting.clear()
        self._changed.set()

    async def next(self) -> str | None:
        """The next text to write, or None when the connection has to be closed."""
        while not self._waiting:
            self._written.set()
            if self._is_closed:
                return None
            self._changed.clear()
            await self._changed.wait()
        text = self._waiting.popleft()
        self._size -= len(text)
        return text

    async def written(self) -> None:
        """Return once nothing waits any more."""
        while self._waiting:
            self._written.clear()
            await self._written.wait()


class Hub:
    """All clients of this process."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._rooms: defaultdict[str, set[Client]] = defaultdict(set)

    def add(self, client: Client) -> None:
        self._clients[client.id] = client

    def remove(self, client: Client) -> None:
        del self._clients[client.id]
        for room in list(client.rooms):
            self.leave(client, room)

    def join(self, client: Client, room: str) -> None:
        client.rooms.add(room)
        self._rooms[room].add(client)

    def leave(self, client: Client, room: str) -> None:
        if room not in client.rooms:
            return
        client.rooms.remove(room)
        self._rooms[room].remove(client)
        if not self._rooms[room]:
            del self._rooms[room]

    def deliver(self, delivery: Delivery) -> None:
        message = delivery.message
        text = message.model_dump_json()
        if delivery.to is not None:
            if client := self._clients.get(delivery.to):
                client.send(text)
        elif message.type == "chat":
            for client in self._rooms.get(message.room, ()):
                client.send(text)
