"""The changes of notes: as they are stored, and as they travel."""

from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from app.notes.schemas import NotePublic


class Bounds(NamedTuple):
    """The ids of the oldest and of the newest event that are stored."""

    first: int
    last: int

    def can_resume(self, event_id: int) -> bool:
        """Whether all that came after this event is still known."""
        return self.first - 1 <= event_id <= self.last


class StoredEvent(NamedTuple):
    id: int
    change: str
    note: dict[str, Any]  # the row


class NoteChange(BaseModel):
    """A change, with the note as the API gives it."""

    id: int
    change: Literal["created", "updated", "deleted"]
    note: NotePublic


class Event:
    """A change in both of its forms, written once for everyone who watches."""

    def __init__(self, stored: StoredEvent) -> None:
        event = NoteChange.model_validate(stored._asdict())
        text = event.model_dump_json(by_alias=True)
        self.id = event.id
        self.sse = server_sent(event.id, event.change, text)
        self.message = f'{{"type":"change",{text[1:]}'


def server_sent(event_id: int, name: str, data: str) -> str:
    return f"id: {event_id}\nevent: {name}\ndata: {data}\n\n"


def position(event_id: int, name: Literal["ready", "reset"]) -> str:
    """Where a stream begins: every change after this event follows."""
    return server_sent(event_id, name, f'{{"id":{event_id}}}')


PING = ": ping\n\n"
