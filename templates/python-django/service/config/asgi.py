"""The application as a server runs it, by ASGI.

One thread can wait for many streams this way. Views, middleware and the ORM are synchronous: each
request has one of a few threads for them.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import django
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.db import close_old_connections, connections, reset_queries
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

type Scope = dict[str, Any]
type Message = Mapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]


THREADS = 32  # requests that are worked on at a time; others wait


class Application(ASGIHandler):
    """Django's handler, with the whole of a request in one thread.

    Django's own makes a thread for each request, with new connections to the database, and goes
    back and forth between the event loop and that thread for every middleware.
    """

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")
        self.opened: set[BaseDatabaseWrapper] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def live(self, receive: Receive, send: Send) -> None:
        """What the server says at its start and, after the last request, at its end."""
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.in_thread(self.close)()
        self.threads.shutdown()
        await send({"type": "lifespan.shutdown.complete"})

    def close(self) -> None:
        for connection in self.opened:
            connection.inc_thread_sharing()
            connection.close()

    async def run_get_response(self, request: HttpRequest) -> HttpResponseBase:
        response = await super().run_get_response(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = self.pieces(iter(response))
        return response

    async def pieces(self, content: Iterator[bytes]) -> AsyncGenerator[bytes]:
        """What is read from a file, piece by piece: Django would take all of it at once."""
        while piece := await self.in_thread(lambda: next(content, b""))():
            yield piece

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await self.in_thread(self.respond)(request)

    def in_thread[**P, R](self, function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
        return sync_to_async(function, thread_sensitive=False, executor=self.threads)

    def respond(self, request: HttpRequest) -> HttpResponseBase:
        """What Django does before and after a request, in the thread that has the connections."""
        reset_queries()
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()
            self.opened.update(connections.all(initialized_only=True))

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().handle(scope, LimitedBody(scope, receive), send)


class LimitedBody:
    """The receiving end of a request; a body that is too long ends as soon as that is known.

    Django reads a body whole, onto the disk where it is long, before anything of ours sees the
    request. `config.middleware` refuses what has come.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        self._receive = receive
        self._left = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        self._declared_too_long = int(declared) > self._left
        self._ended = False

    async def __call__(self) -> Message:
        if self._ended:
            return await self._disconnected()
        if self._declared_too_long:
            await self._drain()
            return {"type": "http.request", "body": b"", "more_body": False}
        message = await self._receive()
        more = message.get("more_body", False)
        self._left -= len(message.get("body", b""))
        if self._left < 0 and more:
            await self._drain()
            more = False
        self._ended = not more
        return {**message, "more_body": more}

    async def _drain(self) -> None:
        """Read on for a moment: a client that is cut off while it sends never reads the answer."""
        self._ended = True
        try:
            async with asyncio.timeout(1):
                while (await self._receive()).get("more_body"):
                    pass
        except TimeoutError:
            pass

    async def _disconnected(self) -> Message:
        while (message := await self._receive())["type"] != "http.disconnect":
            pass
        return message


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)
import_module(settings.ROOT_URLCONF)  # a fault in it shows now, and not in the first request
application = Application()
