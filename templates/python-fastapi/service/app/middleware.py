"""What happens to every request, as plain ASGI: there is no other way to see all of it."""

import logging
import re
import time
import uuid
from collections.abc import Sequence

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.logs import request_id
from app.problems import ProblemResponse

MAX_BODY = 1024 * 1024
TOO_LARGE = f"The body may have {MAX_BODY} bytes."
QUIET = {"/healthz", "/readyz"}  # asked every few seconds, and worth a line only when debugging
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
HEADERS = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

log = logging.getLogger(__name__)


class RequestContext:
    """The request id, the headers that every answer has, and one log line per request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        given = Headers(scope=scope).get("x-request-id", "")
        current = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(current)
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update({**HEADERS, "x-request-id": current})
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        finally:
            log.log(
                logging.DEBUG if scope["path"] in QUIET else logging.INFO,
                "request",
                extra={
                    "method": scope["method"],
                    "path": scope["path"],
                    "status": status,
                    "ms": round((time.perf_counter() - started) * 1000, 1),
                },
            )
            request_id.reset(token)


class CORS(CORSMiddleware):
    """Lets the pages of some origins call the API; a refused preflight is a problem too."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Content-Type", "X-Request-Id"],
            expose_headers=["Location", "X-Request-Id"],
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        return ProblemResponse(400, "This origin, method or header is not allowed.")


class BodyLimit:
    """Refuses bodies over MAX_BODY: at once when the length is declared, else while reading."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY:
                if message.get("more_body"):
                    await _drain(receive)
                raise HTTPException(413, TOO_LARGE)
            return message

        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > MAX_BODY:
            await _drain(receive)
            await ProblemResponse(413, TOO_LARGE)(scope, receive, send)
        else:
            await self.app(scope, receive_limited, send)


async def _drain(receive: Receive) -> None:
    """Read on for a moment: a client that is cut off while it sends never reads the answer."""
    with anyio.move_on_after(1):
        while (await receive()).get("more_body"):
            pass


class CatchErrors:
    """The last resort: a fault of ours is logged, and the client learns nothing about it.

    FastAPI's own place for that is outside all middleware, where the request id is unknown.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception:
            if started or scope["type"] != "http":  # too late for an answer: cut it off
                raise
            log.exception("unhandled error")
            await ProblemResponse(500, "Something went wrong here.")(scope, receive, send)
