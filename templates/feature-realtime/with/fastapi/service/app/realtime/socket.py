"""What one client says on its WebSocket, and what it is answered."""

from typing import Literal

import anyio
from anyio.abc import TaskGroup
from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from app.problems import Unavailable
from app.realtime import messages
from app.realtime.feed import Subscription
from app.realtime.hub import Client
from app.realtime.messages import Chat, Delivery, Error, Notification
from app.realtime.service import Realtime

UNSUPPORTED = 1003


class Session:
    def __init__(self, websocket: WebSocket, realtime: Realtime) -> None:
        self._websocket = websocket
        self._realtime = realtime
        self._client = Client()
        self._subscription: Subscription | None = None

    async def run(self, last_event_id: int) -> None:
        """Talk until one of both sides closes."""
        client = self._client
        client.send(messages.Welcome(client=client.id, last_event_id=last_event_id))
        self._realtime.hub.add(client)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._write)
                await self._read(tasks)
                tasks.cancel_scope.cancel()
        finally:
            self._unsubscribe()
            self._realtime.hub.remove(client)

    async def _write(self) -> None:
        try:
            while (text := await self._client.next()) is not None:
                await self._websocket.send_text(text)
            await self._websocket.close(self._client.code, self._client.reason)
        except WebSocketDisconnect:
            pass  # the reader sees it too

    async def _read(self, tasks: TaskGroup) -> None:
        while (received := await self._websocket.receive())["type"] != "websocket.disconnect":
            text = received.get("text")
            if text is None:
                self._client.close(UNSUPPORTED, "text only")
                continue
            try:
                await self._answer(messages.request_from_json(text), tasks)
            except ValidationError as error:
                self._client.send(Error(detail=messages.fault(error)))
            except Unavailable as error:
                self._client.send(Error(detail=error.detail))

    async def _answer(self, request: messages.AnyRequest, tasks: TaskGroup) -> None:
        client, hub = self._client, self._realtime.hub
        match request:
            case messages.Ping():
                client.send(messages.Pong())
            case messages.Subscribe():
                await self._subscribe(request.last_event_id, tasks)
            case messages.Unsubscribe():
                self._unsubscribe()
                client.send(messages.Unsubscribed())
            case messages.Join():
                if request.room not in client.rooms and len(client.rooms) >= messages.MAX_ROOMS:
                    detail = f"You are in {messages.MAX_ROOMS} rooms: leave one first."
                    client.send(Error(detail=detail))
                    return
                hub.join(client, request.room)
                client.send(messages.Joined(room=request.room))
            case messages.Leave():
                hub.leave(client, request.room)
                client.send(messages.Left(room=request.room))
            case messages.Speak():
                if request.room not in client.rooms:
                    client.send(Error(detail="You are not in this room."))
                    return
                chat = Chat(room=request.room, sender=client.id, text=request.text)
                await self._realtime.publish(Delivery(message=chat))
            case messages.Notify():
                notification = Notification(sender=client.id, text=request.text)
                await self._realtime.publish(Delivery(to=request.to, message=notification))

    async def _subscribe(self, last_event_id: int | None, tasks: TaskGroup) -> None:
        if self._subscription:
            self._client.send(Error(detail="You have subscribed already."))
            return
        subscription = await self._realtime.feed.subscribe(last_event_id)
        self._subscription = subscription
        kind: Literal["reset", "subscribed"] = "reset" if subscription.is_reset else "subscribed"
        self._client.send(messages.Subscribed(type=kind, last_event_id=subscription.start))
        tasks.start_soon(self._push, subscription)

    def _unsubscribe(self) -> None:
        if self._subscription:
            self._subscription.close()
            self._subscription = None

    async def _push(self, subscription: Subscription) -> None:
        async for event in subscription.events():
            await self._client.written()  # what waits longer waits in the subscription
            if event and not subscription.is_closed:
                self._client.send(event.message)
        if subscription.is_too_slow:
            self._client.close(1013, "too slow")
