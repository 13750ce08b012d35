"""The changes of notes as they travel."""

import json
import logging
from typing import Any, Literal, NamedTuple

from django.core.exceptions import ValidationError
from ninja.responses import NinjaJSONEncoder
from pydantic import BaseModel

from notes.models import Note
from notes.schemas import NotePublic
from realtime import selectors
from realtime.models import NoteEvent

LIMIT = 200  # events that are read at a time
PING = ": ping\n\n"

log = logging.getLogger(__name__)


class NoteChange(BaseModel):
    """A change, with the note as the API gives it."""

    id: int
    change: Literal["created", "updated", "deleted"]
    note: NotePublic


class Event:
    """A change in both of its forms, written once for everyone who watches."""

    def __init__(self, stored: NoteEvent) -> None:
        note = NotePublic.model_validate(_note(stored.note))
        event = NoteChange(id=stored.pk, change=stored.change, note=note)
        text = json.dumps(event.model_dump(by_alias=True), cls=NinjaJSONEncoder)
        self.id = event.id
        self.sse = server_sent(event.id, event.change, text)
        self.message = f'{{"type": "change", {text[1:]}'


def _note(row: dict[str, Any]) -> Note:
    """The note of a row. A column that came later has its default."""
    fields = {field.column: field for field in Note._meta.concrete_fields}
    known = [(fields[column], value) for column, value in row.items() if column in fields]
    return Note(**{field.attname: field.to_python(value) for field, value in known})


class Page(NamedTuple):
    events: list[Event]
    last: int  # the id of the last event that was read
    is_behind: bool  # whether events that came before these are not kept any more


def page(event_id: int) -> Page:
    """Some events after this one.

    A note that somebody has made unreadable at a database prompt holds up no other.
    """
    found = selectors.after(event_id, limit=LIMIT)
    # An id is left out as well where a change was rolled back.
    is_gap = bool(found) and found[0].pk > event_id + 1
    is_behind = is_gap and not selectors.bounds().can_resume(event_id)
    events = []
    for stored in found:
        event_id = stored.pk
        try:
            events.append(Event(stored))
        except (TypeError, ValueError, ValidationError):
            log.exception("event %s is no change of a note", event_id)
    return Page(events, event_id, is_behind)


def server_sent(event_id: int, name: str, data: str) -> str:
    return f"id: {event_id}\nevent: {name}\ndata: {data}\n\n"


def position(event_id: int, name: Literal["ready", "reset"]) -> str:
    """Where a stream begins: every change after this event follows."""
    return server_sent(event_id, name, f'{{"id":{event_id}}}')
