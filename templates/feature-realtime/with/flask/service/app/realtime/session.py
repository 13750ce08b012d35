"""What one client says on its WebSocket, and what it is answered."""

from flask import current_app
from pydantic import ValidationError

from app.realtime import messages
from app.realtime.connections import Connection
from app.realtime.events import Event
from app.realtime.hub import Client
from app.realtime.messages import Chat, Delivery, Error, Notification
from app.realtime.service import Realtime
from app.realtime.socket import WebSocket


class Session:
    def __init__(self, connection: Connection, realtime: Realtime) -> None:
        self._connection = connection
        self._realtime = realtime
        self._client = Client(connection)

    def run(self, handshake: bytes, last_event_id: int) -> None:
        """Talk until one of both sides closes."""
        self._connection.say(messages.Welcome(client=self._client.id, last_event_id=last_event_id))
        self._realtime.hub.add(self._client)
        try:
            heartbeat = self._realtime.heartbeat
            WebSocket(self._connection, handshake, heartbeat, self._take, self._hear).run()
        finally:
            self._realtime.feed.unsubscribe(self._connection)
            self._realtime.hub.remove(self._client)

    def _take(self) -> list[str | Event]:
        return self._realtime.feed.take(self._connection)

    def _hear(self, text: str) -> None:
        try:
            self._answer(messages.request_from_json(text))
        except ValidationError as error:
            self._connection.say(Error(detail=messages.fault(error)))
        except Exception as error:  # what a view would answer with a problem
            problem = current_app.make_response(current_app.handle_user_exception(error))
            self._connection.say(Error(detail=problem.get_json()["detail"]))

    def _answer(self, request: messages.AnyRequest) -> None:
        client, connection, hub = self._client, self._connection, self._realtime.hub
        match request:
            case messages.Ping():
                connection.say(messages.Pong())
            case messages.Subscribe():
                self._subscribe(request.last_event_id)
            case messages.Unsubscribe():
                self._realtime.feed.unsubscribe(connection)
                connection.say(messages.Unsubscribed())
            case messages.Join():
                if request.room not in client.rooms and len(client.rooms) >= messages.MAX_ROOMS:
                    detail = f"You are in {messages.MAX_ROOMS} rooms: leave one first."
                    connection.say(Error(detail=detail))
                    return
                hub.join(client, request.room)
                connection.say(messages.Joined(room=request.room))
            case messages.Leave():
                hub.leave(client, request.room)
                connection.say(messages.Left(room=request.room))
            case messages.Speak():
                if request.room not in client.rooms:
                    connection.say(Error(detail="You are not in this room."))
                    return
                chat = Chat(room=request.room, sender=client.id, text=request.text)
                self._realtime.publish(Delivery(message=chat))
            case messages.Notify():
                notification = Notification(sender=client.id, text=request.text)
                self._realtime.publish(Delivery(to=request.to, message=notification))

    def _subscribe(self, last_event_id: int | None) -> None:
        if self._realtime.feed.is_watching(self._connection):
            self._connection.say(Error(detail="You have subscribed already."))
            return
        self._realtime.feed.subscribe(self._connection, last_event_id, _greeting)


def _greeting(start: int, is_reset: bool) -> str:  # noqa: FBT001  # a Greeting of the feed
    return messages.Subscribed(
        type="reset" if is_reset else "subscribed", last_event_id=start
    ).model_dump_json()
