"""All reading of notes."""

from django.db.models import QuerySet

from notes.models import Note


def get_note(note_id: int) -> Note:
    """Raises Note.DoesNotExist."""
    return Note.objects.get(pk=note_id)


def newest_first() -> QuerySet[Note]:
    return Note.objects.order_by("-id")


def page(*, after: int, limit: int) -> tuple[list[Note], int | None]:
    """Notes in order of their ids, and the id after which to go on; None at the end."""
    notes = list(Note.objects.filter(pk__gt=after).order_by("id")[: limit + 1])
    following = notes[limit - 1].pk if len(notes) > limit else None
    return notes[:limit], following
