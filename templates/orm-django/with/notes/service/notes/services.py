"""All writing of notes: the API, the pages, the admin and `seed` come here."""

from typing import TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from notes.models import Note


class NoteChange(TypedDict, total=False):
    title: str
    body: str


def create_note(*, title: str, body: str) -> Note:
    now = timezone.now()
    return Note.objects.create(title=title, body=body, created_at=now, updated_at=now)


def update_note(note_id: int, **change: Unpack[NoteChange]) -> Note:
    """Changes what is given and nothing else, in one statement; raises Note.DoesNotExist."""
    with transaction.atomic():  # what is read is what was written
        if change:
            Note.objects.filter(pk=note_id).update(**change, updated_at=timezone.now())
        return Note.objects.get(pk=note_id)


def delete_note(note_id: int) -> None:
    """Raises Note.DoesNotExist."""
    deleted, _ = Note.objects.filter(pk=note_id).delete()
    if not deleted:
        raise Note.DoesNotExist
