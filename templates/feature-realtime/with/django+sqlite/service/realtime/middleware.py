"""With SQLite nobody else tells of a change: a request that may have made one does."""

from django.http import HttpRequest, HttpResponse

from config.middleware import Handler
from realtime.feed import feed

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}


def wake(get_response: Handler) -> Handler:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method not in SAFE:
            feed.wake()
        return response

    return middleware
