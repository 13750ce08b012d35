"""The changes of notes as server-sent events."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Header, Router

from config.problems import responses
from config.strict import strict
from notes.schemas import After
from realtime import selectors
from realtime.streams import EventStream, changes

router = Router(tags=["notes"])
router.add_decorator(strict, mode="view")

STREAM = {
    "responses": {
        200: {
            "description": "Changes as they happen, until one of both sides ends the stream.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    }
}


@router.get("", response={200: None, **responses(422, 503)}, openapi_extra=STREAM)
def watch_notes(
    request: HttpRequest,
    last_event_id: Annotated[After | None, Header(alias="Last-Event-ID")] = None,
) -> EventStream:
    """`Last-Event-ID` resumes after that event, as browsers do by themselves."""
    return EventStream(changes(selectors.bounds(), last_event_id))
