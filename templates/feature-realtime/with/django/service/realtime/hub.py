"""Who is connected, and in which rooms."""

import uuid
from collections import defaultdict

from realtime.mailbox import Mailbox
from realtime.schemas import Delivery, Message


class Client:
    """The service's side of one WebSocket."""

    def __init__(self) -> None:
        self.id = str(uuid.uuid4())
        self.rooms: set[str] = set()
        self.mailbox = Mailbox()

    def tell(self, message: Message) -> None:
        self.mailbox.put(message.model_dump_json())


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
        if delivery.to is not None:
            if client := self._clients.get(delivery.to):
                client.tell(message)
        elif message.type == "chat":
            for client in self._rooms.get(message.room, ()):
                client.tell(message)


hub = Hub()
