"""WebSockets, by ASGI: who may connect, what a client says, and what it is answered."""

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any, Literal, assert_never

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.db import Error
from django.http import HttpResponse
from pydantic import ValidationError

from config.logs import request_id
from config.middleware import REQUEST_ID
from config.problems import ProblemResponse
from realtime import channel, schemas, selectors
from realtime.database import asked
from realtime.feed import Subscription, feed
from realtime.hub import Client, hub
from realtime.mailbox import Closed, TooSlow

type Receive = Callable[[], Awaitable[Mapping[str, Any]]]
type Send = Callable[[Mapping[str, Any]], Awaitable[None]]

UNSUPPORTED, TRY_AGAIN_LATER = 1003, 1013
AWAY = "The database does not answer."

log = logging.getLogger(__name__)


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One WebSocket, from its handshake to its end."""
    started = time.perf_counter()
    request = ASGIRequest({**scope, "method": "GET"}, BytesIO())
    given = request.headers.get("X-Request-Id", "")
    current = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    request_id.set(current)
    await receive()
    status = 101
    if problem := _refusal(request):
        status = problem.status_code
        await _refuse(problem, current, send)
    else:
        try:
            bounds = await asked(selectors.bounds)()
        except Error as error:
            log.warning("the database is away: %s", error)
            status = 503
            await _refuse(ProblemResponse(status, AWAY), current, send)
        else:
            await send({"type": "websocket.accept"})
            await Session(receive, send).run(bounds.last)
    log.info(
        "request",
        extra={
            "method": "GET",
            "path": request.path,
            "status": status,
            "ms": round((time.perf_counter() - started) * 1000, 1),
        },
    )


def _refusal(request: ASGIRequest) -> ProblemResponse | None:
    """As Django's own check of forms: from another site nobody may write here."""
    try:
        own = f"{'https' if _is_secure(request) else 'http'}://{request.get_host()}"
    except DisallowedHost:
        return ProblemResponse(400, "The service does not understand this request.")
    origin = request.headers.get("Origin", own)
    if origin not in {own, *settings.CORS_ALLOWED_ORIGINS}:
        return ProblemResponse(403, "WebSockets from this origin are not allowed.")
    return None


def _is_secure(request: ASGIRequest) -> bool:
    return request.is_secure() or request.scheme == "wss"


async def _refuse(problem: HttpResponse, current: str, send: Send) -> None:
    problem["X-Content-Type-Options"] = "nosniff"
    problem["X-Request-Id"] = current
    headers = [(name.encode(), value.encode()) for name, value in problem.items()]
    status = problem.status_code
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": problem.content})


class Session:
    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._client = Client()
        self._subscription: Subscription | None = None
        self._catching_up: asyncio.Task[None] | None = None

    async def run(self, last_event_id: int) -> None:
        """Talk until one of both sides closes."""
        self._client.tell(schemas.Welcome(client=self._client.id, last_event_id=last_event_id))
        hub.add(self._client)
        writer = asyncio.create_task(self._write())
        try:
            await self._read()
        finally:
            hub.remove(self._client)
            self._unsubscribe()
            writer.cancel()

    async def _write(self) -> None:
        # It has gone, or uvicorn has closed it by itself: the reader learns of that too.
        with suppress(OSError, RuntimeError):
            try:
                while True:
                    text = await self._client.mailbox.get()
                    await self._send({"type": "websocket.send", "text": text})
            except TooSlow:
                await self._close(TRY_AGAIN_LATER, "too slow")
            except Closed:
                await self._close(UNSUPPORTED, "text only")

    async def _close(self, code: int, reason: str) -> None:
        await self._send({"type": "websocket.close", "code": code, "reason": reason})

    async def _read(self) -> None:
        while (received := await self._receive())["type"] != "websocket.disconnect":
            text = received.get("text")
            if text is None:
                self._client.mailbox.close(Closed())
                continue
            try:
                await self._answer(schemas.request_from_json(text))
            except ValidationError as error:
                self._refuse(schemas.fault(error))
            except Error as error:
                log.warning("the database is away: %s", error)
                self._refuse(AWAY)

    def _refuse(self, detail: str) -> None:
        self._client.tell(schemas.Error(detail=detail))

    async def _answer(self, request: schemas.AnyRequest) -> None:
        client = self._client
        match request:
            case schemas.Ping():
                client.tell(schemas.Pong())
            case schemas.Subscribe():
                await self._subscribe(request.last_event_id)
            case schemas.Unsubscribe():
                self._unsubscribe()
                client.tell(schemas.Unsubscribed())
            case schemas.Join(room=room):
                if room not in client.rooms and len(client.rooms) == schemas.MAX_ROOMS:
                    self._refuse(f"You are in {schemas.MAX_ROOMS} rooms: leave one first.")
                    return
                hub.join(client, room)
                client.tell(schemas.Joined(room=room))
            case schemas.Leave(room=room):
                hub.leave(client, room)
                client.tell(schemas.Left(room=room))
            case schemas.Speak(room=room, text=text):
                if room not in client.rooms:
                    self._refuse("You are not in this room.")
                    return
                chat = schemas.Chat(room=room, sender=client.id, text=text)
                await channel.publish(schemas.Delivery(message=chat))
            case schemas.Notify(to=to, text=text):
                notification = schemas.Notification(sender=client.id, text=text)
                await channel.publish(schemas.Delivery(to=to, message=notification))
            case _:
                assert_never(request)

    async def _subscribe(self, last_event_id: int | None) -> None:
        if self._subscription:
            self._refuse("You have subscribed already.")
            return
        bounds = await asked(selectors.bounds)()
        start = bounds.last if last_event_id is None else last_event_id
        is_known = bounds.can_resume(start)
        start = start if is_known else bounds.last
        kind: Literal["subscribed", "reset"] = "subscribed" if is_known else "reset"
        self._client.tell(schemas.Subscribed(type=kind, last_event_id=start))
        mailbox = self._client.mailbox
        self._subscription = Subscription(mailbox, lambda event: event.message, start)
        self._catching_up = asyncio.create_task(self._catch_up(self._subscription))

    async def _catch_up(self, subscription: Subscription) -> None:
        async for event in feed.missed(subscription):
            await self._client.mailbox.empty()
            self._client.mailbox.put(event.message)

    def _unsubscribe(self) -> None:
        if self._catching_up:
            self._catching_up.cancel()
        if self._subscription:
            feed.leave(self._subscription)
        self._subscription = self._catching_up = None
