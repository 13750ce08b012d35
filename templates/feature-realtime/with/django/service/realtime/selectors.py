"""All reading of events."""

from typing import NamedTuple

from django.db.models import Max, Min

from realtime.models import NoteEvent


class Bounds(NamedTuple):
    """The ids of the oldest and of the newest event that are stored."""

    first: int
    last: int

    def can_resume(self, event_id: int) -> bool:
        """Whether all that came after this event is still known."""
        return self.first - 1 <= event_id <= self.last


def bounds() -> Bounds:
    found = NoteEvent.objects.aggregate(first=Min("pk"), last=Max("pk"))
    return Bounds(found["first"] or 1, found["last"] or 0)


def after(event_id: int, *, limit: int) -> list[NoteEvent]:
    """The events whose id is greater, by id."""
    return list(NoteEvent.objects.filter(pk__gt=event_id).order_by("pk")[:limit])
