"""Notes in the database: all that the routes know of it."""

from datetime import UTC, datetime

from sqlalchemy import delete as delete_from
from sqlalchemy import select
from sqlalchemy import update as update_in
from sqlalchemy.ext.asyncio import AsyncSession

from app.notes.models import Note
from app.notes.schemas import NoteCreate, NotePage, NotePublic, NoteUpdate


async def page(session: AsyncSession, *, after: int, limit: int) -> NotePage:
    """The notes whose id is greater than `after`, by id."""
    query = select(Note).where(Note.id > after).order_by(Note.id).limit(limit + 1)
    notes = [NotePublic.model_validate(note) for note in await session.scalars(query)]
    items = notes[:limit]
    return NotePage(items=items, next=items[-1].id if len(notes) > limit else None)


async def get(session: AsyncSession, note_id: int) -> NotePublic | None:
    note = await session.get(Note, note_id)
    return NotePublic.model_validate(note) if note else None


async def create(session: AsyncSession, new: NoteCreate) -> NotePublic:
    now = datetime.now(UTC)
    note = Note(**new.model_dump(), created_at=now, updated_at=now)
    session.add(note)
    await session.commit()
    return NotePublic.model_validate(note)


async def update(session: AsyncSession, note_id: int, change: NoteUpdate) -> NotePublic | None:
    """Change the fields that were sent, in one statement: two clients do not undo each other."""
    fields = change.model_dump(exclude_unset=True)
    if not fields:
        return await get(session, note_id)
    note = await session.scalar(
        update_in(Note)
        .where(Note.id == note_id)
        .values(**fields, updated_at=datetime.now(UTC))
        .returning(Note)
    )
    await session.commit()
    return NotePublic.model_validate(note) if note else None


async def delete(session: AsyncSession, note_id: int) -> bool:
    """Whether there was one to delete."""
    deleted = await session.scalar(delete_from(Note).where(Note.id == note_id).returning(Note.id))
    await session.commit()
    return deleted is not None
