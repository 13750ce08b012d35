"""What happens around every request, before a view sees it and after."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from config.database import is_away
from config.logs import request_id
from config.problems import MEDIA_TYPE, ProblemResponse

type Handler = Callable[[HttpRequest], HttpResponse]

QUIET = {"/healthz", "/readyz"}  # asked every few seconds, and worth a line only when debugging
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
DETAILS = {
    400: "The service does not understand this request.",
    403: "This is not allowed. If the page was open for long, load it again.",
    404: "There is nothing at this path.",
    405: "This path does not take that method.",
    413: f"The body may have {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes.",
    503: "The database does not answer.",
}

log = logging.getLogger(__name__)


def request_context(get_response: Handler) -> Handler:
    """The request id, and one log line per request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        given = request.headers.get("X-Request-Id", "")
        current = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request_id.set(current)
        response = get_response(request)
        response["X-Request-Id"] = current
        log.log(
            logging.DEBUG if request.path in QUIET else logging.INFO,
            "request",
            extra={
                "method": request.method,
                "path": request.path,
                "status": response.status_code,
                "ms": round((time.perf_counter() - started) * 1000, 1),
            },
        )
        return response

    return middleware


class Problems:
    """Errors that no view has put into words: problem details, and a page for people.

    The answer keeps its headers: what other middleware has said stays said.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or response["Content-Type"] == MEDIA_TYPE:
            return response
        detail = DETAILS.get(response.status_code, "Something went wrong here.")
        if not _wants_page(request):
            response.content = ProblemResponse(response.status_code, detail).content
            response["Content-Type"] = MEDIA_TYPE
        elif not (settings.DEBUG and response.content):
            title = HTTPStatus(response.status_code).phrase
            response.content = render_to_string("error.html", {"title": title, "detail": detail})
            response["Content-Type"] = "text/html; charset=utf-8"
        response["Content-Length"] = str(len(response.content))
        return response

    def process_exception(self, _: HttpRequest, error: Exception) -> HttpResponse | None:
        """What a view leans on is away for now: that is no fault of ours."""
        if not is_away(error):
            return None
        log.warning("the database is away: %s", error)
        return HttpResponse(status=503, headers={"Retry-After": "2"})


def _wants_page(request: HttpRequest) -> bool:
    """Whether a browser shows the answer to somebody; a program may say nothing, or `*/*`."""
    return (
        not request.path.startswith("/api/")
        and request.get_preferred_type([MEDIA_TYPE, "text/html"]) == "text/html"
    )


def body_limit(get_response: Handler) -> Handler:
    """Refuses what is too long; `config.asgi` has seen to it that no more has been read."""

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            too_long = len(request.body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        except RequestDataTooBig:  # by its declared length
            too_long = True
        return HttpResponse(status=413) if too_long else get_response(request)

    return middleware
