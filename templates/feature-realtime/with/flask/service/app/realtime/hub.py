"""Who is connected, and in which rooms."""

import uuid
from collections import defaultdict
from threading import Lock

from app.realtime.connections import Connection
from app.realtime.messages import Delivery


class Client:
    """One WebSocket as the others know it."""

    def __init__(self, connection: Connection) -> None:
        self.id = str(uuid.uuid4())
        self.connection = connection
        self.rooms: set[str] = set()


class Hub:
    """All clients of this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._clients: dict[str, Client] = {}
        self._rooms: defaultdict[str, set[Client]] = defaultdict(set)

    def add(self, client: Client) -> None:
        with self._lock:
            self._clients[client.id] = client

    def remove(self, client: Client) -> None:
        for room in list(client.rooms):
            self.leave(client, room)
        with self._lock:
            del self._clients[client.id]

    def join(self, client: Client, room: str) -> None:
        with self._lock:
            client.rooms.add(room)
            self._rooms[room].add(client)

    def leave(self, client: Client, room: str) -> None:
        with self._lock:
            if room not in client.rooms:
                return
            client.rooms.remove(room)
            self._rooms[room].remove(client)
            if not self._rooms[room]:
                del self._rooms[room]

    def deliver(self, delivery: Delivery) -> None:
        message = delivery.message
        text = message.model_dump_json()
        with self._lock:
            if delivery.to is not None:
                if client := self._clients.get(delivery.to):
                    client.connection.put(text)
            elif message.type == "chat":
                for client in self._rooms.get(message.room, ()):
                    client.connection.put(text)
