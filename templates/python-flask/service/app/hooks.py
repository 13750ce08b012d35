"""What happens before and after every request, whatever its view."""

import logging
import re
import time
import uuid
from collections.abc import Sequence

from flask import Flask, Response, abort, g, request

from app.logs import request_id
from app.problems import problem
from app.settings import Settings

QUIET = {"/healthz", "/readyz"}  # asked every few seconds, and worth a line only when debugging
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
CORS_METHODS = ("GET", "POST", "PATCH", "DELETE")
CORS_HEADERS = ("content-type", "x-request-id")

log = logging.getLogger(__name__)


def init_app(app: Flask, settings: Settings) -> None:
    app.before_request(begin)
    app.after_request(finish)
    app.teardown_request(forget)
    if settings.cors_origins:
        allow_origins(app, settings.cors_origins)


def begin() -> None:
    g.started = time.perf_counter()
    given = request.headers.get("X-Request-Id", "")
    request_id.set(given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex)
    path = request.environ["PATH_INFO"]
    if not path.startswith("/") or path.startswith("//"):  # Werkzeug would take it for another
        abort(404)


def finish(response: Response) -> Response:
    """The headers that every answer has, and one log line per request."""
    response.headers.update(HEADERS)
    response.headers["X-Request-Id"] = request_id.get() or ""
    log.log(
        logging.DEBUG if request.path in QUIET else logging.INFO,
        "request",
        extra={
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "ms": round((time.perf_counter() - g.started) * 1000, 1),
        },
    )
    return response


def forget(_: BaseException | None) -> None:
    """The thread goes on to another request."""
    request_id.set(None)


def allow_origins(app: Flask, origins: Sequence[str]) -> None:
    """Let the pages of these origins call the API, and refuse the preflights of others."""

    @app.before_request
    def preflight() -> Response | None:
        method = request.headers.get("Access-Control-Request-Method")
        if request.method != "OPTIONS" or not method:
            return None
        headers = request.headers.get("Access-Control-Request-Headers", "").lower().split(",")
        if (
            request.headers.get("Origin") not in origins
            or method not in CORS_METHODS
            or not {header.strip() for header in headers} <= {"", *CORS_HEADERS}
        ):
            return problem(400, "This origin, method or header is not allowed.")
        allowed = {
            "Access-Control-Allow-Methods": ", ".join(CORS_METHODS),
            "Access-Control-Allow-Headers": ", ".join(CORS_HEADERS),
            "Access-Control-Max-Age": "600",  # seconds
        }
        return Response(headers=allowed)

    @app.after_request
    def allow(response: Response) -> Response:
        response.vary.add("Origin")
        origin = request.headers.get("Origin", "")
        if origin in origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "Location, X-Request-Id"
        return response
