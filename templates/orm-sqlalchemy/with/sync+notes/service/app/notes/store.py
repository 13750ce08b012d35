"""Notes in the database: all that the routes know of it."""

from datetime import UTC, datetime

from sqlalchemy import delete as delete_from
from sqlalchemy import select
from sqlalchemy import update as update_in
from sqlalchemy.orm import Session

from app.notes.models import Note
from app.notes.schemas import NoteCreate, NotePage, NotePublic, NoteUpdate


def page(session: Session, *, after: int, limit: int) -> NotePage:
    """The notes whose id is greater than `after`, by id."""
    query = select(Note).where(Note.id > after).order_by(Note.id).limit(limit + 1)
    notes = [NotePublic.model_validate(note) for note in session.scalars(query)]
    items = notes[:limit]
    return NotePage(items=items, next=items[-1].id if len(notes) > limit else None)


def get(session: Session, note_id: int) -> NotePublic | None:
    note = session.get(Note, note_id)
    return NotePublic.model_validate(note) if note else None


def create(session: Session, new: NoteCreate) -> NotePublic:
    now = datetime.now(UTC)
    note = Note(**new.model_dump(), created_at=now, updated_at=now)
    session.add(note)
    session.commit()
    return NotePublic.model_validate(note)


def update(session: Session, note_id: int, change: NoteUpdate) -> NotePublic | None:
    """Change the fields that were sent, in one statement: two clients do not undo each other."""
    fields = change.model_dump(exclude_unset=True)
    if not fields:
        return get(session, note_id)
    note = session.scalar(
        update_in(Note)
        .where(Note.id == note_id)
        .values(**fields, updated_at=datetime.now(UTC))
        .returning(Note)
    )
    session.commit()
    return NotePublic.model_validate(note) if note else None


def delete(session: Session, note_id: int) -> bool:
    """Whether there was one to delete."""
    deleted = session.scalar(delete_from(Note).where(Note.id == note_id).returning(Note.id))
    session.commit()
    return deleted is not None
