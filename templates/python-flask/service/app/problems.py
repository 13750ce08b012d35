"""Every error leaves the service as RFC 9457 problem details."""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, Response
from pydantic import BaseModel
from werkzeug.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
DETAILS = {
    404: "There is nothing at this path.",
    405: "This path does not take that method.",
    413: "The body is too large.",
}

log = logging.getLogger(__name__)


class Problem(BaseModel):
    type: str = "about:blank"
    title: str
    status: int
    detail: str


class FieldError(BaseModel):
    field: str
    detail: str


class ValidationProblem(Problem):
    errors: list[FieldError]


class NotReady(Problem):
    checks: dict[str, str]


def problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None, **members: object
) -> Response:
    """The answer that says so; `abort` takes it too."""
    title = HTTPStatus(status).phrase
    content = Problem(title=title, status=status, detail=detail).model_dump() | members
    # A name that a client sent may hold half a surrogate pair, which has no UTF-8.
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "replace"), status, headers, content_type=MEDIA_TYPE)


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, unexpected)


def http_error(error: HTTPException) -> Response:
    """What views abort with, and what Flask itself raises for unknown paths and methods."""
    status = error.code or 500
    detail = error.description or ""
    if detail == type(error).description:
        detail = DETAILS.get(status, detail)
    headers = dict(error.get_headers())  # such as Allow
    del headers["Content-Type"]
    return problem(status, detail, headers)


def unexpected(error: Exception) -> Response:
    """The last resort: a fault of ours is logged, and the client learns nothing about it."""
    log.error("unhandled error", exc_info=error)
    return problem(500, "Something went wrong here.")
