"""The events in the database, which its triggers write."""

from sqlalchemy import func, select

from app.database import Database
from app.realtime.events import Bounds, StoredEvent
from app.realtime.models import NoteEvent


async def bounds(database: Database) -> Bounds:
    async with database.sessions() as session:
        query = select(func.min(NoteEvent.id), func.max(NoteEvent.id))
        first, last = (await session.execute(query)).one()
    return Bounds(first or 1, last or 0)


async def after(database: Database, event_id: int, *, limit: int) -> list[StoredEvent]:
    """The events whose id is greater than `event_id`, by id."""
    query = (
        select(NoteEvent.id, NoteEvent.change, NoteEvent.note)
        .where(NoteEvent.id > event_id)
        .order_by(NoteEvent.id)
        .limit(limit)
    )
    async with database.sessions() as session:
        return [StoredEvent(*row) for row in await session.execute(query)]
